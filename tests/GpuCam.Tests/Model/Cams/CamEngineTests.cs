using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Cams;

public class CamEngineTests
{
    // Fewer passes than usual: the methods are the same.
    private static readonly CamMethodOptions s_quick = new() { Samples = 3 };

    public static TheoryData<string> Methods => new(CamMethods.All.Select(method => method.Name));

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_second_run_of_any_method_gives_the_same_bits_and_leaves_the_network_as_it_was(string device)
    {
        using var problem = new CamProblem(device);
        float[] cam = problem.Map("cam", "pool2");
        foreach (ICamMethod method in Quick())
        {
            string layer = method.Scope == CamScope.PooledLayer ? "pool2" : "conv2";
            float[] first = problem.Map(method, layer);
            Assert.Equal(problem.Logits, problem.Network.Activation("classifier").ToArray());
            Assert.Equal(first, problem.Map(method, layer));
            Assert.Equal(cam, problem.Map("cam", "pool2"));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Each_image_has_the_map_of_its_own_class_as_if_it_were_alone(string name)
    {
        ICamMethod method = CamMethods.Create(name, s_quick);
        foreach (string layer in method.Scope == CamScope.AnyLayer ? CamProblem.Layers : ["pool2"])
        {
            using var problem = new CamProblem("simd-256");
            float[] all = problem.Map(method, layer);
            float[][] together = [.. all.Chunk(all.Length / CamProblem.Count)];
            float[] pixels = problem.Network.Activation(GraphLayers.Image).ToArray();
            for (int n = 0; n < CamProblem.Count; n++)
            {
                float[] one = [.. pixels.Skip(n * CamProblem.Area).Take(CamProblem.Area)];
                problem.Network.Forward(problem.Op.Input($"image {n}", CamProblem.Images.WithN(1), one));
                problem.Engine.ImageNumbers = [n];
                float[] alone = problem.Engine.Map(method, layer, [CamProblem.Classes[n]]).ToArray();
                OpHarness.Close([.. alone.Select(v => (double)v)], together[n], 1e-5, $"{layer}, image {n}");
            }
        }
    }

    [Theory]
    [InlineData("plain", "pool2")]
    [InlineData("plain", "conv2")]
    [InlineData("simd-256", "pool2")]
    [InlineData("simd-256", "conv2")]
    public void A_method_computes_no_more_than_it_needs(string backend, string layer)
    {
        foreach (ICamMethod method in Quick().Where(method => layer == "pool2" || method.Scope == CamScope.AnyLayer))
        {
            using var problem = new CamProblem(backend);
            foreach (Parameter parameter in problem.Network.Parameters)
            {
                parameter.Gradient.CopyFrom([.. Enumerable.Repeat(float.NaN, parameter.Shape.Count)]);
            }

            int reports = 0;
            problem.Engine.Progress = (_, _) => reports++;
            problem.Map(method, layer);
            bool backward = method.Needs == CamNeeds.Gradient;
            Assert.Equal(method.Needs == CamNeeds.Scores, reports > 0);
            Assert.Equal(backward, Record.Exception(() => problem.Network.ActivationGradient("gap")) is null);
            if (layer == "pool2")
            {
                Assert.Equal(method.Name == "fullgrad", Record.Exception(() => problem.Network.ActivationGradient("relu2")) is null);
            }

            Assert.All(problem.Network.Parameters, p => Assert.All(p.Gradient.ToArray(), v => Assert.True(float.IsNaN(v))));
        }
    }

    [Theory]
    [MemberData(nameof(Methods))]
    public void Degenerate_images_and_networks_have_maps_too(string name)
    {
        ICamMethod method = CamMethods.Create(name, s_quick);
        using var op = new OpHarness("simd-256");
        foreach (bool biases in (bool[])[true, false])
        {
            var config = new NetworkConfig(1, 4, ["a", "b", "c"]) { Widths = [3, 5], KernelSize = 3, ClassifierBias = biases };
            using Execution network = LeNetGap.Create(op.Device, config, 5);
            using var engine = new CamEngine(network);
            foreach (Shape shape in (Shape[])[new(2, 4, 4, 1), new(2, 5, 9, 1)])
            {
                float[] half = new float[shape.Count];
                Array.Fill(half, 0.5f, shape.Area, shape.Area);
                network.Forward(op.Input("x", shape, half));        // a black image and a grey one
                foreach (string layer in method.Scope == CamScope.PooledLayer ? ["pool2"] : CamProblem.Layers)
                {
                    float[] map = engine.MapToImage(method, layer, [1, 2]).ToArray();
                    Assert.Equal(2 * shape.Area, map.Length);
                    Assert.All(map, v => Assert.True(float.IsFinite(v), $"{layer} {shape}: {v}"));
                }
            }
        }
    }

    [Fact]
    public void Weights_that_are_not_numbers_make_maps_that_say_so()
    {
        using var problem = new CamProblem("plain");
        Tensor weight = problem.Network.Parameters.Single(p => p.Name == "classifier.weight").Value;
        weight.CopyFrom([.. weight.ToArray().Select(_ => float.NaN)]);
        problem.Network.Forward(problem.Network.Activation(GraphLayers.Image));
        foreach (ICamMethod method in Quick().Where(m => m.Name is not ("eigencam" or "random" or "center" or "fullgrad")))
        {
            Assert.True(MapRange.Of(problem.Map(method, "pool2")).State == MapState.NonFinite, method.Name);
        }
    }

    [Fact]
    public void Random_weights_belong_to_the_image_and_the_seed()
    {
        using var problem = new CamProblem("plain");
        ICamMethod one = CamMethods.Create("random"), two = CamMethods.Create("random", new CamMethodOptions { Seed = 2 });
        float[] map = problem.Map(one, "pool2");
        Assert.NotEqual(map, problem.Map(two, "pool2"));
        problem.Engine.ImageNumbers = [1];
        Assert.NotEqual(map, problem.Map(one, "pool2"));
    }

    [Fact]
    public void The_centre_map_is_that_of_the_metrics()
    {
        using var problem = new CamProblem("plain");
        float[] center = CenterMap.Create(TinyProblem.Size, TinyProblem.Size);
        Assert.Equal([.. center, .. center, .. center], problem.Map("center", "conv1"));
    }

    [Fact]
    public void Fused_layers_are_the_mean_of_their_normalised_maps()
    {
        using var problem = new CamProblem("simd-128");
        ICamMethod method = CamMethods.Create("gradcam");
        double[] expected = new double[CamProblem.Images.Count];
        foreach (string layer in (string[])["conv2", "pool2", "pool1"])
        {
            float[] map = problem.Engine.MapToImage(method, layer, CamProblem.Classes).ToArray();
            double[] all = [.. map.Chunk(CamProblem.Area).SelectMany(one => ReferenceMaps.Normalize([.. one.Select(v => (double)v)]))];
            expected = [.. expected.Zip(all, (sum, v) => sum + (v / 3))];
        }

        OpHarness.Close(expected, problem.Engine.MapToImage(method, ["conv2", "pool2", "pool1"], CamProblem.Classes).ToArray(), 1e-6);
    }

    [Fact]
    public void A_rectified_map_has_no_negative_value_and_a_raw_one_keeps_its_sign()
    {
        using var problem = new CamProblem("plain");
        foreach (string name in (string[])["gradcam", "counterfactual"])
        {
            ICamMethod method = CamMethods.Create(name);
            float[] raw = problem.Engine.MapToImage(method, "conv2", CamProblem.Classes, rectify: false).ToArray();
            float[] shown = problem.Engine.MapToImage(method, "conv2", CamProblem.Classes).ToArray();
            Assert.Contains(raw, v => v < 0);
            Assert.All(shown, v => Assert.True(v >= 0));
        }
    }

    [Fact]
    public void What_cannot_be_mapped_is_refused_with_what_can()
    {
        using var problem = new CamProblem("plain");
        Assert.Equal(
            "unknown layer 'conv9': maps can be made of conv1, relu1, pool1, conv2, relu2, pool2",
            Assert.Throws<GpuCamException>(() => problem.Map("gradcam", "conv9")).Message);
        Assert.Throws<GpuCamException>(() => problem.Map("gradcam", "classifier"));
        Assert.Equal(
            "layer 'conv2': method cam needs the layer that is pooled, pool2",
            Assert.Throws<GpuCamException>(() => problem.Map("cam", "conv2")).Message);
        Assert.StartsWith(
            "unknown method 'gradcam+': choose from cam, gradcam, counterfactual, gradcam++, ",
            Assert.Throws<GpuCamException>(() => CamMethods.Create("gradcam+")).Message, StringComparison.Ordinal);
        Assert.Throws<GpuCamException>(() => problem.Engine.Map(CamMethods.Create("cam"), "pool2", [0, 1, 3]));
        Assert.Throws<ArgumentException>(() => problem.Engine.Map(CamMethods.Create("cam"), "pool2", [0, 1]));
        Assert.Throws<GpuCamException>(() => problem.Engine.MapToImage(CamMethods.Create("gradcam"), [], CamProblem.Classes));
        Assert.Throws<GpuCamException>(() => CamMethods.Create("scorecam", new CamMethodOptions { TopChannels = -1 }));
        problem.Engine.Smoothing = CamSmoothing.PrincipalComponent;
        Assert.Throws<GpuCamException>(() => problem.Map("fullgrad", "pool2"));
    }

    [Fact]
    public void The_fused_network_gives_the_maps_of_the_plain_kernels()
    {
        var config = new NetworkConfig(1, 14, ["a", "b", "c"]) { Widths = [32, 32] };
        float[] pixels = OpHarness.Random(2 * 14 * 14, 9, 0, 1);
        using var simd = new OpHarness(new HostDevice(Backend.Simd, 2));
        using var cpu = new OpHarness(new HostDevice(Backend.Cpu, 2));
        using Execution fused = LeNetGap.Create(simd.Device, config, 3), plain = LeNetGap.Create(cpu.Device, config, 3);
        using var fast = new CamEngine(fused);
        using var slow = new CamEngine(plain);
        fused.Forward(simd.Input("x", new Shape(2, 14, 14, 1), pixels));
        plain.Forward(cpu.Input("x", new Shape(2, 14, 14, 1), pixels));
        Assert.NotNull(fused.Whole);
        foreach (ICamMethod method in Quick())
        {
            foreach (string layer in method.Scope == CamScope.PooledLayer ? ["pool2"] : (string[])["pool2", "conv2", "conv1"])
            {
                double[] expected = [.. slow.Map(method, layer, [2, 0]).ToArray().Select(v => (double)v)];
                double scale = expected.Max(Math.Abs);
                float[] actual = [.. fast.Map(method, layer, [2, 0]).ToArray().Select(v => (float)(v / scale))];
                OpHarness.Close([.. expected.Select(v => v / scale)], actual, 1e-3, $"{method.Name} at {layer}");
            }
        }
    }

    private static IEnumerable<ICamMethod> Quick() => CamMethods.All.Select(method => CamMethods.Create(method.Name, s_quick));
}
