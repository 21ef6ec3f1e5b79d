using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Exponentials lane by lane, within 2e-7 of the largest value; formulas and limits are those of <see cref="Ops.Exponentials"/> and
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
        TV lowest = TV.Broadcast(-87.33f), highest = TV.Broadcast(88.72f), whole = TV.Broadcast(12582912f);
        TV clipped = Clip(x, lowest, highest), shifted = TV.MulAdd(clipped, TV.Broadcast(1.44269504f), whole), n = shifted - whole;
        TV r = TV.MulAdd(n, TV.Broadcast(-0.693359375f), clipped);
        r = TV.MulAdd(n, TV.Broadcast(2.12194440e-4f), r);
        TV p = TV.MulAdd(r, TV.Broadcast(0.0013933753f), TV.Broadcast(0.0083632488f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.041666463f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.16666576f));
        p = TV.MulAdd(p, r, TV.Broadcast(0.5f));
        p = TV.MulAdd(p * r, r, r) + TV.Broadcast(1);
        TV result = TV.SelectGreater(lowest, x, default, TV.TimesPowerOfTwo(p, shifted));
        return TV.SelectGreaterOrNaN(x, highest, x + TV.Broadcast(float.PositiveInfinity), result);
    }

    /// <summary>1 / (1 + exp(-x)).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Sigmoid<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV one = TV.Broadcast(1);
        return one / (one + Exp(default(TV) - x));
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

    /// <summary>The error function.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Erf<TV>(TV x)
        where TV : unmanaged, IVector<TV>
    {
        TV one = TV.Broadcast(1), negative = default(TV) - x, size = TV.SelectGreater(default, x, negative, x), square = x * x;
        TV near = TV.MulAdd(square, TV.Broadcast(7.8824974e-5f), TV.Broadcast(-0.00080188551f));
        near = TV.MulAdd(near, square, TV.Broadcast(0.0051893122f));
        near = TV.MulAdd(near, square, TV.Broadcast(-0.026854329f));
        near = TV.MulAdd(near, square, TV.Broadcast(0.11283597f));
        near = TV.MulAdd(near, square, TV.Broadcast(-0.37612626f));
        near = TV.MulAdd(near, square, TV.Broadcast(1.1283791f));

        TV t = Clip(size, default, TV.Broadcast(4));
        TV far = TV.MulAdd(t, TV.Broadcast(-1.3309389e-5f), TV.Broadcast(0.00031757203f));
        far = TV.MulAdd(far, t, TV.Broadcast(-0.0034368676f));
        far = TV.MulAdd(far, t, TV.Broadcast(0.022621986f));
        far = TV.MulAdd(far, t, TV.Broadcast(-0.10331898f));
        far = TV.MulAdd(far, t, TV.Broadcast(-0.63909334f));
        far = TV.MulAdd(far, t, TV.Broadcast(-1.1259259f));
        far = one - Exp(TV.MulAdd(far, t, TV.Broadcast(-0.00075696863f)));
        far = TV.SelectGreater(default, x, default(TV) - far, far);
        return TV.SelectGreater(size, one, far, x * near);
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
