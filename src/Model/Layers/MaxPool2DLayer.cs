using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// The largest of each square of <paramref name="size"/> x <paramref name="size"/> pixels; squares touch, what is left over at the end is
/// dropped.
/// </summary>
public sealed class MaxPool2DLayer(IDevice device, string name, int size) : Layer(device, name)
{
    private readonly ReusedBuffer<int> _argmax = new(device);

    /// <summary>Pixels on a side of a square.</summary>
    public int Size => size;

    /// <inheritdoc/>
    public override ReceptiveField Window => new(size, size, 0);

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Y;

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) => MaxPool2D.Forward(x, y, _argmax.Get(y.Count), Geometry(x.Shape));

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) =>
        MaxPool2D.Backward(dy, _argmax.Get(y.Count), dx, Geometry(x.Shape));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _argmax.Dispose();
        base.Dispose(disposing);
    }

    private Pool2DGeometry Geometry(Shape input) => Pool2DGeometry.Square(input, size, size, 0);
}
