using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class LeNetGapTests
{
    public static TheoryData<string, string> EveryVariant => TestDevices.With(["average 2", "max 2", "average 1", "max 1"]);

    private static readonly ICamMethod s_cam = new ClassActivationMapping();
    private static readonly string[] s_digits = [.. Enumerable.Range(0, 10).Select(i => $"{i}")];

    [Fact]
    public void The_reference_network_has_its_shapes_and_parameters()
    {
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 100, s_digits), 1);
        Assert.Equal(
            [
                "conv1 1x100x100x32", "relu1 1x100x100x32", "pool1 1x50x50x32",
                "conv2 1x50x50x64", "relu2 1x50x50x64", "pool2 1x25x25x64", "gap 1x1x1x64", "classifier 1x1x1x10",
            ],
            network.Graph.Nodes.Select(node => $"{node.Name} {node.Output.Shape}"));
        Assert.Equal(832 + 51_264 + 640, network.Graph.ParameterCount);
        Assert.Equal(
            ["conv1.weight 5x5x1x32", "conv1.bias 1x1x1x32", "conv2.weight 5x5x32x64", "conv2.bias 1x1x1x64",
                "classifier.weight 64x1x1x10"],
            network.Parameters.Select(p => $"{p.Name} {p.Shape}"));
    }

    [Theory]
    [MemberData(nameof(EveryVariant))]
    public void Logits_and_every_gradient_agree_with_a_reference_in_double(string device, string variant)
    {
        using var op = new OpHarness(device);
        NetworkConfig config =
            VariantOf(new NetworkConfig(2, 9, ["a", "b", "c"]) { Widths = [3, 5], KernelSize = 3, ClassifierBias = true }, variant);
        using Execution network = LeNetGap.Create(op.Device, config, 11);
        RandomBiases(network);
        var shape = new Shape(2, 9, 7, 2);
        float[] x = OpHarness.Random(shape.Count, 3);
        int[] labels = [2, 0];

        Tensor logits = network.Forward(op.Input("x", shape, x));
        Tensor dLogits = op.Output("dLogits", logits.Shape);
        SoftmaxCrossEntropy.Forward(logits, op.Integers(labels), op.Output("losses", Shape.Matrix(2, 1)), dLogits, 2);
        network.Backward(dLogits, needInputGradient: true);

        var reference = new ReferenceNetwork(network, shape, x, labels);
        OpHarness.Close(reference.Logits(), logits.ToArray(), 1e-5, "logits");
        foreach (Parameter parameter in network.Parameters)
        {
            OpHarness.Close(reference.Gradient(reference.Parameters[parameter.Name]), parameter.Gradient.ToArray(), 1e-5, parameter.Name);
        }

        OpHarness.Close(reference.Gradient(reference.X), network.ActivationGradient(GraphLayers.Image).ToArray(), 1e-5, "dx");
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_mean_of_a_class_activation_map_and_the_bias_make_the_logit(string device)
    {
        using var op = new OpHarness(device);
        using Execution network = TinyProblem.Network(op.Device);
        RandomBiases(network);
        using var engine = new CamEngine(network);
        (float[] images, _) = TinyProblem.Batch(0, 5);
        float[] logits = network.Forward(op.Input("x", new Shape(5, 12, 12, 1), images)).ToArray();
        float[] bias = network.Parameters.Single(p => p.Name == "classifier.bias").Value.ToArray();
        for (int c = 0; c < TinyProblem.Classes; c++)
        {
            Tensor map = engine.Map(s_cam, engine.DefaultLayer, [c, c, c, c, c]);
            Assert.Equal(new Shape(5, 3, 3, 1), map.Shape);
            double[] expected = [.. map.ToArray().Chunk(9).Select(pixels => pixels.Average(v => (double)v) + bias[c])];
            OpHarness.Close(expected, [.. Enumerable.Range(0, 5).Select(n => logits[(n * TinyProblem.Classes) + c])], 1e-6, "logit");
        }
    }

    [Theory]
    [MemberData(nameof(EveryVariant))]
    public void A_map_sums_the_pooled_feature_maps_with_the_weights_of_its_class(string device, string variant)
    {
        using var op = new OpHarness(device);
        using Execution network = LeNetGap.Create(op.Device, VariantOf(TinyProblem.Config, variant), 7);
        RandomBiases(network);
        using var engine = new CamEngine(network);
        (float[] images, _) = TinyProblem.Batch(0, 2);
        network.Forward(op.Input("x", new Shape(2, 12, 12, 1), images));
        Assert.Equal(variant[^1] == '2' ? "pool2" : "relu2", engine.DefaultLayer);
        Tensor features = network.Activation(engine.DefaultLayer);
        Assert.Equal(variant[^1] == '2' ? new Shape(2, 3, 3, 6) : new Shape(2, 6, 6, 6), features.Shape);
        float[] weight = network.Parameters.Single(p => p.Name == "classifier.weight").Value.ToArray();
        int[] classes = [2, 1];
        double[] expected = [.. features.ToArray().Chunk(6).Select((pixel, p) =>
            pixel.Select((value, k) => (double)value * weight[(k * 3) + classes[p / features.Shape.Area]]).Sum())];
        OpHarness.Close(expected, engine.Map(s_cam, engine.DefaultLayer, classes).ToArray(), 1e-5, "map");
    }

    [Fact]
    public void Each_image_gets_the_map_of_its_own_class_at_the_size_of_the_image()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var engine = new CamEngine(network);
        (float[] images, _) = TinyProblem.Batch(0, 3);
        network.Forward(op.Input("x", new Shape(3, 12, 12, 1), images));
        float[] mixed = engine.MapToImage(s_cam, engine.DefaultLayer, [2, 0, 1]).ToArray();
        Assert.Equal("pool2", engine.DefaultLayer);
        Assert.Equal(3 * 144, mixed.Length);
        int[] classes = [2, 0, 1];
        for (int n = 0; n < 3; n++)
        {
            int c = classes[n];
            float[] same = engine.MapToImage(s_cam, engine.DefaultLayer, [c, c, c]).ToArray();
            Assert.Equal(same[(n * 144)..((n + 1) * 144)], mixed[(n * 144)..((n + 1) * 144)]);
        }

        Assert.Throws<GpuCamException>(() => engine.Map(s_cam, engine.DefaultLayer, [0, 1, 3]));
    }

    [Fact]
    public void Group_kernels_leave_out_what_is_pooled_until_it_is_asked_for()
    {
        using var op = new OpHarness("groups-of-1");
        using Execution network = TinyProblem.Network(op.Device);
        (float[] images, _) = TinyProblem.Batch(0, 2);
        Tensor logits = network.Forward(op.Input("x", new Shape(2, 12, 12, 1), images));
        network.Backward(op.Input("ones", logits.Shape, [1, 1, 1, 1, 1, 1]));
        Assert.NotNull(network.ActivationGradient("pool1"));
        Assert.Throws<InvalidOperationException>(() => network.ActivationGradient("relu2"));

        float[] conv2 = network.Activation("conv2").ToArray(), relu2 = network.Activation("relu2").ToArray();
        Assert.Contains(conv2, value => value < 0);
        Assert.Equal(conv2.Select(value => Math.Max(0, value)), relu2);
    }

    [Fact]
    public void Activations_and_gradients_are_found_by_name()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        Assert.Throws<InvalidOperationException>(() => network.Activation("conv1"));
        (float[] images, _) = TinyProblem.Batch(0, 2);
        Tensor logits = network.Forward(op.Input("x", new Shape(2, 12, 12, 1), images));
        Assert.Same(logits, network.Activation("classifier"));
        Assert.Equal(new Shape(2, 6, 6, 4), network.Activation("pool1").Shape);
        Assert.Throws<InvalidOperationException>(() => network.ActivationGradient("pool2"));

        // The gradient of the sum of the logits behind global average pooling: the same number in every pixel.
        Tensor ones = op.Input("ones", logits.Shape, [1, 1, 1, 1, 1, 1]);
        network.Backward(ones);
        float[] weight = network.Parameters.Single(p => p.Name == "classifier.weight").Value.ToArray();
        double[] expected = [.. Enumerable.Range(0, 2 * 9 * 6).Select(i => weight.Skip(i % 6 * 3).Take(3).Sum(v => (double)v) / 9)];
        OpHarness.Close(expected, network.ActivationGradient("pool2").ToArray(), 1e-6);
        Assert.Throws<InvalidOperationException>(() => network.ActivationGradient(GraphLayers.Image));

        GpuCamException error = Assert.Throws<GpuCamException>(() => network.Activation("conv3"));
        Assert.Equal("unknown layer 'conv3': this network has conv1, relu1, pool1, conv2, relu2, pool2, gap, classifier", error.Message);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Global_max_pooling_passes_the_gradient_to_the_winner_alone(string device)
    {
        using var op = new OpHarness(device);
        var graph = new GraphBuilder();
        Value pooled = graph.GlobalPool("gmp", graph.Input("x", new Shape(1, 1, 3, 2)), GlobalPooling.Max);
        using var network = new Execution(op.Device, new Network(graph.Build(pooled), ["a", "b"]));
        Tensor y = network.Forward(op.Input("x", new Shape(2, 1, 3, 2), [1, 9, 5, 2, 3, 4, -1, -2, -3, -4, -5, -1]));
        Assert.Equal([5, 9, -1, -1], y.ToArray());
        Tensor dx = network.BackwardTo("x", op.Input("dy", y.Shape, [1, 2, 3, 4]));
        Assert.Equal([0, 2, 1, 0, 0, 0, 3, 0, 0, 0, 0, 4], dx.ToArray());
    }

    [Fact]
    public void A_network_without_global_pooling_has_maps_by_gradients_alone()
    {
        using var op = new OpHarness("plain");
        var graph = new GraphBuilder();
        Value x = graph.Relu("relu", graph.Conv2D("conv", graph.Input(GraphLayers.Image, new Shape(1, 4, 4, 1)), 2, 3));
        x = graph.Conv2D("flat", x, 3, 3);
        using var network = new Execution(op.Device, new Network(graph.Build(graph.MaxPool2D("pool", x, 4)), ["a", "b", "c"]));
        using var engine = new CamEngine(network);
        Assert.Equal(["conv", "relu", "flat"], engine.LayerNames);
        Assert.Equal("flat", engine.DefaultLayer);
        Assert.Null(engine.Obstacle(CamMethods.Create("gradcam"), ["relu"]));
        Assert.Equal("method cam needs a network that ends in global pooling and at most one linear layer, and this one ends in relu → "
            + "conv 3x3 → max-pool 4x4/4; give --method gradcam, hirescam or another",
            Assert.Throws<GpuCamException>(() => engine.Check(s_cam, ["flat"])).Message);
    }

    [Theory]
    [InlineData(0, 1, "this network has 1 or 2 pools, not 0")]
    [InlineData(3, 100, "this network has 1 or 2 pools, not 3")]
    [InlineData(1, 1, "images for one pool of 2 must have at least 2 pixels a side, not 1")]
    public void An_impossible_number_of_pools_is_refused(int pools, int size, string message)
    {
        var config = new NetworkConfig(1, size, s_digits) { Pools = pools };
        Assert.Equal(message, Assert.Throws<GpuCamException>(config.Validate).Message);
    }

    [Theory]
    [InlineData(0, 12, 5, "a network needs at least 1 input channel, not 0")]
    [InlineData(1, 3, 5, "images for two pools of 2 must have at least 4 pixels a side, not 3")]
    [InlineData(1, 12, 4, "the kernel size must be odd, not 4")]
    public void An_impossible_configuration_is_refused(int channels, int size, int kernelSize, string message)
    {
        using var op = new OpHarness("plain");
        var config = new NetworkConfig(channels, size, s_digits) { KernelSize = kernelSize };
        Assert.Equal(message, Assert.Throws<GpuCamException>(() => LeNetGap.Create(op.Device, config, 1)).Message);
    }

    [Fact]
    public void Images_with_other_channels_are_refused()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        Assert.Throws<GpuCamException>(() => network.Forward(op.Output("x", new Shape(1, 12, 12, 3))));
    }

    private static NetworkConfig VariantOf(NetworkConfig config, string variant) =>
        config with
        {
            Pooling = variant.StartsWith("max", StringComparison.Ordinal) ? GlobalPooling.Max : GlobalPooling.Average,
            Pools = variant[^1] - '0'
        };

    private static void RandomBiases(Execution network)
    {
        int seed = 100;
        foreach (Parameter parameter in network.Parameters.Where(p => p.Kind == ParameterKind.Bias))
        {
            parameter.Value.CopyFrom(OpHarness.Random(parameter.Shape.Count, seed++, -0.3f, 0.3f));
        }
    }
}
