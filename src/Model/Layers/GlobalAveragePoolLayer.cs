using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The mean over all pixels of each channel: what makes class activation maps exact.</summary>
public sealed class GlobalAveragePoolLayer(IDevice device, string name) : Layer(device, name)
{
    /// <summary>Factor on the mean: 1, but for training on changing canvases.</summary>
    public float Gain { get; set; } = 1;

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Shape.Matrix(input.N, input.C);

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) => GlobalAveragePool.Forward(x, y, Gain);

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) => GlobalAveragePool.Backward(dy, dx, Gain);
}
