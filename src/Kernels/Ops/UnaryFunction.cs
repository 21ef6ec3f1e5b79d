namespace GpuCam.Kernels.Ops;

/// <summary>The functions of <see cref="Unary"/>.</summary>
public enum UnaryFunction
{
    /// <summary><c>x &gt; 0 ? x : alpha * x</c>.</summary>
    LeakyRelu,

    /// <summary><c>x &gt; 0 ? x : alpha * (exp(x) - 1)</c> (Clevert et al., ICLR 2016).</summary>
    Elu,

    /// <summary>Not below alpha and not above beta.</summary>
    Clip,

    /// <summary><c>1 / (1 + exp(-x))</c>.</summary>
    Sigmoid,

    /// <summary><c>alpha * x + beta</c>, not below 0 and not above 1.</summary>
    HardSigmoid,

    /// <summary><c>x * max(0, min(1, x / 6 + 1 / 2))</c> (Howard et al., ICCV 2019).</summary>
    HardSwish,

    /// <summary><c>x * sigmoid(x)</c>, also called SiLU (Ramachandran et al., 2017).</summary>
    Swish,

    /// <summary><c>x * tanh(softplus(x))</c> (Misra, BMVC 2020).</summary>
    Mish,

    /// <summary><c>log(1 + exp(x))</c>.</summary>
    Softplus,

    /// <summary>Hyperbolic tangent.</summary>
    Tanh,

    /// <summary>The error function, <c>2 / sqrt(pi)</c> times the integral of <c>exp(-t * t)</c> from 0 to x.</summary>
    Erf,

    /// <summary><c>x * (1 + erf(x / sqrt(2))) / 2</c> (Hendrycks and Gimpel, 2016).</summary>
    Gelu,

    /// <summary><c>x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2</c>, their approximation of it.</summary>
    GeluTanh,

    /// <summary>Square root.</summary>
    Sqrt,

    /// <summary>e to the power of x.</summary>
    Exp,

    /// <summary>Natural logarithm.</summary>
    Log,

    /// <summary>Absolute value.</summary>
    Abs,

    /// <summary><c>-x</c>.</summary>
    Negate,

    /// <summary><c>1 / x</c>.</summary>
    Reciprocal,

    /// <summary><c>x * x</c>.</summary>
    Square,

    /// <summary>x to the power of alpha.</summary>
    Power,

    /// <summary><c>alpha * x + beta</c>.</summary>
    Affine,
}

/// <summary>A function of <see cref="UnaryFunction"/> inside a kernel, which is compiled for it.</summary>
internal interface IUnaryFunction
{
    /// <summary>Whether <see cref="Slope"/> is given x; if not, it is given y.</summary>
    bool SlopeReadsInput { get; }

    /// <summary>y.</summary>
    float Value(float x, float alpha, float beta);

    /// <summary>The derivative at <paramref name="known"/>, which is x or y.</summary>
    float Slope(float known, float alpha, float beta);
}
