using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>A small network with every kind of node, branches that meet again, and a value that three nodes read.</summary>
internal static class ManyKinds
{
    public const int Images = 2;

    public static Shape Image => new(1, 13, 11, 4);

    public static Network Network()
    {
        var graph = new GraphBuilder();
        Value image = graph.Input(GraphLayers.Image, Image);
        Value x = graph.Add("conv", new Conv2DNode(
            image, new WindowRule(3, 2) { StrideH = 2, Pads = (1, 0, 0, 1) }, Weight("conv", new Shape(3, 2, 4, 6)),
            Vector("conv.bias", 6)));
        x = graph.Add("norm", new BatchNormalizationNode(
            x, Vector("norm.scale", 6), Vector("norm.bias", 6), Constant("norm.mean", 6), Constant("norm.variance", 6, 0.5f, 1.5f), 1e-3f));
        Value stem = graph.Add("swish", new UnaryNode(x, UnaryFunction.Swish));
        Value depth = graph.Add("depthwise", new Conv2DNode(
            stem, new WindowRule(3, 3) { Same = SamePadding.Lower }, Weight("depthwise", new Shape(3, 3, 1, 6)), null, groups: 6));
        Value grouped = graph.Add("grouped", new Conv2DNode(
            stem, new WindowRule(1, 1), Weight("grouped", new Shape(1, 1, 3, 4)), Vector("grouped.bias", 4), groups: 2));
        Value sum = graph.Add("sum", new BinaryNode(depth, stem, BinaryFunction.Add));
        Value squeezed = graph.GlobalPool("squeeze", sum, GlobalPooling.Average);
        squeezed = graph.Add("excite", new LinearNode(squeezed, Parameter("excite", ParameterKind.LinearWeight, Shape.Matrix(6, 6)), null));
        squeezed = graph.Add("gate", new UnaryNode(squeezed, UnaryFunction.Sigmoid));
        Value gated = graph.Add("gated", new BinaryNode(sum, squeezed, BinaryFunction.Multiply));
        Value part = graph.Add("part", new SliceNode(gated, Axis.C, 1, 2, 3));
        x = graph.Add("joined", new ConcatNode([gated, grouped, part], Axis.C));
        x = graph.Add("shuffled", new PermuteNode(x, [3, 4], [0, 2, 1], x.Shape));
        x = graph.Add("lrn", new LocalResponseNormalizationNode(x, 5, 0.1f, 0.75f, 1));
        x = graph.Add("pool", new MaxPool2DNode(x, new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Ceil = true }));
        x = graph.Add("mean", new AveragePool2DNode(x, new WindowRule(2, 2) { Pads = (1, 1, 0, 0) }, countPadding: true));
        x = graph.Add("padded", new Pad2DNode(x, (1, 1, 0, 0, 1, 0), PadMode.Reflect, 0));
        x = graph.Add("large", new Resize2DNode(
            x, new ResizeRule(Interpolation.Linear, ResizeCoordinates.HalfPixel, ResizeRounding.PreferFloor, 2, 2), null));
        x = graph.Add("layer", new LayerNormalizationNode(x, Constant("layer.scale", 12), Constant("layer.bias", 12), 1e-3f));
        x = graph.Add("prelu", new PReluNode(x, Vector("prelu.slope", 12)));
        Value tokens = graph.Add("tokens", new ReshapeNode(x, new Shape(1, 1, x.Shape.Area, 12)));
        Value scores = graph.Add("scores", new MatMulNode(tokens, tokens, transposeB: true));
        scores = graph.Add("attention", new SoftmaxNode(scores, log: false));
        x = graph.Add("attended", new MatMulNode(scores, tokens, transposeB: false));
        x = graph.Add("features", new ReshapeNode(x, new Shape(1, 8, x.Shape.W / 8, 12)));
        Value largest = graph.Add("norms", new ReduceNode(x, ReduceFunction.L2, [Axis.H, Axis.W]));
        x = graph.GlobalPool("gap", x, GlobalPooling.Average);
        x = graph.Add("both", new BinaryNode(x, largest, BinaryFunction.Add));
        x = graph.Add("shift", new BinaryNode(x, Vector("shift", 12), BinaryFunction.Add));
        x = graph.Linear("classifier", x, 5, bias: true);
        return new Network(graph.Build(x), ["a", "b", "c", "d", "e"]);
    }

    public static Execution Create(IDevice device)
    {
        var execution = new Execution(device, Network());
        foreach (Parameter parameter in execution.Parameters.Where(parameter =>
            parameter.Name.StartsWith("classifier", StringComparison.Ordinal)))
        {
            parameter.Value.CopyFrom(OpHarness.Random(parameter.Shape.Count, 77));
        }

        return execution;
    }

    private static GraphParameter Weight(string name, Shape shape) => Parameter($"{name}.weight", ParameterKind.ConvolutionWeight, shape);

    private static GraphParameter Vector(string name, int length) => Parameter(name, ParameterKind.Bias, Shape.Vector(length));

    private static GraphParameter Constant(string name, int length, float from = -1, float to = 1) =>
        Parameter(name, ParameterKind.Constant, Shape.Vector(length), from, to);

    private static GraphParameter Parameter(string name, ParameterKind kind, Shape shape, float from = -1, float to = 1) =>
        new(name, kind, shape, ParameterData.Of(OpHarness.Random(shape.Count, name.Length + shape.Count, from, to)));
}
