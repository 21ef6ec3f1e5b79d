using System.Numerics;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>cvt</c>.</summary>
internal static class ConversionDecoder
{
    public static Instruction Convert(Operands o) => (o.Modification, o.TypeCount) switch
    {
        ("rn.bf16x2", 1) => new Binary<float, uint, PackBFloat16>(o.Target(0, 4), o.Value(1, 4), o.Value(2, 4)),
        ("rna.tf32", 1) => new Unary<float, uint, ToTF32>(o.Target(0, 4), o.Value(1, 4)),
        (_, 2) => (o.FirstType.Kind == TypeKind.Float, o.Type.Kind == TypeKind.Float) switch
        {
            (false, false) => Integers(o.Allow()),
            (true, false) => ToFloats(o.Allow("rn")),
            (false, true) => FromFloats(o.Allow("rzi", "rni", "rmi", "rpi", "ftz")),
            (true, true) => Whole(o.Allow("rzi", "rni", "rmi", "rpi", "ftz")),
        },
        _ => throw o.Unknown(),
    };

    private static Instruction Integers(Operands o) => o.Type switch
    {
        (TypeKind.Signed, 1) => Integers<uint, sbyte>(o),
        (TypeKind.Unsigned, 1) => Integers<uint, byte>(o),
        (TypeKind.Signed, 2) => Integers<uint, short>(o),
        (TypeKind.Unsigned, 2) => Integers<uint, ushort>(o),
        (TypeKind.Signed, 4) => Integers<uint, int>(o),
        (TypeKind.Unsigned, 4) => Integers<uint, uint>(o),
        (TypeKind.Signed, 8) => Integers<ulong, long>(o),
        (TypeKind.Unsigned, 8) => Integers<ulong, ulong>(o),
        _ => throw o.Unknown(),
    };

    private static Instruction Integers<TSource, TFrom>(Operands o)
        where TSource : unmanaged, IBinaryInteger<TSource>
        where TFrom : unmanaged, IBinaryInteger<TFrom> => o.FirstType switch
        {
            (TypeKind.Signed, 1) => Make<TSource, TFrom, sbyte, uint>(o),
            (TypeKind.Unsigned, 1) => Make<TSource, TFrom, byte, uint>(o),
            (TypeKind.Signed, 2) => Make<TSource, TFrom, short, uint>(o),
            (TypeKind.Unsigned, 2) => Make<TSource, TFrom, ushort, uint>(o),
            (TypeKind.Signed, 4) => Make<TSource, TFrom, int, uint>(o),
            (TypeKind.Unsigned, 4) => Make<TSource, TFrom, uint, uint>(o),
            (TypeKind.Signed, 8) => Make<TSource, TFrom, long, ulong>(o),
            (TypeKind.Unsigned, 8) => Make<TSource, TFrom, ulong, ulong>(o),
            _ => throw o.Unknown(),
        };

    private static Unary<TSource, TTarget, ConvertInteger<TSource, TFrom, TTo, TTarget>> Make<TSource, TFrom, TTo, TTarget>(Operands o)
        where TSource : unmanaged, IBinaryInteger<TSource>
        where TFrom : unmanaged, IBinaryInteger<TFrom>
        where TTo : unmanaged, IBinaryInteger<TTo>
        where TTarget : unmanaged, IBinaryInteger<TTarget> =>
        new(o.Target(0, o.FirstType.RegisterBytes), o.Value(1, o.Type.RegisterBytes));

    private static Instruction ToFloats(Operands o) => (o.FirstType.Bytes, o.Type.Kind, o.Type.Bytes) switch
    {
        (4, TypeKind.Signed, 4) => new Unary<int, float, ToFloat<int>>(o.Target(0, 4), o.Value(1, 4)),
        (4, TypeKind.Unsigned, 4) => new Unary<uint, float, ToFloat<uint>>(o.Target(0, 4), o.Value(1, 4)),
        (4, TypeKind.Signed, 8) => new Unary<long, float, ToFloat<long>>(o.Target(0, 4), o.Value(1, 8)),
        (4, TypeKind.Unsigned, 8) => new Unary<ulong, float, ToFloat<ulong>>(o.Target(0, 4), o.Value(1, 8)),
        _ => throw o.Unknown(),
    };

    private static Instruction FromFloats(Operands o) => Rounding(o) switch
    {
        "rzi" => FromFloats<TowardsZero>(o),
        "rni" => FromFloats<ToNearestEven>(o),
        "rmi" => FromFloats<Down>(o),
        _ => FromFloats<Up>(o),
    };

    private static Instruction FromFloats<TRounding>(Operands o)
        where TRounding : struct, IRounding => (o.Type.Bytes, o.FirstType.Kind, o.FirstType.Bytes) switch
        {
            (4, TypeKind.Signed, 4) => new Unary<float, int, ToInteger<int, TRounding>>(o.Target(0, 4), o.Value(1, 4)),
            (4, TypeKind.Unsigned, 4) => new Unary<float, uint, ToInteger<uint, TRounding>>(o.Target(0, 4), o.Value(1, 4)),
            (4, TypeKind.Signed, 8) => new Unary<float, long, ToInteger<long, TRounding>>(o.Target(0, 8), o.Value(1, 4)),
            (4, TypeKind.Unsigned, 8) => new Unary<float, ulong, ToInteger<ulong, TRounding>>(o.Target(0, 8), o.Value(1, 4)),
            _ => throw o.Unknown(),
        };

    private static Instruction Whole(Operands o) => Rounding(o) switch
    {
        "rzi" => Whole<TowardsZero>(o),
        "rni" => Whole<ToNearestEven>(o),
        "rmi" => Whole<Down>(o),
        _ => Whole<Up>(o),
    };

    private static Instruction Whole<TRounding>(Operands o)
        where TRounding : struct, IRounding => (o.FirstType.Bytes, o.Type.Bytes, o.Has("ftz")) switch
        {
            (4, 4, true) => new Unary<float, float, ToWhole<TRounding, Flushed>>(o.Target(0, 4), o.Value(1, 4)),
            (4, 4, false) => new Unary<float, float, ToWhole<TRounding, Kept>>(o.Target(0, 4), o.Value(1, 4)),
            _ => throw o.Unknown(),
        };

    private static string Rounding(Operands o) => o.Modifiers.SingleOrDefault(modifier => modifier != "ftz") ?? throw o.Unknown();
}
