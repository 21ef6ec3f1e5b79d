using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>max(x, 0), element by element.</summary>
public sealed class ReluLayer(IDevice device, string name) : Layer(device, name)
{
    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => input;

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) => Relu.Forward(x, y);

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) => Relu.Backward(y, dy, dx);
}
