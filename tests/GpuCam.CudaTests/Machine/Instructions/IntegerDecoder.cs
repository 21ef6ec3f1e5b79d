using System.Numerics;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>Integer arithmetic and logic on 32 and 64 bits.</summary>
internal static class IntegerDecoder
{
    public static Instruction Decode(Operands o) => (o.Type.Kind, o.Type.Bytes) switch
    {
        (TypeKind.Signed, 4) => Decode<int, long>(o, 4),
        (TypeKind.Signed, 8) => Decode<long, Int128>(o, 8),
        (TypeKind.Unsigned or TypeKind.Bits, 4) => Decode<uint, ulong>(o, 4),
        (TypeKind.Unsigned or TypeKind.Bits, 8) => Decode<ulong, UInt128>(o, 8),
        _ => throw o.Unknown(),
    };

    private static Instruction Decode<T, TWide>(Operands o, int n)
        where T : unmanaged, IBinaryInteger<T>
        where TWide : unmanaged, IBinaryInteger<TWide> => (o.Name, o.Modification) switch
        {
            ("add", "") => Two<T, Add<T>>(o, n),
            ("sub", "") => Two<T, Subtract<T>>(o, n),
            ("mul", "lo") => Two<T, MultiplyLow<T>>(o, n),
            ("mul", "hi") => Two<T, MultiplyHigh<T, TWide>>(o, n),
            ("mul", "wide") when n == 4 => new Binary<T, TWide, MultiplyWide<T, TWide>>(o.Target(0, 8), o.Value(1, 4), o.Value(2, 4)),
            ("mad", "lo") => new Ternary<T, T, MultiplyAddLow<T>>(o.Target(0, n), o.Value(1, n), o.Value(2, n), o.Value(3, n)),
            ("mad", "wide") when n == 4 => new Ternary<T, TWide, MultiplyAddWide<T, TWide>>(
                o.Target(0, 8), o.Value(1, 4), o.Value(2, 4), o.Value(3, 8)),
            ("div", "") => Two<T, Divide<T>>(o, n),
            ("rem", "") => Two<T, Remainder<T>>(o, n),
            ("min", "") => Two<T, Minimum<T>>(o, n),
            ("max", "") => Two<T, Maximum<T>>(o, n),
            ("and", "") => Two<T, And<T>>(o, n),
            ("or", "") => Two<T, Or<T>>(o, n),
            ("xor", "") => Two<T, ExclusiveOr<T>>(o, n),
            ("not", "") => One<T, Not<T>>(o, n),
            ("neg", "") => One<T, Negate<T>>(o, n),
            ("abs", "") => One<T, Absolute<T>>(o, n),
            ("shl", "") => new Shift<T>(o.Target(0, n), o.Value(1, n), o.Value(2, 4), left: true),
            ("shr", "") => new Shift<T>(o.Target(0, n), o.Value(1, n), o.Value(2, 4), left: false),
            _ => throw o.Unknown(),
        };

    private static Unary<T, T, TOperation> One<T, TOperation>(Operands o, int bytes)
        where T : unmanaged
        where TOperation : struct, IUnary<T, T> => new(o.Target(0, bytes), o.Value(1, bytes));

    private static Binary<T, T, TOperation> Two<T, TOperation>(Operands o, int bytes)
        where T : unmanaged
        where TOperation : struct, IBinary<T, T> => new(o.Target(0, bytes), o.Value(1, bytes), o.Value(2, bytes));
}
