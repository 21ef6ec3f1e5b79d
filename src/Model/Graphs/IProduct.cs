using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A node that multiplies its one input with a weight, and does what follows as it stores each sum: <c>f(x * weight + bias + residual)</c>.
/// </summary>
internal interface IProduct
{
    /// <summary>Writes y; inside a step not that of a run of its own.</summary>
    void Forward(NodeRun run, Tensor y, Activation activation, Tensor? residual);

    /// <summary>Writes the input's gradient from that of the sums.</summary>
    void BackwardInput(NodeRun run, Tensor dy);

    /// <summary>Writes the parameters' gradients; that of the bias may be summed over fewer cells, where the others are zero.</summary>
    void BackwardParameters(NodeRun run, Tensor dy, Tensor dyForBias);
}
