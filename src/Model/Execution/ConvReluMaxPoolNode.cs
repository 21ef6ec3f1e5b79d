using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A convolution, its ReLU and a max-pool of 2x2 as one launch, where the device has a kernel for it: what would be pooled is never
/// stored, and the gradient passes ReLU on the pooled side, a quarter of the cells. Where x has few
/// channels, it goes on to the weight from there.
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
        convolution.BackwardInput(run, run.Unpooled ?? Unpool(run, run.DX.Shape, null));
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run)
    {
        Tensor x = run.X();
        Conv2DGeometry g = convolution.Geometry(x.Shape);
        if (PooledConvGradient.IsDirect(x.Device, g))
        {
            PooledConvGradient.Backward(
                x, run.Y, run.DY, run.Winners(run.DY.Count), run.ParameterGradient(0), run.ParameterGradient(1), g);
            return;
        }

        convolution.BackwardWeight(run, Unpool(run, x.Shape, run.ParameterGradient(1)));
    }

    /// <summary>Once on a way back: both the input's and the weight's gradient may read it.</summary>
    private Tensor Unpool(NodeRun run, Shape x, Tensor? dBias)
    {
        Conv2DGeometry g = convolution.Geometry(x);
        Tensor unpooled = run.Scratch("gradient before the pool", g.Y);
        MaxPool2D.BackwardRelu(run.Y, run.DY, run.Winners(run.DY.Count), unpooled, dBias, PoolGeometry.Of(Pool, g.Y));
        run.Unpooled = unpooled;
        return unpooled;
    }
}
