namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>What becomes of numbers below 2^-126.</summary>
internal interface ISubnormals
{
    static abstract float Apply(float x);
}

/// <summary>They stay.</summary>
internal readonly struct Kept : ISubnormals
{
    public static float Apply(float x) => x;
}

/// <summary>They become zeros of their sign: <c>.ftz</c>.</summary>
internal readonly struct Flushed : ISubnormals
{
    public static float Apply(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return (bits & 0x7F80_0000) == 0 ? BitConverter.UInt32BitsToSingle(bits & 0x8000_0000) : x;
    }
}

internal readonly struct FloatAdd<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => TSmall.Apply(TSmall.Apply(x) + TSmall.Apply(y));
}

internal readonly struct FloatSubtract<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => TSmall.Apply(TSmall.Apply(x) - TSmall.Apply(y));
}

internal readonly struct FloatMultiply<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => TSmall.Apply(TSmall.Apply(x) * TSmall.Apply(y));
}

/// <summary>Rounded once.</summary>
internal readonly struct FloatMultiplyAdd<TSmall> : ITernary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y, float z) =>
        TSmall.Apply(MathF.FusedMultiplyAdd(TSmall.Apply(x), TSmall.Apply(y), TSmall.Apply(z)));
}

/// <summary>x * y - z, rounded once: see <see cref="Text.Contraction"/>.</summary>
internal readonly struct FloatMultiplySubtract<TSmall> : ITernary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y, float z) => FloatMultiplyAdd<TSmall>.Apply(x, y, -z);
}

/// <summary>z - x * y, rounded once.</summary>
internal readonly struct FloatMultiplyFrom<TSmall> : ITernary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y, float z) => FloatMultiplyAdd<TSmall>.Apply(-x, y, z);
}

internal readonly struct FloatDivide<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => TSmall.Apply(TSmall.Apply(x) / TSmall.Apply(y));
}

/// <summary>
/// <c>div.approx</c>, which multiplies by the reciprocal: beyond 2^126 that is too small for a float, and the quotient 0, or NaN for an
/// infinite dividend (PTX ISA, div).
/// </summary>
internal readonly struct FloatDivideApproximately<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    private const float Largest = 8.507059e37f;

    public static float Apply(float x, float y)
    {
        float size = MathF.Abs(y);
        return size > Largest && float.IsFinite(size)
            ? float.IsFinite(x) ? MathF.CopySign(0, x) * MathF.Sign(y) : float.NaN
            : FloatDivide<TSmall>.Apply(x, y);
    }
}

/// <summary>The one that is a number, if only one is.</summary>
internal readonly struct FloatMinimum<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => float.IsNaN(x) ? TSmall.Apply(y)
        : float.IsNaN(y) ? TSmall.Apply(x) : MathF.Min(TSmall.Apply(x), TSmall.Apply(y));
}

/// <summary>The one that is a number, if only one is.</summary>
internal readonly struct FloatMaximum<TSmall> : IBinary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x, float y) => float.IsNaN(x) ? TSmall.Apply(y)
        : float.IsNaN(y) ? TSmall.Apply(x) : MathF.Max(TSmall.Apply(x), TSmall.Apply(y));
}

internal readonly struct FloatNegate<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply(-x);
}

internal readonly struct FloatAbsolute<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply(MathF.Abs(x));
}

internal readonly struct FloatReciprocal<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply(1 / TSmall.Apply(x));
}

internal readonly struct FloatSquareRoot<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply(MathF.Sqrt(TSmall.Apply(x)));
}

internal readonly struct FloatReciprocalSquareRoot<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply((float)(1 / Math.Sqrt(TSmall.Apply(x))));
}

/// <summary>2^x, right to half a unit in the last place where a card is to about two.</summary>
internal readonly struct FloatExponential<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply((float)Math.Pow(2, TSmall.Apply(x)));
}

/// <summary>log2(x), likewise.</summary>
internal readonly struct FloatLogarithm<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply((float)Math.Log2(TSmall.Apply(x)));
}

internal readonly struct FloatSine<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply((float)Math.Sin(TSmall.Apply(x)));
}

internal readonly struct FloatCosine<TSmall> : IUnary<float, float>
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TSmall.Apply((float)Math.Cos(TSmall.Apply(x)));
}
