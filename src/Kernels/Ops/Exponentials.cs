using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// What activations are made of, from the exponential alone: no argument overflows, a NaN stays one, and small results keep their
/// relative precision. (The compiler's own tanh is no valid code for a GPU.)
/// </summary>
internal static class Exponentials
{
    /// <summary>Up to here tanh is a polynomial: 1 - 2 / (exp(2x) + 1) would lose digits.</summary>
    private const float SmallSquare = 0.09f;

    /// <summary>Above, softplus is x and its tanh 1 in float32.</summary>
    private const float Large = 20;

    /// <summary>1 / (1 + exp(-x)).</summary>
    public static float Sigmoid(float x) => 1 / (1 + XMath.Exp(-x));

    /// <summary>Derivative of x * sigmoid(t), where <paramref name="inner"/> is t' * x.</summary>
    public static float SigmoidProductSlope(float t, float inner)
    {
        float sigmoid = Sigmoid(t);
        return sigmoid + (inner * sigmoid * (1 - sigmoid));
    }

    /// <summary>tanh; below <see cref="SmallSquare"/> the first terms of its series.</summary>
    public static float Tanh(float x)
    {
        float square = x * x;
        float series = x * (1 + (square * ((-1f / 3) + (square * ((2f / 15) + (square * ((-17f / 315) + (square * (62f / 2835)))))))));
        return square < SmallSquare ? series : 1 - (2 / (XMath.Exp(2 * x) + 1));
    }

    /// <summary>exp(x) - 1 for x not above 0.</summary>
    public static float MinusOne(float x)
    {
        float tanh = Tanh(0.5f * x);
        return 2 * tanh / (1 - tanh);
    }

    /// <summary>log(1 + exp(x)).</summary>
    public static float Softplus(float x)
    {
        float e = XMath.Exp(-XMath.Abs(x));
        return (x > 0 ? x : 0) + LogOnePlus(e);
    }

    /// <summary>tanh(log(1 + exp(x))), which needs no logarithm.</summary>
    public static float TanhOfSoftplus(float x)
    {
        float e = XMath.Exp(x > Large ? Large : x);
        float part = e * (e + 2);
        return part / (part + 2);
    }

    /// <summary>Derivative of x * tanh(softplus(x)).</summary>
    public static float MishSlope(float x)
    {
        float tanh = TanhOfSoftplus(x);
        return tanh + (x * (1 - (tanh * tanh)) * Sigmoid(x));
    }

    /// <summary>log(1 + e) for e from 0 to 1: twice the series of artanh(e / (2 + e)).</summary>
    private static float LogOnePlus(float e)
    {
        float s = e / (2 + e), square = s * s;
        float series = (1f / 3) + (square * ((1f / 5) + (square * ((1f / 7) + (square * ((1f / 9) + (square * (1f / 11))))))));
        return 2 * s * (1 + (square * series));
    }
}

/// <summary>The error function and the normal distribution that it gives.</summary>
internal static class ErrorFunction
{
    private const float InverseRootTwo = 0.70710678f;
    private const float TwoOverRootPi = 1.12837917f;
    private const float InverseRootTwoPi = 0.39894228f;

    /// <summary>Where 1 - erf is less than half a unit in the last place of 1.</summary>
    private const float Saturated = 4;

    /// <summary>
    /// erf within 1.5e-7: a polynomial of x * x up to 1, 1 - exp(polynomial of |x|) above, both fitted in Chebyshev points.
    /// </summary>
    public static float Of(float x)
    {
        float size = XMath.Abs(x), t = size > Saturated ? Saturated : size;
        float tail = 1 - XMath.Exp(Outer(t));
        return size <= 1 ? x * Inner(x * x) : x > 0 ? tail : x < 0 ? -tail : x;
    }

    /// <summary>Derivative of erf.</summary>
    public static float Slope(float x) => TwoOverRootPi * XMath.Exp(-x * x);

    /// <summary>The share of a normal distribution below x.</summary>
    public static float Normal(float x) => 0.5f + (0.5f * Of(x * InverseRootTwo));

    /// <summary>The density of a normal distribution.</summary>
    public static float NormalDensity(float x) => InverseRootTwoPi * XMath.Exp(-0.5f * x * x);

    private static float Inner(float s) =>
        1.1283791f + (s * (-0.37612626f + (s * (0.11283597f + (s * (-0.026854329f
            + (s * (0.0051893122f + (s * (-0.00080188551f + (s * 7.8824974e-5f)))))))))));

    private static float Outer(float t) =>
        -0.00075696863f + (t * (-1.1259259f + (t * (-0.63909334f + (t * (-0.10331898f
            + (t * (0.022621986f + (t * (-0.0034368676f + (t * (0.00031757203f + (t * -1.3309389e-5f)))))))))))));
}

/// <summary>The approximate GELU as x * sigmoid(t), t = 2 * sqrt(2 / pi) * (x + 0.044715 * x^3).</summary>
internal static class GeluTanhCubic
{
    private const float First = 1.5957691f;
    private const float Third = 0.071354816f;

    /// <summary>t.</summary>
    public static float Of(float x) => x * (First + (Third * x * x));

    /// <summary>Derivative of x * sigmoid(t).</summary>
    public static float GeluSlope(float x) => Exponentials.SigmoidProductSlope(Of(x), x * (First + (3 * Third * x * x)));
}
