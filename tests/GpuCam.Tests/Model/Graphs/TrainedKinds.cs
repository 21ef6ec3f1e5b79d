using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>
/// A small network for <see cref="TinyProblem"/> with what ResNet, GoogLeNet, SqueezeNet and AlexNet are made of: normalisations that
/// measure their batch, with and without an activation or a concatenation beside them, a residual block, branches, dropout.
/// </summary>
internal static class TrainedKinds
{
    public static Network Network(float rate = 0.3f)
    {
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, TinyProblem.Size, TinyProblem.Size, 1));
        x = graph.Relu("relu", Norm(graph, "bn", Convolution(graph, "stem", x, 6, 3, stride: 1)));
        Value pooled = graph.Add("pool", new MaxPool2DNode(x, new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Pads = (1, 1, 1, 1) }));
        x = graph.Relu("block.relu1", Norm(graph, "block.bn1", Convolution(graph, "block.conv1", pooled, 8, 3, stride: 2)));
        x = Norm(graph, "block.bn2", Convolution(graph, "block.conv2", x, 8, 3, stride: 1));
        Value shortcut = Norm(graph, "block.bn3", Convolution(graph, "block.conv3", pooled, 8, 1, stride: 2));
        x = graph.Relu("block", graph.Add("block.sum", new BinaryNode(x, shortcut, BinaryFunction.Add)));
        Value near = graph.Relu("near.relu", Convolution(graph, "near", x, 5, 1, stride: 1));
        Value far = graph.Relu("far.relu", Norm(graph, "far.bn", Convolution(graph, "far", x, 4, 3, stride: 1)));
        Value largest = graph.Add("largest", new MaxPool2DNode(x, new WindowRule(3, 3) { Pads = (1, 1, 1, 1), Ceil = true }));
        x = graph.Add("joined", new ConcatNode([near, far, Convolution(graph, "after", largest, 3, 1, stride: 1)], Axis.C));
        x = graph.Relu("dense.relu", Norm(graph, "dense.bn", x));
        x = graph.Add("lrn", new LocalResponseNormalizationNode(x, 5, 0.1f, 0.75f, 1));
        x = graph.Add("mean", new AveragePool2DNode(x, new WindowRule(2, 2) { Ceil = true }, countPadding: false));
        x = graph.GlobalPool("gap", x, GlobalPooling.Average);
        x = graph.Add("dropout", new DropoutNode(x, rate));
        x = graph.Linear("classifier", x, TinyProblem.Classes, bias: true);
        return new Network(graph.Build(x), TinyProblem.Config.ClassNames);
    }

    public static Execution Create(IDevice device, float rate = 0.3f)
    {
        var execution = new Execution(device, Network(rate));
        HeInitialization.Fill(execution.Saved, 7);
        return execution;
    }

    /// <summary>All that a file would hold.</summary>
    public static float[] Saved(Execution network) => [.. network.Saved.SelectMany(parameter => parameter.Value.ToArray())];

    private static Value Convolution(GraphBuilder graph, string name, Value x, int channels, int k, int stride) => graph.Add(
        name, new Conv2DNode(
            x, new WindowRule(k, k) { StrideH = stride, StrideW = stride, Pads = (k / 2, k / 2, k / 2, k / 2) },
            new GraphParameter($"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(k, k, x.Shape.C, channels), null), null));

    private static Value Norm(GraphBuilder graph, string name, Value x)
    {
        return graph.Add(name, new BatchNormalizationNode(
            x, Vector("scale", ParameterKind.Bias, 1), Vector("bias", ParameterKind.Bias, 0), Vector("mean", ParameterKind.Statistic, 0),
            Vector("variance", ParameterKind.Statistic, 1), 1e-5f));

        GraphParameter Vector(string part, ParameterKind kind, float start) =>
            new($"{name}.{part}", kind, Shape.Vector(x.Shape.C), null) { Start = start };
    }
}
