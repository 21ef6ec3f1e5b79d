using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

/// <summary>What methods promise at the edges of their settings, and of what networks say.</summary>
public class CamMethodTests
{
    [Theory]
    [InlineData(-1, 1, 0, 0, "-1 top channels")]
    [InlineData(0, 0, 0, 0, "0 samples")]
    [InlineData(0, 1, -0.5f, 0, "noise of -0.5")]
    [InlineData(0, 1, float.NaN, 0, "noise of NaN")]
    [InlineData(0, 1, float.PositiveInfinity, 0, "noise of Infinity")]
    [InlineData(0, 1, 0, float.NaN, "a gamma of NaN")]
    [InlineData(0, 1, 0, float.NegativeInfinity, "a gamma of -Infinity")]
    [InlineData(0, 1, 0, -3, null)]
    [InlineData(7, 9, float.MaxValue, 2, null)]
    public void Settings_out_of_range_are_named(int topChannels, int samples, float noise, float gamma, string? fault)
    {
        var options = new CamMethodOptions { TopChannels = topChannels, Samples = samples, Noise = noise, Gamma = gamma };
        if (fault is null)
        {
            Assert.Same(options, options.Validated());
            return;
        }

        GpuCamException error = Assert.Throws<GpuCamException>(() => CamMethods.Create("gradcam", options));
        Assert.StartsWith($"{fault} is out of range; give ".Replace("channels is", "channels are", StringComparison.Ordinal)
            .Replace("samples is", "samples are", StringComparison.Ordinal), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_differ_and_each_method_is_found_by_its_own()
    {
        string[] names = [.. CamMethods.All.Select(method => method.Name)];
        Assert.Equal(["ablationcam", "cam", "center", "counterfactual", "eigencam", "finercam", "fullgrad", "gradcam", "gradcam++",
            "hirescam", "iscam", "layercam", "random", "scorecam", "sscam", "xgradcam"], names.Order(StringComparer.Ordinal));
        Assert.All(names, name => Assert.Equal(name, CamMethods.Create(name).Name));
        Assert.All(names, name => Assert.Equal(name, CamMethods.Create(name, new CamMethodOptions()).Name));
    }

    [Fact]
    public void Every_method_describes_itself_in_a_line_of_its_own()
    {
        string[] lines = [.. CamMethods.All.Select(method => method.Description)];
        Assert.All(lines, line => Assert.True(line.Length > 10 && !line.Contains('\n', StringComparison.Ordinal), line));
        Assert.Equal(lines.Length, lines.Distinct().Count());
    }

    [Fact]
    public void Fused_layers_are_rectified_only_if_that_is_asked_for()
    {
        using var problem = new CamProblem("plain");
        ICamMethod method = CamMethods.Create("gradcam");
        float[] raw = problem.Engine.MapToImage(method, ["conv2", "pool2"], CamProblem.Classes, rectify: false).ToArray();
        Assert.NotEqual(raw, problem.Engine.MapToImage(method, ["conv2", "pool2"], CamProblem.Classes).ToArray());
    }

    /// <summary>Gradient and score methods end with a ReLU; cam is signed, fullgrad and the centre have nothing below 0.</summary>
    [Fact]
    public void Only_methods_without_a_sign_to_show_end_with_a_ReLU()
    {
        Assert.Equal(["cam", "center", "fullgrad"],
            CamMethods.All.Where(method => !method.Rectifies).Select(method => method.Name).Order(StringComparer.Ordinal));
        using var problem = new CamProblem("plain");
        Assert.Contains(problem.Engine.MapToImage(CamMethods.Create("cam"), "pool2", CamProblem.Classes).ToArray(), v => v < 0);
    }

    /// <summary>What follows the feature maps decides whether their exact map is known.</summary>
    [Theory]
    [InlineData("gap linear", "relu")]
    [InlineData("gmp linear", "relu")]
    [InlineData("gap", "relu")]
    [InlineData("gap linear relu", null)]
    [InlineData("linear", null)]
    [InlineData("pool linear", null)]
    public void The_exact_map_needs_global_pooling_and_at_most_one_linear_layer(string ending, string? features)
    {
        var graph = new GraphBuilder();
        Value x = graph.Relu("relu", graph.Input(GraphLayers.Image, new Shape(1, 4, 4, 2)));
        foreach (string kind in ending.Split(' '))
        {
            x = kind switch
            {
                "gap" => graph.GlobalPool(kind, x, GlobalPooling.Average),
                "gmp" => graph.GlobalPool(kind, x, GlobalPooling.Max),
                "linear" => graph.Linear(kind, x, 2, bias: false),
                "pool" => graph.MaxPool2D(kind, x, 2),
                _ => graph.Relu("last", x),
            };
        }

        var network = new Network(graph.Build(x), ["a", "b"]);
        Assert.Equal(features, network.Tail?.Features.Name);
        Assert.NotNull(network.DefaultValue);
    }

    [Fact]
    public void A_network_without_feature_maps_has_no_maps()
    {
        using var op = new OpHarness("plain");
        var graph = new GraphBuilder();
        Value pooled = graph.GlobalPool("gap", graph.Input(GraphLayers.Image, new Shape(1, 4, 4, 1)), GlobalPooling.Average);
        using var network =
            new Execution(op.Device, new Network(graph.Build(graph.Linear("classifier", pooled, 2, bias: false)), ["a", "b"]));
        Assert.Throws<GpuCamException>(() => new CamEngine(network));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void A_class_out_of_range_is_refused(int index)
    {
        using var problem = new CamProblem("plain");
        Assert.Equal($"class {index} is out of range: the network has 3 classes, counted from 0",
            Assert.Throws<GpuCamException>(() => problem.Engine.Map(CamMethods.Create("cam"), "pool2", [0, 1, index])).Message);
    }

    [Fact]
    public void A_map_of_the_whole_network_is_the_same_for_any_layers()
    {
        using var problem = new CamProblem("plain");
        ICamMethod method = CamMethods.Create("fullgrad");
        float[] map = problem.Map(method, "pool2");
        Assert.Equal(map, problem.Engine.MapToImage(method, ["conv1", "pool2"], CamProblem.Classes).ToArray());
        Assert.Equal(map, problem.Map(method, "conv1"));
    }

    /// <summary>Ablation-CAM: (y - y with A_k = 0) / |y|, undivided where y is 0.</summary>
    [Fact]
    public void A_logit_of_nothing_divides_no_ablation()
    {
        using var problem = new CamProblem("plain");
        Tensor bias = problem.Network.Parameters.Single(p => p.Name == "classifier.bias").Value;
        bias.CopyFrom(new float[3]);
        Tensor images = problem.Network.Activation(GraphLayers.Image);
        float[] contributions = problem.Network.Forward(images).ToArray();
        bias.CopyFrom([.. contributions[..3].Select(v => -v)]);         // the first image's logits become 0
        Assert.All(problem.Network.Forward(images).ToArray()[..3], logit => Assert.Equal(0, logit));
        float[] weight = problem.Parameter("classifier.weight"), features = problem.Features("pool2")[0];
        double[] expected = [.. Enumerable.Range(0, 9).Select(p => Enumerable.Range(0, 6).Sum(k =>
            weight[(k * 3) + CamProblem.Classes[0]] * features.Where((_, i) => i % 6 == k).Average(v => (double)v)
            * features[(p * 6) + k]))];
        OpHarness.Close(expected, problem.Map("ablationcam", "pool2")[..9], 1e-5);
    }

    [Fact]
    public void Scores_of_thousands_make_weights_too()
    {
        using var problem = new CamProblem("plain");
        Tensor weight = problem.Network.Parameters.Single(p => p.Name == "classifier.weight").Value;
        weight.CopyFrom([.. weight.ToArray().Select(v => 1e5f * v)]);
        problem.Network.Forward(problem.Network.Activation(GraphLayers.Image));
        float[][] features = problem.Features("pool2");
        float[] map = problem.Map("scorecam", "pool2");

        // Shares that are all but 0 and 1: the map is one channel's.
        for (int n = 0; n < CamProblem.Count; n++)
        {
            float[] own = map[(n * 9)..((n + 1) * 9)];
            Assert.Contains(Enumerable.Range(0, 6), k => own.Select((v, p) => Math.Abs(v - features[n][(p * 6) + k])).Max() < 1e-5);
        }
    }

    [Fact]
    public void Random_weights_are_uniform_between_minus_one_and_one()
    {
        const int Lit = 7;
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 4, ["a", "b"]) { Widths = [1, 50], KernelSize = 1 }, 3);
        using var engine = new CamEngine(network);
        foreach (Parameter parameter in network.Parameters)
        {
            float[] values = new float[parameter.Shape.Count];
            Array.Fill(values, parameter.Name is "conv1.weight" or "conv2.weight" ? 1 : 0);
            parameter.Value.CopyFrom([.. values.Select((v, k) => parameter.Name == "conv2.bias" && k != Lit ? -100 : v)]);
        }

        // One pixel with a single channel that is not 0: the map is that channel's weight times its value.
        int[] classes = new int[20];
        network.Forward(op.Input("x", new Shape(20, 4, 4, 1), [.. Enumerable.Repeat(0.5f, 320)]));
        float value = network.Activation("pool2").ToArray()[Lit];
        Assert.Equal(0.5f, value);
        var weights = new List<float>();
        for (int batch = 0; batch < 50; batch++)
        {
            engine.ImageNumbers = [.. Enumerable.Range(batch * 20, 20)];
            weights.AddRange(engine.Map(CamMethods.Create("random"), "pool2", classes).ToArray().Select(v => v / value));
        }

        Assert.Equal(1000, weights.Count);
        Assert.InRange(weights.Min(), -1.001f, -0.98f);
        Assert.InRange(weights.Max(), 0.98f, 1.001f);
        Assert.InRange(weights.Average(), -0.06, 0.06);                     // three deviations of a mean of 1000
        Assert.InRange(weights.Average(w => w * w), 0.30, 0.37);            // a third, as a uniform weight has
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Features_that_are_not_numbers_have_no_principal_component(float pixel)
    {
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 8, ["a", "b"]) { Widths = [3, 5], KernelSize = 1 }, 5);
        using var engine = new CamEngine(network);
        float[] pixels = OpHarness.Random(2 * 64, 3, 0, 1);
        pixels[9] = pixel;
        network.Forward(op.Input("x", new Shape(2, 8, 8, 1), pixels));
        float[] map = engine.Map(CamMethods.Create("eigencam"), "conv1", [0, 0]).ToArray();
        Assert.Equal(MapState.NonFinite, MapRange.Of(map.AsSpan(0, 64)).State);
        Assert.Equal(MapState.Normal, MapRange.Of(map.AsSpan(64)).State);        // the other image's map is its own
    }

