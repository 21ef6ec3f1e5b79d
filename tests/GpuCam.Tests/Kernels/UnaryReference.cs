using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The functions of <see cref="Unary"/> as their definitions say, in double.</summary>
internal static class UnaryReference
{
    private const double Step = 1e-4;

    public static double Value(UnaryFunction f, double x, double alpha, double beta) => f switch
    {
        UnaryFunction.LeakyRelu => Math.Max(x, alpha * x),
        UnaryFunction.Elu => x > 0 ? x : alpha * ExpMinusOne(x),
        UnaryFunction.Clip => Math.Min(Math.Max(x, alpha), beta),
        UnaryFunction.Sigmoid => 1 / (1 + Math.Exp(-x)),
        UnaryFunction.HardSigmoid => Math.Clamp((alpha * x) + beta, 0, 1),
        UnaryFunction.HardSwish => x * Math.Clamp((x / 6) + 0.5, 0, 1),
        UnaryFunction.Swish => x / (1 + Math.Exp(-x)),
        UnaryFunction.Mish => x * Math.Tanh(Softplus(x)),
        UnaryFunction.Softplus => Softplus(x),
        UnaryFunction.Tanh => Math.Tanh(x),
        UnaryFunction.Erf => Erf(x),
        UnaryFunction.Gelu => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))),
        UnaryFunction.GeluTanh => x * 0.5 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        UnaryFunction.Sqrt => Math.Sqrt(x),
        UnaryFunction.Exp => Math.Exp(x),
        UnaryFunction.Log => Math.Log(x),
        UnaryFunction.Abs => Math.Abs(x),
        UnaryFunction.Negate => -x,
        UnaryFunction.Reciprocal => 1 / x,
        UnaryFunction.Square => x * x,
        UnaryFunction.Power => Math.Pow(x, alpha),
        UnaryFunction.Affine => (alpha * x) + beta,
        _ => throw new ArgumentOutOfRangeException(nameof(f)),
    };

    /// <summary>Central difference, good to some 1e-8.</summary>
    public static double Slope(UnaryFunction f, double x, double alpha, double beta) =>
        (Value(f, x + Step, alpha, beta) - Value(f, x - Step, alpha, beta)) / (2 * Step);

    /// <summary>Whether the derivative jumps next to x.</summary>
    public static bool NearKink(UnaryFunction f, double x)
    {
        double[] kinks = f switch
        {
            UnaryFunction.LeakyRelu or UnaryFunction.Abs or UnaryFunction.Elu => [0],
            UnaryFunction.Clip => [-1, 0, 0.5, 2.5, 6],
            UnaryFunction.HardSigmoid => [-2.5, 2.5],
            UnaryFunction.HardSwish => [-3, 3],
            _ => [],
        };
        return Array.Exists(kinks, kink => Math.Abs(x - kink) < 0.005);
    }

    private static double Softplus(double x) => Math.Max(x, 0) + LogOnePlus(Math.Exp(-Math.Abs(x)));

    private static double LogOnePlus(double e) => e < 1e-5 ? e - (e * e / 2) : Math.Log(1 + e);

    private static double ExpMinusOne(double x) => Math.Abs(x) < 1e-3 ? x + (x * x / 2) + (x * x * x / 6) : Math.Exp(x) - 1;

    /// <summary>Simpson's rule over the definition; beyond 6 it is 1 in double.</summary>
    private static double Erf(double x)
    {
        const int Halves = 400;
        if (Math.Abs(x) > 6)
        {
            return Math.Sign(x);
        }

        double end = x, width = end / (2 * Halves), sum = 1 + Math.Exp(-end * end);
        for (int i = 1; i < 2 * Halves; i++)
        {
            sum += (i % 2 == 0 ? 2 : 4) * Math.Exp(-i * width * i * width);
        }

        return 2 / Math.Sqrt(Math.PI) * sum * width / 3;
    }
}
