using System.Numerics;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>
/// From one integer to another: read as <typeparamref name="TFrom"/>, cut to <typeparamref name="TTo"/>, and extended to the register.
/// </summary>
internal readonly struct ConvertInteger<TSource, TFrom, TTo, TTarget> : IUnary<TSource, TTarget>
    where TSource : unmanaged, IBinaryInteger<TSource>
    where TFrom : unmanaged, IBinaryInteger<TFrom>
    where TTo : unmanaged, IBinaryInteger<TTo>
    where TTarget : unmanaged, IBinaryInteger<TTarget>
{
    public static TTarget Apply(TSource x) => TTarget.CreateTruncating(TTo.CreateTruncating(TFrom.CreateTruncating(x)));
}

/// <summary>To the nearest float, ties to even.</summary>
internal readonly struct ToFloat<T> : IUnary<T, float>
    where T : unmanaged, IBinaryInteger<T>
{
    public static float Apply(T x) => float.CreateTruncating(x);
}

/// <summary>How a float becomes whole.</summary>
internal interface IRounding
{
    static abstract float Apply(float x);
}

internal readonly struct TowardsZero : IRounding
{
    public static float Apply(float x) => MathF.Truncate(x);
}

internal readonly struct ToNearestEven : IRounding
{
    public static float Apply(float x) => MathF.Round(x, MidpointRounding.ToEven);
}

internal readonly struct Down : IRounding
{
    public static float Apply(float x) => MathF.Floor(x);
}

internal readonly struct Up : IRounding
{
    public static float Apply(float x) => MathF.Ceiling(x);
}

/// <summary>To an integer: the nearest that the type has, and 0 for NaN.</summary>
internal readonly struct ToInteger<T, TRounding> : IUnary<float, T>
    where T : unmanaged, IBinaryInteger<T>
    where TRounding : struct, IRounding
{
    public static T Apply(float x) => float.IsNaN(x) ? T.Zero : T.CreateSaturating(TRounding.Apply(x));
}

/// <summary>To a whole float.</summary>
internal readonly struct ToWhole<TRounding, TSmall> : IUnary<float, float>
    where TRounding : struct, IRounding
    where TSmall : struct, ISubnormals
{
    public static float Apply(float x) => TRounding.Apply(TSmall.Apply(x));
}

/// <summary><c>cvt.rn.bf16x2.f32</c>: the first value goes to the upper half, the second to the lower one.</summary>
internal readonly struct PackBFloat16 : IBinary<float, uint>
{
    public static uint Apply(float x, float y) => (Round(x) << 16) | Round(y);

    /// <summary>To the nearest with 7 bits of mantissa, ties to even; a NaN becomes the one of PTX.</summary>
    private static uint Round(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return float.IsNaN(value) ? 0x7FFF : (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    }
}

/// <summary><c>cvt.rna.tf32.f32</c>: to the nearest with 10 bits of mantissa, ties away from zero.</summary>
internal readonly struct ToTF32 : IUnary<float, uint>
{
    public static uint Apply(float x)
    {
        uint bits = BitConverter.SingleToUInt32Bits(x);
        return float.IsFinite(x) ? (bits + 0x1000) & 0xFFFF_E000 : float.IsNaN(x) ? 0x7FFF_FFFF : bits;
    }
}