    [Fact]
    public void A_channel_that_does_not_vary_hides_no_other()
    {
        // Channels 0, x and 2 x: the first component is (0, 1, 2) / sqrt(5), so the map is sqrt(5) (x - mean), upright.
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 8, ["a", "b"]) { Widths = [3, 5], KernelSize = 1 }, 5);
        using var engine = new CamEngine(network);
        network.Parameters.Single(p => p.Name == "conv1.weight").Value.CopyFrom([0, 1, 2]);
        float[] pixels = OpHarness.Random(64, 3, 0, 1);
        pixels[20] = 3;
        network.Forward(op.Input("x", new Shape(1, 8, 8, 1), pixels));
        double mean = pixels.Average(v => (double)v);
        OpHarness.Close([.. pixels.Select(v => Math.Sqrt(5) * (v - mean))],
            engine.Map(CamMethods.Create("eigencam"), "conv1", [0]).ToArray(), 1e-4);
    }

    [Fact]
    public void Copies_of_large_images_run_in_smaller_batches()
    {
        using var op = new OpHarness("simd-256");
        using Execution network = LeNetGap.Create(op.Device, new NetworkConfig(1, 600, ["a", "b"]) { Widths = [1, 30], KernelSize = 1 }, 3);
        using var engine = new CamEngine(network);
        var seen = new List<(int, int)>();
        engine.Progress = (done, total) => seen.Add((done, total));
        network.Forward(op.Input("x", new Shape(1, 600, 600, 1), OpHarness.Random(360_000, 1, 0, 1)));
        engine.Map(CamMethods.Create("scorecam"), "pool2", [0]);
        Assert.Equal([(23, 30), (30, 30)], seen);       // 2^23 floats hold 23 images of 600 x 600
    }
}
