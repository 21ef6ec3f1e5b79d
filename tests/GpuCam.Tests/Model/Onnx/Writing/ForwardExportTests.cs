using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Model.Graphs;

namespace GpuCam.Tests.Model.Onnx.Writing;

public sealed class ForwardExportTests
{
    private static readonly Shape s_image = new(1, 9, 7, 6);

    public static TheoryData<int> Opsets => [.. RoundTrip.Opsets];

    public static TheoryData<string> Kinds => [.. Single.Keys];

    /// <summary>Nodes with settings that one network of every kind does not have.</summary>
    private static Dictionary<string, Func<Value, Node>> Single { get; } = Make();

    [Fact]
    public void Every_kind_of_node_has_a_rule()
    {
        Type[] kinds = [.. typeof(Node).Assembly.GetTypes().Where(type =>
            type.IsSubclassOf(typeof(Node)) && !type.IsAbstract && !type.IsSubclassOf(typeof(FusedNode)))];
        Assert.True(kinds.Length >= 23);
        Assert.All(kinds, kind => Assert.True(ForwardRules.Has(kind), $"{kind.Name}: no rule writes it as ONNX"));
    }

    [Theory]
    [MemberData(nameof(Opsets))]
    public void A_network_of_every_kind_of_node_is_read_again_as_it_was_written(int opset)
    {
        using var op = new OpHarness(new HostDevice(Backend.Simd));
        using Execution execution = ManyKinds.Create(op.Device);
        RoundTrip.Check(execution, opset);
        RoundTrip.Check(execution, opset, images: 1);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_node_is_read_again_as_it_was_written(string kind)
    {
        using var op = new OpHarness(new HostDevice(Backend.Simd));
        foreach ((int opset, bool last) in new[] { (13, false), (13, true), (18, true), (21, false) })
        {
            var graph = new GraphBuilder();
            Value x = graph.Input(GraphLayers.Image, s_image);
            x = last ? graph.Add("before", new LayerNormalizationNode(x, Vector("scale", 6, 0.5f, 1.5f), null, 1e-3f)) : x;
            // Where functions have no value for negative numbers.
            x = kind is "Sqrt" or "Log" or "Power" or "Reciprocal" ? graph.Add("some", new UnaryNode(x, UnaryFunction.Softplus)) : x;
            Value y = graph.Add("y", Single[kind](x));
            RoundTrip.Check(op.Device, new Network(graph.Build(y), []), opset, tolerance: kind.StartsWith("lrn") ? 2e-5 : 1e-5);
        }
    }

    [Fact]
    public void A_network_of_rows_stays_one()
    {
        using var op = new OpHarness(new HostDevice(Backend.Simd));
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, s_image);
        x = graph.Linear("first", graph.Flatten("rows", x), 12, bias: true);
        x = graph.Add("gelu", new UnaryNode(x, UnaryFunction.Gelu));
        Value left = graph.Add("left", new SliceNode(x, Axis.C, 1, 4, 2)), right = graph.Add("right", new SliceNode(x, Axis.C, 0, 4, 3));
        x = graph.Add("joined", new ConcatNode([left, right], Axis.C));
        x = graph.Add("normal", new LayerNormalizationNode(x, Vector("scale", 8), Vector("shift", 8), 1e-3f));
        x = graph.Add("dropped", new DropoutNode(graph.Add("sum", new BinaryNode(x, x, BinaryFunction.Add)), 0.5f));
        Value y = graph.Add("probabilities", new SoftmaxNode(x, log: false));
        using var execution = new Execution(op.Device, new Network(graph.Build(y, x), []));
        foreach (Parameter parameter in execution.Parameters)
        {
            parameter.Value.CopyFrom(OpHarness.Random(parameter.Shape.Count, 3));
        }

        RoundTrip.Check(execution, 13);
        RoundTrip.Check(execution, 18);
    }

