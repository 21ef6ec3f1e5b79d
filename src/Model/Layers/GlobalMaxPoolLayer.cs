using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The largest pixel of each channel; the alternative that the CAM paper measures global average pooling against.</summary>
public sealed class GlobalMaxPoolLayer(IDevice device, string name) : Layer(device, name)
{
    private readonly ReusedBuffer<int> _argmax = new(device);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Shape.Matrix(input.N, input.C);

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) => GlobalMaxPool.Forward(x, y, _argmax.Get(y.Count));

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) =>
        GlobalMaxPool.Backward(dy, _argmax.Get(y.Count), dx);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _argmax.Dispose();
        base.Dispose(disposing);
    }
}
