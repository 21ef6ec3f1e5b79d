namespace GpuCam.Kernels;

/// <summary>
/// What <c>--precision</c> names: how factors may be rounded before a convolution, a linear layer or a matrix product multiplies them,
/// forward and backward. Products are summed in float32 whatever the choice, all values in memory are float32, and every other op
/// computes in it. Only CUDA devices round: there tensor cores multiply what has been rounded.
/// </summary>
public enum Precision
{
    /// <summary><c>fp32</c>: factors stay as they are, with 23 bits of mantissa.</summary>
    Float32,

    /// <summary><c>tf32</c>: 10 bits of mantissa are kept, so a factor changes by at most 2^-11 of itself; the exponent stays.</summary>
    TF32,

    /// <summary><c>bf16</c>: 7 bits of mantissa are kept, so a factor changes by at most 2^-8 of itself; the exponent stays.</summary>
    BFloat16,
}