    private static Dictionary<string, Func<Value, Node>> Make()
    {
        var nodes = new Dictionary<string, Func<Value, Node>>
        {
            ["conv dilated"] = x => new Conv2DNode(
                x, new WindowRule(3, 2) { DilationH = 2, DilationW = 3, StrideW = 2, Pads = (2, 0, 1, 3) }, Weight(3, 2, 3, 4), null, 2),
            ["conv same lower"] = x => new Conv2DNode(
                x, new WindowRule(4, 2) { StrideH = 2, StrideW = 3, Same = SamePadding.Lower }, Weight(4, 2, 6, 5), Vector("bias", 5)),
            ["linear of cells"] = x => new LinearNode(x, Matrix(6, 5), Vector("bias", 5)),
            ["linear without bias"] = x => new LinearNode(x, Matrix(6, 5), null),
            ["max-pool ceil"] = x => new MaxPool2DNode(
                x, new WindowRule(4, 3) { StrideH = 3, StrideW = 3, Pads = (1, 1, 0, 1), Ceil = true }),
            ["max-pool dilated"] = x => new MaxPool2DNode(x, new WindowRule(2, 2) { DilationH = 3, DilationW = 2, Pads = (1, 0, 0, 1) }),
            ["mean ceil, padding counts"] = x => new AveragePool2DNode(
                x, new WindowRule(3, 4) { StrideH = 3, StrideW = 2, Pads = (1, 2, 0, 1), Ceil = true }, countPadding: true),
            ["mean ceil"] = x => new AveragePool2DNode(
                x, new WindowRule(2, 2) { StrideH = 2, StrideW = 2, Pads = (1, 0, 0, 0), Ceil = true }, countPadding: false),
            ["mean padded"] = x => new AveragePool2DNode(x, new WindowRule(3, 3) { Pads = (1, 1, 1, 1) }, countPadding: true),
            ["mean dilated"] = x => new AveragePool2DNode(
                x, new WindowRule(2, 3) { DilationH = 2, DilationW = 2, Pads = (1, 1, 1, 1) }, countPadding: false),
            ["global max"] = x => new GlobalMaxPoolNode(x),
            ["lrn even"] = x => new LocalResponseNormalizationNode(x, 4, 0.3f, 0.6f, 1.5f),
            ["prelu of cells"] = x => new PReluNode(x, Parameter("slope", ParameterKind.Bias, new Shape(1, 9, 1, 6))),
            ["number first"] = x => new BinaryNode(x, Vector("number", 1), BinaryFunction.Subtract, parameterFirst: true),
            ["over cells"] = x => new BinaryNode(
                x, Parameter("cells", ParameterKind.Constant, new Shape(1, 9, 7, 1), 0.5f), BinaryFunction.Divide),
            ["slice of rows"] = x => new SliceNode(x, Axis.H, 2, 3, 2),
            ["concat of columns"] = x => new ConcatNode([x, x], Axis.W),
            ["turned"] = x => new PermuteNode(x, [9, 7, 2, 3], [0, 3, 2, 1, 4], new Shape(1, 18, 7, 3)),
            ["torn"] = x => new PermuteNode(x, [7, 9, 6], [0, 2, 3, 1], new Shape(1, 6, 3, 21)),
            ["reshaped"] = x => new ReshapeNode(x, new Shape(1, 3, 21, 6)),
            ["reshaped across"] = x => new ReshapeNode(x, new Shape(1, 1, 14, 27)),
            ["pad constant"] = x => new Pad2DNode(x, (1, -1, 2, 0, 3, -1), PadMode.Constant, 0.5f),
            ["pad edge"] = x => new Pad2DNode(x, (0, 2, 0, 3, 1, 0), PadMode.Edge, 0),
            ["softmax"] = x => new SoftmaxNode(x, log: false),
            ["log softmax"] = x => new SoftmaxNode(x, log: true),
        };
        foreach (ReduceFunction function in Enum.GetValues<ReduceFunction>())
        {
            nodes[$"reduce {function}"] = x => new ReduceNode(x, function, [Axis.H, Axis.C]);
        }

        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
        {
            nodes[$"{function}"] = x => new UnaryNode(x, function, 0.7f, 0.9f);
        }

        foreach (ResizeCoordinates coordinates in Enum.GetValues<ResizeCoordinates>())
        {
            nodes[$"resize {coordinates}"] = x => new Resize2DNode(
                x, new ResizeRule(Interpolation.Linear, coordinates, ResizeRounding.PreferFloor, 13f / 9, 10f / 7), (13, 10));
            nodes[$"nearest {coordinates}"] = x => new Resize2DNode(
                x, new ResizeRule(Interpolation.Nearest, coordinates, ResizeRounding.Floor, 2, 1.5f), null);
        }

        return nodes;
    }

    private static GraphParameter Weight(int kh, int kw, int inputs, int outputs) =>
        Parameter("weight", ParameterKind.ConvolutionWeight, new Shape(kh, kw, inputs, outputs));

    private static GraphParameter Matrix(int inputs, int outputs) =>
        Parameter("weight", ParameterKind.LinearWeight, Shape.Matrix(inputs, outputs));

    private static GraphParameter Vector(string name, int length, float from = -1, float to = 1) =>
        Parameter(name, ParameterKind.Bias, Shape.Vector(length), from, to);

    private static GraphParameter Parameter(string name, ParameterKind kind, Shape shape, float from = -1, float to = 1) =>
        new(name, kind, shape, ParameterData.Of(OpHarness.Random(shape.Count, name.Length + shape.Count, from, to)));
}
