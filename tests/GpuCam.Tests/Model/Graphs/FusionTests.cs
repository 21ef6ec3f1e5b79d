using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Graphs;

/// <summary>Steps that stand for several nodes compute what these do, forward and backward.</summary>
public class FusionTests
{
    private static readonly string[] s_steps =
    [
        "conv 3x3, relu", "conv 3x3, add, relu", "conv 1x1, clip", "depthwise conv 3x3, clip", "conv 1x1, add", "max-pool 3x3",
        "conv 1x1, relu, conv 3x3, leakyrelu, conv 1x1, conv 1x1, sigmoid, concat of 4", "concat of 3, batch norm, relu",
        "batch norm, clip", "linear, gelu", "linear, add", "global average pool", "conv 1x1, sigmoid", "multiply", "global average pool",
        "linear, relu", "linear",
    ];

    [Fact]
    public void What_follows_a_convolution_is_done_as_it_stores_its_sums()
    {
        using var op = new OpHarness("simd-256");
        using Execution execution = Create(op.Device);
        Assert.Equal(s_steps, execution.Steps.Select(step => step.Kind));
        Assert.Equal(execution.Graph.MultiplyAdds, execution.Steps.Sum(step =>
            step.MultiplyAdds([.. step.Inputs.Select(value => value.Shape)], step.Output.Shape)));
        Assert.All(execution.Steps, step => Assert.Equal(step.Output.Shape, step.Infer([.. step.Inputs.Select(value => value.Shape)])));
    }

