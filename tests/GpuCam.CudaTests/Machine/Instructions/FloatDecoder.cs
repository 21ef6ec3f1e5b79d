namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>Arithmetic in float32. Approximate functions are computed exactly and rounded.</summary>
internal static class FloatDecoder
{
    public static Instruction Decode(Operands o) =>
        o.Type.Bytes != 4 ? throw o.Unknown() : o.Has("ftz") ? Decode<Flushed>(o) : Decode<Kept>(o);

    private static Instruction Decode<TSmall>(Operands o)
        where TSmall : struct, ISubnormals => (o.Name, string.Join('.', o.Modifiers.Where(modifier => modifier != "ftz"))) switch
        {
            ("add", "" or "rn") => Two<FloatAdd<TSmall>>(o),
            ("sub", "" or "rn") => Two<FloatSubtract<TSmall>>(o),
            ("mul", "" or "rn") => Two<FloatMultiply<TSmall>>(o),
            ("fma" or "mad", "rn") => new Ternary<float, float, FloatMultiplyAdd<TSmall>>(
                o.Target(0, 4), o.Value(1, 4), o.Value(2, 4), o.Value(3, 4)),
            ("fma", "rn.minus") => new Ternary<float, float, FloatMultiplySubtract<TSmall>>(
                o.Target(0, 4), o.Value(1, 4), o.Value(2, 4), o.Value(3, 4)),
            ("fma", "rn.from") => new Ternary<float, float, FloatMultiplyFrom<TSmall>>(
                o.Target(0, 4), o.Value(1, 4), o.Value(2, 4), o.Value(3, 4)),
            ("div", "rn" or "full") => Two<FloatDivide<TSmall>>(o),
            ("div", "approx") => Two<FloatDivideApproximately<TSmall>>(o),
            ("min", "") => Two<FloatMinimum<TSmall>>(o),
            ("max", "") => Two<FloatMaximum<TSmall>>(o),
            ("neg", "") => One<FloatNegate<TSmall>>(o),
            ("abs", "") => One<FloatAbsolute<TSmall>>(o),
            ("rcp", "rn" or "approx") => One<FloatReciprocal<TSmall>>(o),
            ("sqrt", "rn" or "approx") => One<FloatSquareRoot<TSmall>>(o),
            ("rsqrt", "approx") => One<FloatReciprocalSquareRoot<TSmall>>(o),
            ("ex2", "approx") => One<FloatExponential<TSmall>>(o),
            ("lg2", "approx") => One<FloatLogarithm<TSmall>>(o),
            ("sin", "approx") => One<FloatSine<TSmall>>(o),
            ("cos", "approx") => One<FloatCosine<TSmall>>(o),
            _ => throw o.Unknown(),
        };

    private static Unary<float, float, TOperation> One<TOperation>(Operands o)
        where TOperation : struct, IUnary<float, float> => new(o.Target(0, 4), o.Value(1, 4));

    private static Binary<float, float, TOperation> Two<TOperation>(Operands o)
        where TOperation : struct, IBinary<float, float> => new(o.Target(0, 4), o.Value(1, 4), o.Value(2, 4));
}
