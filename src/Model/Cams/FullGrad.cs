using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// FullGrad (arXiv 1905.00780): where the terms of <c>y = sum(x * dy/dx) + sum(bias * dy/dz)</c> lie, x the image and z the output
/// of a node that adds a bias: a convolution, with that of a batch normalisation folded into it, or a batch normalisation of its own.
/// The terms of the image and those of each such node, without their signs, are stretched to 0 … 1 (over all
/// pixels and channels of an image), summed over the channels and enlarged to the image; the map is their sum. A bias of the linear
/// layer has no place in the image and no share.
/// </summary>
public sealed class FullGrad : ICamMethod
{
    /// <inheritdoc/>
    public string Name => "fullgrad";

    /// <inheritdoc/>
    public string Description => "input and bias times gradient, over all layers at once";

    /// <inheritdoc/>
    public CamNeeds Needs => CamNeeds.Gradient;

    /// <inheritdoc/>
    public CamScope Scope => CamScope.WholeNetwork;

    /// <inheritdoc/>
    public bool Rectifies => false;

    /// <inheritdoc/>
    public void Map(CamContext context, Tensor map)
    {
        ArgumentNullException.ThrowIfNull(context);
        Execution execution = context.Execution;
        bool[] leads = execution.Graph.LeadTo(execution.Graph.Output);
        Node[] biased = [.. execution.Graph.Nodes.Where(node =>
            node.AddsBias && leads[node.Output.Index] && execution.ShapeOf(node.Output).Area > 1)];
        Tensor gradient = context.Gradient(execution.Graph.Input.Name, context.Directions(), [.. biased.Select(node => node.Name)]);
        Sum(context, context.Images, gradient, map);
        foreach (Node node in biased)
        {
            Tensor slope = execution.ActivationGradient(node.Name);
            Tensor terms = context.Memory($"bias terms of {slope.Shape.H}x{slope.Shape.W}", slope.Shape.WithC(1));
            Sum(context, slope, node.Bias(execution.RunOf(node)), terms);
            Tensor enlarged = context.Memory("enlarged bias terms", map!.Shape);
            BilinearResize.Forward(terms, enlarged, context.Resize);
            ScaledCopy.Add(enlarged, map, 1, mirror: false);
        }
    }

    /// <summary>sum = |a * b|, stretched image by image, summed over the channels.</summary>
    private static void Sum(CamContext context, Tensor a, Tensor b, Tensor sum)
    {
        Shape shape = a.Shape;
        Tensor terms = context.Memory("terms", shape);
        AbsoluteProduct.Forward(a, b, terms);
        Tensor flat = terms.Reshape(new Shape(shape.N, shape.H, shape.W * shape.C, 1));
        MinMaxNormalize.Forward(flat, flat);
        float[] ones = new float[shape.N * shape.C];
        Array.Fill(ones, 1);
        ChannelWeightedSum.Forward(terms, context.Upload("ones", Shape.Matrix(shape.N, shape.C), ones), sum);
    }
}
