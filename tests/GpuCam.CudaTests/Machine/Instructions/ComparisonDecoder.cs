using System.Numerics;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>setp</c> and <c>testp</c>.</summary>
internal static class ComparisonDecoder
{
    private readonly record struct Places(int Predicate, int A, int B, Junction Junction, int Other, uint Flip);

    public static Instruction Compare(Operands o)
    {
        string[] words = [.. o.Modifiers.Where(modifier => modifier != "ftz")];
        bool joins = words.Length == 2 && o.Count == 4;
        if (!joins && (words.Length != 1 || o.Count != 3))
        {
            throw o.Unknown();
        }

        int bytes = o.Type.RegisterBytes;
        (int predicate, _) = o.Predicate(0);
        (int other, uint flip) = joins ? o.Predicate(3) : (RegisterLayout.False, 0);
        Junction junction = !joins ? Junction.None : words[1] switch
        {
            "and" => Junction.And,
            "or" => Junction.Or,
            "xor" => Junction.ExclusiveOr,
            _ => throw o.Unknown(),
        };
        var places = new Places(predicate, o.Value(1, bytes), o.Value(2, bytes), junction, other, flip);
        return (o.Type.Kind, o.Type.Bytes) switch
        {
            (TypeKind.Signed, 4) => Integers<int>(o, words[0], places),
            (TypeKind.Signed, 8) => Integers<long>(o, words[0], places),
            (TypeKind.Unsigned or TypeKind.Bits, 4) => Integers<uint>(o, words[0], places),
            (TypeKind.Unsigned or TypeKind.Bits, 8) => Integers<ulong>(o, words[0], places),
            (TypeKind.Float, 4) => Floats(o, words[0], places),
            _ => throw o.Unknown(),
        };
    }

    /// <summary>A property of one float.</summary>
    public static Instruction Test(Operands o)
    {
        if (o.Type != new PtxType(TypeKind.Float, 4))
        {
            throw o.Unknown();
        }

        (int predicate, _) = o.Predicate(0);
        var places = new Places(predicate, o.Value(1, 4), o.Value(1, 4), Junction.None, RegisterLayout.False, 0);
        return o.Modification switch
        {
            "notanumber" => Make<float, OneNotANumber>(places),
            "number" => Make<float, BothNumbers>(places),
            "infinite" => Make<float, Infinite>(places),
            "finite" => Make<float, Finite>(places),
            _ => throw o.Unknown(),
        };
    }

    private static Instruction Integers<T>(Operands o, string word, Places places)
        where T : unmanaged, INumber<T> => word switch
        {
            "eq" => Make<T, Equal<T>>(places),
            "ne" => Make<T, NotEqual<T>>(places),
            "lt" or "lo" => Make<T, Less<T>>(places),
            "le" or "ls" => Make<T, LessOrEqual<T>>(places),
            "gt" or "hi" => Make<T, Greater<T>>(places),
            "ge" or "hs" => Make<T, GreaterOrEqual<T>>(places),
            _ => throw o.Unknown(),
        };

    private static Instruction Floats(Operands o, string word, Places places) => word switch
    {
        "eq" => Ordered<Equal<float>>(o, places),
        "ne" => Ordered<NotEqual<float>>(o, places),
        "lt" => Ordered<Less<float>>(o, places),
        "le" => Ordered<LessOrEqual<float>>(o, places),
        "gt" => Ordered<Greater<float>>(o, places),
        "ge" => Ordered<GreaterOrEqual<float>>(o, places),
        "equ" => Ordered<OrUnordered<Equal<float>>>(o, places),
        "neu" => Ordered<OrUnordered<NotEqual<float>>>(o, places),
        "ltu" => Ordered<OrUnordered<Less<float>>>(o, places),
        "leu" => Ordered<OrUnordered<LessOrEqual<float>>>(o, places),
        "gtu" => Ordered<OrUnordered<Greater<float>>>(o, places),
        "geu" => Ordered<OrUnordered<GreaterOrEqual<float>>>(o, places),
        "num" => Ordered<BothNumbers>(o, places),
        "nan" => Ordered<OneNotANumber>(o, places),
        _ => throw o.Unknown(),
    };

    private static Instruction Ordered<TComparison>(Operands o, Places places)
        where TComparison : struct, IComparison<float> =>
        o.Has("ftz") ? Make<float, Flushing<TComparison>>(places) : Make<float, TComparison>(places);

    private static Compare<T, TComparison> Make<T, TComparison>(Places p)
        where T : unmanaged
        where TComparison : struct, IComparison<T> => new(p.Predicate, p.A, p.B, p.Junction, p.Other, p.Flip);
}
