using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A convolution, its ReLU and a max-pool of 2x2 as one launch, where the device has a kernel for it: what would be pooled is never
/// stored, and the gradient passes ReLU on the pooled side, a quarter of the cells.
/// </summary>
internal sealed class ConvReluMaxPoolNode(Conv2DNode convolution, ReluNode relu, MaxPool2DNode pool)
    : FusedNode([convolution, relu, pool], convolution.Inputs)
{
    /// <summary>The only pool that the kernel knows.</summary>
    public static WindowRule Pool { get; } = new(2, 2) { StrideH = 2, StrideW = 2 };

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Output;

    /// <inheritdoc/>
    public override bool KeepsWinners => true;

    /// <summary>The step that ends in a node; null where there is none.</summary>
    public static ConvReluMaxPoolNode? Find(Node last, FusionView view) =>
        view.PrefersGroups && last is MaxPool2DNode pool && pool.Rule == Pool && view.Inside(pool.Inputs[0]) is ReluNode relu
        && view.Inside(relu.Inputs[0]) is Conv2DNode { Groups: 1, AddsBias: true } convolution
            ? new ConvReluMaxPoolNode(convolution, relu, pool)
            : null;

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Conv2D.ForwardMaxPool(
        run.X(), run.Parameter(0), run.Parameter(1), run.Y, run.Winners(run.Y.Count), convolution.Geometry(run.X().Shape), relu: true);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        Unpool(run, run.DX.Shape, out _, out Tensor unpooled);
        convolution.BackwardInput(run, unpooled);
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run)
    {
        Unpool(run, run.X().Shape, out Tensor rectified, out Tensor unpooled);
        convolution.BackwardParameters(run, unpooled, rectified);
    }

    private void Unpool(NodeRun run, Shape x, out Tensor rectified, out Tensor unpooled)
    {
        Conv2DGeometry g = convolution.Geometry(x);
        (rectified, unpooled) = (run.Scratch("gradient before the ReLU", run.DY.Shape), run.Scratch("gradient before the pool", g.Y));
        Relu.Backward(run.Y, run.DY, rectified);
        MaxPool2D.Backward(rectified, run.Winners(run.DY.Count), unpooled, PoolGeometry.Of(Pool, g.Y));
    }
}
