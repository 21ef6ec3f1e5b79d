using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// LayerCAM (Jiang et al., TIP 2021): positive gradients times activations, pixel by pixel. At a shallow layer, one before the
/// last convolution, the map is lifted by <see cref="TanhScale"/>, as its authors do.
/// </summary>
public sealed class LayerCam : WeightedCam
{
    /// <inheritdoc/>
    public override string Name => "layercam";

    /// <inheritdoc/>
    public override string Description => "positive gradient times activation in every pixel; made for early layers";

    /// <inheritdoc/>
    public override CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public override Tensor Weights(CamContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        Tensor gradient = context.Gradient();
        Tensor weights = context.Memory("pixel weights", gradient.Shape);
        Relu.Forward(gradient, weights);
        return weights;
    }

    /// <inheritdoc/>
    public override void Map(CamContext context, Tensor map)
    {
        base.Map(context, map);
        if (IsShallow(context.Execution.Graph, context.Layer))
        {
            TanhScale.Forward(map, map);
        }
    }

    /// <summary>Whether another convolution of feature maps follows.</summary>
    internal static bool IsShallow(Graph graph, string layer)
    {
        bool[] behind = graph.DependOn([graph.Value(layer)]);
        return graph.Nodes.Any(node => node is Conv2DNode && behind[node.Inputs[0].Index] && node.Inputs[0].Shape.Area > 1);
    }
}
