using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>What the machine can execute: from an instruction's text to the object that does it.</summary>
internal static class InstructionSet
{
    /// <summary>Decodes one instruction.</summary>
    /// <exception cref="MachineFault">It is not known here.</exception>
    public static Instruction Decode(string kernel, PtxStatement statement, SymbolTable symbols, int index)
    {
        try
        {
            int guard = statement.Guard is null ? -1 : symbols.Predicate(statement.Guard);
            return Decode(new Operands(statement, symbols)).Placed(index, statement, guard);
        }
        catch (MachineFault fault) when (fault.Kernel.Length == 0)
        {
            throw new MachineFault(fault.Wrong) { Kernel = kernel, Line = statement.Line, Instruction = statement.Text };
        }
    }

    private static Instruction Decode(Operands o) => o.Name switch
    {
        "ld" or "st" => MemoryDecoder.Access(o),
        "cp" => MemoryDecoder.AsyncCopy(o),
        "ldmatrix" => MatrixDecoder.Load(o),
        "mma" => MatrixDecoder.Multiply(o),
        "bra" => new Branch(o.Allow("uni").Text(0), o.Has("uni")),
        "brx" => new IndexedBranch(o.Allow("idx", "uni").Value(0, 4), o.Text(1), o.Has("uni")),
        "ret" or "exit" => new Return(o.Allow("uni").Has("uni")),
        "bar" or "barrier" => Barrier(o),
        "setp" => ComparisonDecoder.Compare(o),
        "testp" => ComparisonDecoder.Test(o),
        "cvt" => ConversionDecoder.Convert(o),
        "cvta" => o.Type.Bytes == 8 ? ChangeSpace(o) : throw o.Unknown(),
        "selp" => Select(o),
        "mov" => o.Type.Kind == TypeKind.Predicate ? Join(o, Junction.None) : Move(o),
        _ => o.Type.Kind switch
        {
            TypeKind.Predicate => Join(o, o.Name switch
            {
                "and" => Junction.And,
                "or" => Junction.Or,
                "xor" => Junction.ExclusiveOr,
                "not" => Junction.None,
                _ => throw o.Unknown(),
            }),
            TypeKind.Float => FloatDecoder.Decode(o),
            _ => IntegerDecoder.Decode(o),
        },
    };

    private static GroupBarrier Barrier(Operands o) =>
        o.Modification is "sync" or "cta.sync" or "sync.aligned" or "cta.sync.aligned" && o.Count == 1 && o.Text(0) == "0"
            ? new GroupBarrier()
            : throw o.Unknown();

    private static Instruction ChangeSpace(Operands o) => o.Modification switch
    {
        "to.global" or "global" => Move(o),
        "shared" => Shifted<Add<ulong>>(o, GenericSpace.SharedWindow),
        "to.shared" => Shifted<Subtract<ulong>>(o, GenericSpace.SharedWindow),
        "local" => Shifted<Add<ulong>>(o, GenericSpace.LocalWindow),
        "to.local" => Shifted<Subtract<ulong>>(o, GenericSpace.LocalWindow),
        _ => throw o.Unknown(),
    };

    private static Binary<ulong, ulong, TOperation> Shifted<TOperation>(Operands o, long window)
        where TOperation : struct, IBinary<ulong, ulong> => new(o.Target(0, 8), o.Value(1, 8), o.Constant((ulong)window, 8));

    private static Instruction Move(Operands o) => o.Type.RegisterBytes == 8
        ? new Unary<ulong, ulong, Copy<ulong>>(o.Target(0, 8), o.Value(1, 8))
        : new Unary<uint, uint, Copy<uint>>(o.Target(0, 4), o.Value(1, 4));

    private static Instruction Select(Operands o)
    {
        (int predicate, uint flip) = o.Allow().Predicate(3);
        return o.Type.RegisterBytes == 8
            ? new Select<ulong>(o.Target(0, 8), o.Value(1, 8), o.Value(2, 8), predicate, flip)
            : new Select<uint>(o.Target(0, 4), o.Value(1, 4), o.Value(2, 4), predicate, flip);
    }

    private static JoinPredicates Join(Operands o, Junction junction)
    {
        (int target, _) = o.Allow().Predicate(0);
        (int a, uint flipA) = o.Predicate(1);
        (int b, uint flipB) = junction == Junction.None ? (RegisterLayout.False, 0) : o.Predicate(2);
        return new JoinPredicates(target, a, o.Name == "not" ? ~flipA : flipA, b, flipB, junction);
    }
}
