using GpuCam.Kernels;
using GpuCam.Model;
using static GpuCam.Tests.Model.Onnx.TestModel;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>What graphs become of models: no more nodes than what they mean takes, and errors that say all.</summary>
public sealed class OnnxNetworkTests
{
    [Fact]
    public void A_classifier_ends_in_its_scores_and_its_tail_is_found()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 3, 6, 5)
            .Initializer(Weight("w", 4, 3, 3, 3)).Initializer(Weight("fc", 10, 4)).Initializer(Weight("b", 10))
            .Node("Conv", "x w", "h", Attribute("pads", 1L, 1, 1, 1)).Node("Relu", "h", "r").Node("GlobalAveragePool", "r", "p")
            .Node("Flatten", "p", "f").Node("Dropout", "f", "d").Node("Gemm", "d fc b", "logits", Attribute("transB", 1))
            .Node("Softmax", "logits", "y").Output("y", "batch", 10));
        Assert.Equal(["conv 3x3", "relu", "global average pool", "linear"], Kinds(network));
        Assert.Equal(("Softmax", "logits", "r"), (network.Ending, network.Graph.Output.Name, Tail.Find(network.Graph)!.Features.Name));
        Assert.Equal(["w", "fc", "b"], network.Graph.Parameters.Select(parameter => parameter.Name));
        Assert.Equal(new Shape(1, 6, 5, 3), network.Graph.Input.Shape);
        Assert.False(network.Graph.MixesImages);
    }

    [Fact]
    public void A_product_and_a_sum_are_one_linear_layer()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 4, 2, 3)
            .Initializer(Weight("w", 4, 10)).Initializer(Weight("b", 10)).Initializer(Integers("axes", [2], 2, 3))
            .Node("ReduceMean", "x", "p", Attribute("axes", 2L, 3), Attribute("keepdims", 0)).Node("MatMul", "p w", "m")
            .Node("Add", "b m", "y").Output("y", "batch", 10));
        Assert.Equal(["global average pool", "linear"], Kinds(network));
        Assert.NotNull(Tail.Find(network.Graph));
    }

    [Fact]
    public void Transposes_of_a_picture_that_comes_channels_last_vanish()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 6, 5, 3).Initializer(Weight("w", 4, 3, 1, 1))
            .Node("Transpose", "x", "t", Attribute("perm", 0L, 3, 1, 2)).Node("Conv", "t w", "c")
            .Node("Transpose", "c", "u", Attribute("perm", 0L, 2, 3, 1)).Node("Relu", "u", "r")
            .Node("ReduceMean", "r", "y", Attribute("axes", 1L, 2), Attribute("keepdims", 0)).Output("y", "batch", 4));
        Assert.Equal(["conv 1x1", "relu", "global average pool"], Kinds(network));
        Assert.Equal(new Shape(1, 6, 5, 3), network.Graph.Input.Shape);
    }

    [Fact]
    public void A_flattened_picture_meets_weights_in_the_order_of_memory()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 3, 1, 2)
            .Initializer(Floats("w", [6, 2], [.. Enumerable.Range(0, 12).Select(i => (float)i)]))
            .Node("Flatten", "x", "f").Node("Gemm", "f w", "y").Output("y", "batch", 2));
        Assert.Equal(["reshape", "linear"], Kinds(network));
        Assert.Equal([0f, 1, 4, 5, 8, 9, 2, 3, 6, 7, 10, 11], network.Graph.Parameters[0].Data!.ToArray(12));
    }

    [Fact]
    public void A_channel_shuffle_is_one_permutation()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 6, 5, 4)
            .Initializer(Integers("five", [5], -1, 2, 3, 5, 4)).Initializer(Integers("four", [4], -1, 6, 5, 4))
            .Node("Reshape", "x five", "a").Node("Transpose", "a", "b", Attribute("perm", 0L, 2, 1, 3, 4))
            .Node("Reshape", "b four", "c").Node("MaxPool", "c", "y", Attribute("kernel_shape", 2L, 2)).Output("y", "batch", 6, 4, 3));
        Assert.Equal(["permute", "max-pool 2x2"], Kinds(network));
    }

    [Fact]
    public void Shapes_computed_from_the_batch_stay_for_any_batch()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 4, 1, 1)
            .Initializer(Integers("zero", [], 0)).Initializer(Integers("axes", [1], 0)).Initializer(Integers("rest", [1], -1))
            .Node("Shape", "x", "s").Node("Gather", "s zero", "n").Node("Unsqueeze", "n axes", "v").Node("Concat", "v rest", "to",
                Attribute("axis", 0)).Node("Reshape", "x to", "f").Node("Relu", "f", "y").Output("y", "batch", 4));
        Assert.Equal(["relu"], Kinds(network));
        Assert.Equal((1, 4, false), (network.Graph.Output.Shape.N, network.Graph.Output.Shape.C, network.Graph.MixesImages));
    }

    [Theory]
    [InlineData(1L, -1)]
    [InlineData(1L, 8)]
    [InlineData(-1L, 8)]
    [InlineData(0L, -1)]
    public void A_batch_of_one_in_a_reshape_becomes_any_batch(long first, long second)
    {
        OnnxNetwork network = Read(new TestModel().Input("x", 1, 8, 1, 1).Initializer(Integers("to", [2], first, second))
            .Node("Reshape", "x to", "f").Node("Relu", "f", "y").Output("y", 1, 8));
        Assert.False(network.Graph.MixesImages);
    }

    [Fact]
    public void A_network_that_looks_across_images_runs_one_by_one()
    {
        OnnxNetwork network = Read(new TestModel().Input("x", 1, 8, 2, 3).Initializer(Integers("to", [2], 8, 6))
            .Node("Reshape", "x to", "f").Node("ReduceMean", "f", "y", Attribute("axes", [1L]), Attribute("keepdims", 0)).Output("y", 8));
        Assert.True(network.Graph.MixesImages);
        Assert.Equal(new Shape(1, 1, 1, 8), network.Graph.Output.Shape);
    }

    [Fact]
    public void A_model_of_any_size_is_given_one()
    {
        TestModel model = new TestModel().Input("x", "batch", 3, "height", "width").Node("Relu", "x", "y").Output("y", 1);
        Assert.Contains("takes any size, and none was asked for", Refused(model), StringComparison.Ordinal);
        var network = OnnxNetwork.Read(model.ToArray(), "m.onnx", new OnnxImportOptions { Size = (7, 9) });
        Assert.Equal(new Shape(1, 7, 9, 3), network.Graph.Output.Shape);
    }

    [Fact]
    public void An_output_is_chosen_by_its_name()
    {
        byte[] model = new TestModel().Input("x", "batch", 3, 4, 4).Node("Relu", "x", "a").Node("NoSuchThing", "a", "b")
            .Output("b", 1).ToArray();
        var network = OnnxNetwork.Read(model, "m.onnx", new OnnxImportOptions { Outputs = ["a"] });
        Assert.Equal("a", network.Graph.Output.Name);
        Assert.Equal("m.onnx: no node makes 'c': choose one of the outputs b", Assert.Throws<GpuCamException>(
            () => OnnxNetwork.Read(model, "m.onnx", new OnnxImportOptions { Outputs = ["c"] })).Message);
    }

    [Fact]
    public void All_that_cannot_run_is_said_at_once()
    {
        string message = Refused(new TestModel().Input("x", "batch", 3, 4, 4).Node("NonMaxSuppression:nms", "x", "a").Node("Loop", "x", "b")
            .Node("MaxPool", "x", "c", Attribute("kernel_shape", 9L, 9)).Node("Concat", "a b c", "y", Attribute("axis", 1)).Output("y", 1));
        Assert.StartsWith("m.onnx: this network cannot be run: NonMaxSuppression node 'nms' (opset 17): there is no such operator here; "
            + "Loop node that makes 'b' (opset 17): there is no such operator here; MaxPool node that makes 'c': ", message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("Concat", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quantised_network_is_read_as_float()
    {
        Proto weight = Bare("w", OnnxType.Int8, 2, 1, 1, 1).Packed(5, -3, 5), zeros = Bare("z", OnnxType.Int8, 2).Packed(5, 0, 1);
        OnnxNetwork network = Read(new TestModel().Input("x", "batch", 1, 4, 4)
            .Initializer(Floats("s", [], 0.1f)).Initializer(Bare("z0", OnnxType.UInt8).Packed(5, 128)).Initializer(weight)
            .Initializer(Floats("ws", [2], 0.5f, 2)).Initializer(zeros)
            .Node("QuantizeLinear", "x s z0", "q").Node("DequantizeLinear", "q s z0", "d")
            .Node("DequantizeLinear", "w ws z", "wd", Attribute("axis", 0)).Node("Conv", "d wd", "y").Output("y", "batch", 2, 4, 4));
        Assert.Equal(["conv 1x1"], Kinds(network));
        Assert.Equal([-1.5f, 8], network.Graph.Parameters[0].Data!.ToArray(2));
    }

    [Fact]
    public void A_normalisation_goes_into_the_convolution_before_it()
    {
        TestModel model = new TestModel().Input("x", "batch", 1, 4, 4).Initializer(Floats("w", [2, 1, 1, 1], 1, 2))
            .Initializer(Floats("b", [2], 1, 1)).Initializer(Floats("scale", [2], 3, 4)).Initializer(Floats("shift", [2], 5, 6))
            .Initializer(Floats("mean", [2], 7, 8)).Initializer(Floats("variance", [2], 4, 16)).Node("Conv", "x w b", "c")
            .Node("BatchNormalization", "c scale shift mean variance", "y", Attribute("epsilon", 0f)).Output("y", "batch", 2, 4, 4);
        OnnxNetwork network = Read(model);
        Assert.Equal(["conv 1x1"], Kinds(network));
        Assert.Equal("y", network.Graph.Output.Name);
        Assert.Equal([1.5f, 2], network.Graph.Parameters[0].Data!.ToArray(2));
        Assert.Equal([-4f, -1], network.Graph.Parameters[1].Data!.ToArray(2));
        Assert.Equal(["conv 1x1", "batch norm"], Kinds(Read(model.Output("c", "batch", 2, 4, 4))));
    }

    [Fact]
    public void Factors_of_channels_go_into_the_linear_layer_before_them()
    {
        TestModel model = new TestModel().Input("x", "batch", 3, 2).Initializer(Floats("w", [2, 2], 1, 2, 3, 4))
            .Initializer(Floats("b", [2], 5, 6)).Initializer(Floats("scale", [2], 10, 100)).Node("MatMul", "x w", "p")
            .Node("Add", "b p", "q").Node("Mul", "scale q", "y").Output("y", "batch", 3, 2);
        OnnxNetwork network = Read(model);
        Assert.Equal(["linear"], Kinds(network));
        Assert.Equal([10f, 200, 30, 400], network.Graph.Parameters[0].Data!.ToArray(4));
        Assert.Equal([50f, 600], network.Graph.Parameters[1].Data!.ToArray(2));
        Assert.Equal(["linear", "linear"], Kinds(Read(model.Output("q", "batch", 3, 2))));
        OnnxNetwork turned = Read(new TestModel().Input("x", "batch", 2).Initializer(Floats("w", [2, 2], 1, 2, 3, 4))
            .Initializer(Floats("scale", [2], 10, 100)).Node("Gemm", "x w", "p", Attribute("transB", 1)).Node("Mul", "p scale", "y")
            .Output("y", "batch", 2));
        Assert.Equal([10f, 300, 20, 400], turned.Graph.Parameters[0].Data!.ToArray(4));
    }

    [Fact]
    public void Two_limits_are_one()
    {
        TestModel model = new TestModel().Input("x", "batch", 4).Initializer(Floats("zero", [], 0)).Initializer(Floats("six", [], 6))
            .Node("Max", "x zero", "a").Node("Min", "a six", "y").Output("y", "batch", 4);
        OnnxNetwork network = Read(model);
        Assert.Equal((0f, 6f), Assert.IsType<UnaryNode>(Assert.Single(network.Graph.Nodes)).Settings);
        Assert.Equal(["relu", "clip"], Kinds(Read(model.Output("a", "batch", 4))));
    }

    [Fact]
    public void Functions_written_as_their_parts_are_one_node()
    {
        OnnxNetwork swish = Read(new TestModel().Input("x", "batch", 4).Node("Sigmoid", "x", "s").Node("Mul", "s x", "y").Output("y", 1));
        Assert.Equal(["swish"], Kinds(swish));
        OnnxNetwork gelu = Read(new TestModel().Input("x", "batch", 4).Initializer(Floats("root", [], MathF.Sqrt(2)))
            .Initializer(Floats("one", [], 1)).Initializer(Floats("half", [], 0.5f)).Node("Div", "x root", "a").Node("Erf", "a", "b")
            .Node("Add", "b one", "c").Node("Mul", "x c", "d").Node("Mul", "d half", "y").Output("y", 1));
        Assert.Equal(["gelu"], Kinds(gelu));
        OnnxNetwork norm = Read(new TestModel().Input("x", "batch", 3, 4).Initializer(Floats("two", [], 2))
            .Initializer(Floats("eps", [], 1e-6f)).Initializer(Weight("g", 4)).Initializer(Weight("b", 4))
            .Node("ReduceMean", "x", "m", Attribute("axes", [-1L])).Node("Sub", "x m", "d").Node("Pow", "d two", "q")
            .Node("ReduceMean", "q", "v", Attribute("axes", [-1L])).Node("Add", "v eps", "e").Node("Sqrt", "e", "r")
            .Node("Div", "d r", "n").Node("Mul", "n g", "k").Node("Add", "k b", "y").Output("y", 1));
        Assert.Equal(["layer norm"], Kinds(norm));
    }

    private static string[] Kinds(OnnxNetwork network) => [.. network.Graph.Nodes.Select(node => node.Kind)];

    private static OnnxNetwork Read(TestModel model) => OnnxNetwork.Read(model.ToArray(), "m.onnx");

    private static string Refused(TestModel model) => Assert.Throws<GpuCamException>(() => Read(model)).Message;

    private static Proto Weight(string name, params long[] extents) =>
        Floats(name, extents, new float[extents.Aggregate(1L, (product, extent) => product * extent)]);
}
