using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Exponentials lane by lane, within 4e-7 of the largest value; formulas and limits are those of <see cref="Ops.Exponentials"/> and
/// <see cref="Ops.ErrorFunction"/>. A NaN stays one.
/// </summary>
internal static class VectorMath
{
    /// <summary>The smaller; b where one of them is NaN.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Min<TV>(TV a, TV b)
        where TV : unmanaged, IVector<TV> => TV.SelectGreater(b, a, a, b);

    /// <summary>Not below <paramref name="low"/>, not above <paramref name="high"/>; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Clip<TV>(TV x, TV low, TV high)
        where TV : unmanaged, IVector<TV>
    {
        TV notBelow = TV.SelectGreater(low, x, low, x);
        return TV.SelectGreater(notBelow, high, high, notBelow);
    }

    /// <summary>
    /// e to the power of x: 2^n * e^r, n the whole number next to x / ln 2, r what is left, |r| ≤ ln 2 / 2, by a polynomial fitted in
    /// Chebyshev points. Zero where the result would be subnormal.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Exp<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV lowest = TV.Broadcast(-87.33f), highest = TV.Broadcast(88.72f);
        TV result = TV.SelectGreater(lowest, x, default, ExpWithin(TV.Min(highest, TV.Max(lowest, x))));
        return TV.SelectGreaterOrNaN(x, highest, x + TV.Broadcast(float.PositiveInfinity), result);
    }

    /// <summary>The same where the result is a normal number; a NaN need not stay one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV ExpWithin<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV whole = TV.Broadcast(12582912f), shifted = TV.MulAdd(x, TV.Broadcast(1.44269504f), whole), n = shifted - whole;
        TV r = TV.MulAdd(n, TV.Broadcast(-0.693359375f), x);
        r = TV.MulAdd(n, TV.Broadcast(2.12194440e-4f), r);
        TV p = TV.MulAdd(r, TV.Broadcast(0.0013933753f), TV.Broadcast(0.0083632488f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.041666463f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.16666576f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.5f));
        p = TV.MulAdd(p * r, r, r) + TV.Broadcast(1);
        return TV.TimesPowerOfTwo(p, shifted);
    }

    /// <summary>1 / (1 + exp(-x)); zero below -87.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Sigmoid<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        // Zero times what went in keeps a NaN, which the bits of an exponential need not.
        TV lowest = TV.Broadcast(-87), within = TV.Min(TV.Broadcast(87), TV.Max(lowest, x));
        TV sum = TV.MulAdd(within, default, ExpWithin(default(TV) - within)) + TV.Broadcast(1);
        return TV.SelectGreater(lowest, x, default, TV.Reciprocal(sum));
    }

    /// <summary>Derivative of x * sigmoid(t), where <paramref name="inner"/> is t' * x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV SigmoidProductSlope<TV>(TV t, TV inner)
        where TV : unmanaged, IVector<TV>
    {
        TV sigmoid = Sigmoid(t);
        return TV.MulAdd(inner * sigmoid, TV.Broadcast(1) - sigmoid, sigmoid);
    }

    /// <summary>tanh.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Tanh<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV one = TV.Broadcast(1), square = x * x;
        TV p = TV.MulAdd(square, TV.Broadcast(62f / 2835), TV.Broadcast(-17f / 315));
        p = TV.MulAdd(p, square, TV.Broadcast(2f / 15));
        p = TV.MulAdd(p, square, TV.Broadcast(-1f / 3));
        TV series = TV.MulAdd(p * square, x, x), large = one - (TV.Broadcast(2) / (Exp(x + x) + one));
        return TV.SelectGreater(TV.Broadcast(0.09f), square, series, large);
    }

    /// <summary>log(1 + exp(x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Softplus<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV one = TV.Broadcast(1), size = TV.SelectGreater(default, x, default(TV) - x, x), e = Exp(default(TV) - size);
        TV s = e / (one + one + e), square = s * s;
        TV p = TV.MulAdd(square, TV.Broadcast(1f / 11), TV.Broadcast(1f / 9));
        p = TV.MulAdd(p, square, TV.Broadcast(1f / 7));
        p = TV.MulAdd(p, square, TV.Broadcast(1f / 5));
        p = TV.MulAdd(p, square, TV.Broadcast(1f / 3));
        p = TV.MulAdd(p, square, one);
        return TV.MulAdd(s + s, p, TV.SelectGreater(x, default, x, default));
    }

    /// <summary>tanh(log(1 + exp(x))).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV TanhOfSoftplus<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV two = TV.Broadcast(2), limit = TV.Broadcast(20), e = Exp(TV.SelectGreater(x, limit, limit, x)), part = e * (e + two);
        return part / (part + two);
    }

    /// <summary>The error function within 4e-7: x times a quotient of polynomials of x * x, fitted for the least largest error.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Erf<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV one = TV.Broadcast(1), square = x * x;
        TV p = TV.MulAdd(square, TV.Broadcast(2.03456296e-6f), TV.Broadcast(0.000287455083f));
        TV q = TV.MulAdd(square, TV.Broadcast(3.80675299e-5f), TV.Broadcast(0.00118800752f));
        p = TV.MulAdd(p, square, TV.Broadcast(0.00386803331f));
        q = TV.MulAdd(q, square, TV.Broadcast(0.0151717761f));
        p = TV.MulAdd(p, square, TV.Broadcast(0.0530596614f));
        q = TV.MulAdd(q, square, TV.Broadcast(0.115082558f));
        p = TV.MulAdd(p, square, TV.Broadcast(0.192759627f));
        q = TV.MulAdd(q, square, TV.Broadcast(0.504160449f));
        p = TV.MulAdd(p, square, TV.Broadcast(1.12837902f));
        q = TV.MulAdd(q, square, one);

        // From here on erf rounds to 1, and the squares of large numbers would not do.
        TV limit = TV.Broadcast(3.92f), value = x * p * TV.Reciprocal(q);
        value = TV.SelectGreater(x, limit, one, value);
        return TV.SelectGreater(default(TV) - limit, x, default(TV) - one, value);
    }

    /// <summary>The share of a normal distribution below x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Normal<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV half = TV.Broadcast(0.5f);
        return TV.MulAdd(half, Erf(x * TV.Broadcast(0.70710678f)), half);
    }
}