    [Fact]
    public void An_activation_whose_slope_needs_what_went_in_stays_a_step_where_a_gradient_comes_through()
    {
        using var op = new OpHarness("simd-256");
        using Execution execution = Create(op.Device);
        Tensor y = execution.Forward(Images(op));
        execution.BackwardTo(GraphLayers.Image, op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3)));
        string[] expected = [.. s_steps.SelectMany(kind => kind == "linear, gelu" ? (string[])["linear", "gelu"] : [kind])];
        Assert.Equal(expected, execution.Steps.Select(step => step.Kind));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Steps_compute_what_their_nodes_do(string device)
    {
        using var op = new OpHarness(device);
        using Execution steps = Create(op.Device), nodes = Create(op.Device);
        Tensor images = Images(op);
        Apart(nodes, images);
        OpHarness.Close(Doubles(nodes.Forward(images)), steps.Forward(images).ToArray(), 1e-5);
        foreach (Node step in steps.Steps.ToArray())
        {
            OpHarness.Close(Doubles(nodes.Activation(step.Name)), steps.Activation(step.Name).ToArray(), 1e-5, step.Name);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Gradients_pass_steps_as_they_pass_their_nodes(string device)
    {
        using var op = new OpHarness(device);
        using Execution steps = Create(op.Device), nodes = Create(op.Device);
        Tensor images = Images(op), y = steps.Forward(images), dy = op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3));
        Apart(nodes, images);
        steps.Backward(dy, needInputGradient: true);
        nodes.Backward(dy, needInputGradient: true);
        Assert.True(steps.Steps.Count < nodes.Steps.Count);
        OpHarness.Close(
            Doubles(nodes.ActivationGradient(GraphLayers.Image)), steps.ActivationGradient(GraphLayers.Image).ToArray(), 1e-4);
        foreach ((Parameter own, Parameter other) in steps.Parameters.Zip(nodes.Parameters))
        {
            OpHarness.Close(Doubles(other.Gradient), own.Gradient.ToArray(), 1e-4, own.Name);
        }
    }

    /// <summary>What FullGrad asks for.</summary>
    [Theory]
    [InlineData("plain")]
    [InlineData("simd-256")]
    public void The_gradient_of_a_sum_inside_a_step_is_there_though_the_sum_is_not(string device)
    {
        using var op = new OpHarness(device);
        using Execution steps = Create(op.Device), nodes = Create(op.Device);
        Tensor images = Images(op), y = steps.Forward(images), dy = op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3));
        Apart(nodes, images);
        string[] sums = ["stem", "second", "sum", "expand", "project", "norm2"];
        steps.BackwardTo(GraphLayers.Image, dy, sums);
        nodes.BackwardTo(GraphLayers.Image, dy, sums);
        Assert.Contains("conv 3x3, add, relu", steps.Steps.Select(step => step.Kind));
        foreach (string name in (string[])[.. sums, "depth", "joined", "head"])
        {
            float[] expected = nodes.ActivationGradient(name).ToArray();
            OpHarness.Close([.. expected.Select(v => (double)v)], steps.ActivationGradient(name).ToArray(), 1e-4, name);
        }

        OpHarness.Close(Doubles(nodes.Activation("sum")), steps.Activation("sum").ToArray(), 1e-5);
        steps.Forward(images);
        OpHarness.Close(Doubles(nodes.BackwardTo("sum", dy)), steps.BackwardTo("sum", dy).ToArray(), 1e-4);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("simd-256")]
    public void A_weight_that_changed_is_what_the_next_pass_computes_with(string device)
    {
        using var op = new OpHarness(device);
        using Execution execution = Create(op.Device), other = Create(op.Device);
        Tensor images = Images(op), y = execution.Forward(images), dy = op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3));
        float[] before = y.ToArray();
        execution.Backward(dy);
        using (var optimizer = new SgdOptimizer(execution.Parameters))
        {
            optimizer.Step(0.1f);
        }

        foreach ((Parameter own, Parameter copy) in execution.Parameters.Zip(other.Parameters))
        {
            copy.Value.CopyFrom(own.Read.ToArray());
        }

        float[] expected = other.Forward(images).ToArray();
        Assert.NotEqual(before, expected);
        Assert.Equal(expected, execution.Forward(images).ToArray());
        Assert.Equal(other.BackwardTo(GraphLayers.Image, dy).ToArray(), execution.BackwardTo(GraphLayers.Image, dy).ToArray());
    }

    [Fact]
    public void What_is_repeated_over_the_pixels_is_added_by_itself()
    {
        using var op = new OpHarness("simd-256");
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, 4, 4, 3));
        Value conv = graph.Add("conv", Convolution("conv", x, 3, 1));
        x = graph.Add("sum", new BinaryNode(conv, graph.GlobalPool("pool", x, GlobalPooling.Average), BinaryFunction.Add));
        x = graph.Add("twice", new BinaryNode(x, x, BinaryFunction.Add));
        using var execution = new Execution(op.Device, new Network(graph.Build(x), []));
        Assert.Equal(["conv 1x1", "global average pool", "add", "add"], execution.Steps.Select(step => step.Kind));
        execution.Forward(op.Input("x", new Shape(2, 4, 4, 3), OpHarness.Random(96, 1)));
    }

    /// <summary>Beside the objects that describe tensors: some ten bytes a step and kind of memory.</summary>
    [Fact]
    public void Passes_after_the_first_allocate_next_to_nothing_and_no_memory_on_the_device()
    {
        using var op = new OpHarness(new HostDevice(Backend.Simd, 1, 256));
        using Execution execution = Create(op.Device);
        Tensor images = Images(op), y = execution.Forward(images), dy = op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3));
        Pass();
        Pass();
        (long bytes, int buffers) = (GC.GetAllocatedBytesForCurrentThread(), op.Device.LiveBuffers);
        Pass();
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - bytes, 0, 64 << 10);
        Assert.Equal(buffers, op.Device.LiveBuffers);

        void Pass()
        {
            execution.Forward(images);
            execution.BackwardTo(GraphLayers.Image, dy);
        }
    }

    [Fact]
    public void Gradients_on_their_way_share_memory()
    {
        using var op = new OpHarness("simd-256");
        var graph = new GraphBuilder();
        Value x = graph.Input(GraphLayers.Image, new Shape(1, 8, 8, 3));
        for (int i = 0; i < 20; i++)
        {
            x = graph.Add($"same{i}", new AveragePool2DNode(x, new WindowRule(1, 1), false));
        }

        using var execution = new Execution(op.Device, new Network(graph.Build(x), []));
        Tensor images = op.Input("x", new Shape(2, 8, 8, 3), OpHarness.Random(384, 1)), y = execution.Forward(images);
        Tensor dy = op.Input("dy", y.Shape, OpHarness.Random(y.Count, 3));
        int before = op.Device.LiveBuffers;
        float[] dx = execution.BackwardTo(GraphLayers.Image, dy).ToArray();
        Assert.InRange(op.Device.LiveBuffers - before, 1, 3);       // two in turn, the image's
        Assert.Equal(dy.ToArray(), dx);
        Assert.Equal(dx, execution.ActivationGradient("same9").ToArray());
    }

    /// <summary>Asks for everything, so that no step is left.</summary>
    private static void Apart(Execution execution, Tensor images)
    {
        execution.Forward(images);
        foreach (Node node in execution.Graph.Nodes)
        {
            execution.Activation(node.Name);
        }

        execution.Forward(images);
        Assert.Equal(execution.Graph.Nodes.Count, execution.Steps.Count);
    }

    private static Tensor Images(OpHarness op) => op.Input("x", new Shape(2, 9, 7, 5), OpHarness.Random(630, 5));

    private static double[] Doubles(Tensor tensor) => Array.ConvertAll(tensor.ToArray(), v => (double)v);

    private static Conv2DNode Convolution(string name, Value x, int channels, int k, int groups = 1) => new(
        x, new WindowRule(k, k) { Same = SamePadding.Upper },
        Parameter($"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(k, k, x.Shape.C / groups, channels)),
        Parameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(channels)), groups);

    private static LinearNode Linear(string name, Value x, int outputs) => new(
        x, Parameter($"{name}.weight", ParameterKind.LinearWeight, Shape.Matrix(x.Shape.C, outputs)),
        Parameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(outputs)));

    private static BatchNormalizationNode Norm(string name, Value x) => new(
        x, Parameter($"{name}.scale", ParameterKind.Constant, Shape.Vector(x.Shape.C)),
        Parameter($"{name}.bias", ParameterKind.Constant, Shape.Vector(x.Shape.C)),
        Parameter($"{name}.mean", ParameterKind.Constant, Shape.Vector(x.Shape.C)),
        Parameter($"{name}.variance", ParameterKind.Constant, Shape.Vector(x.Shape.C), 0.5f), 1e-3f);

    private static GraphParameter Parameter(string name, ParameterKind kind, Shape shape, float from = -0.8f) =>
        new(name, kind, shape, ParameterData.Of(OpHarness.Random(shape.Count, name.Length + shape.Count, from, 1)));

    private static Execution Create(IDevice device)
    {
        var graph = new GraphBuilder();
        Value image = graph.Input(GraphLayers.Image, new Shape(1, 9, 7, 5));
        Value stem = graph.Relu("relu", graph.Add("stem", Convolution("stem", image, 6, 3)));
        Value x = graph.Add("second", Convolution("second", stem, 6, 3));
        Value block = graph.Relu("block", graph.Add("sum", new BinaryNode(stem, x, BinaryFunction.Add)));
        x = Relu6("expanded", graph.Add("expand", Convolution("expand", block, 12, 1)));
        x = Relu6("depth6", graph.Add("depth", Convolution("depth", x, 12, 3, groups: 12)));
        x = graph.Add("project", Convolution("project", x, 6, 1));
        Value y = graph.Add("bottleneck", new BinaryNode(x, block, BinaryFunction.Add));
        Value pooled = graph.Add("pool", new MaxPool2DNode(y, new WindowRule(3, 3) { Same = SamePadding.Upper }));
        Value joined = graph.Add("joined", new ConcatNode(
        [
            graph.Relu("a.relu", graph.Add("a", Convolution("a", y, 4, 1))),
            graph.Add("b.leaky", new UnaryNode(graph.Add("b", Convolution("b", y, 5, 3)), UnaryFunction.LeakyRelu, 0.1f)),
            graph.Add("c", Convolution("c", pooled, 3, 1)),
            graph.Add("d.sigmoid", new UnaryNode(graph.Add("d", Convolution("d", y, 7, 1)), UnaryFunction.Sigmoid)),
        ], Axis.C));
        x = graph.Relu("norm.relu", graph.Add("norm", Norm("norm", graph.Add("dense", new ConcatNode([joined, y, stem], Axis.C)))));
        x = Relu6("norm2.clip", graph.Add("norm2", Norm("norm2", x)));
        Value wide = graph.Add("wide.gelu", new UnaryNode(graph.Add("wide", Linear("wide", x, 20)), UnaryFunction.Gelu));
        x = graph.Add("layer", new BinaryNode(graph.Add("narrow", Linear("narrow", wide, 31)), x, BinaryFunction.Add));
        Value gate = graph.GlobalPool("squeeze", x, GlobalPooling.Average);
        gate = graph.Add("gate", new UnaryNode(graph.Add("excite", Convolution("excite", gate, 31, 1)), UnaryFunction.Sigmoid));
        x = graph.GlobalPool("gap", graph.Add("gated", new BinaryNode(gate, x, BinaryFunction.Multiply)), GlobalPooling.Average);
        x = graph.Relu("hidden.relu", graph.Add("hidden", Linear("hidden", x, 9)));
        return new Execution(device, new Network(graph.Build(graph.Add("head", Linear("head", x, 5))), []));

        Value Relu6(string name, Value value) => graph.Add(name, new UnaryNode(value, UnaryFunction.Clip, 0, 6));
    }
}
