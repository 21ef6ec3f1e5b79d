using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Model.Networks;

/// <summary>The networks of <see cref="Architectures"/> against torchvision's and their papers.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] s_names = ["a", "b", "c", "d", "e"];

    public static TheoryData<string> Compared { get; } = [.. Logits().Keys];

    public static TheoryData<string> Pooled { get; } =
        [.. Architectures.All.Where(architecture => architecture.IsPooled).Select(architecture => architecture.Name)];

    public static TheoryData<string> All { get; } = [.. Architectures.Names];

    /// <summary>State dicts of torchvision's networks with their logits: make.py writes them into a folder that one names.</summary>
    public static TheoryData<string> StateDicts { get; } =
        Environment.GetEnvironmentVariable("GPUCAM_STATE_DICTS") is { } folder
        ? [.. Directory.EnumerateFiles(folder, "*.safetensors").Order(StringComparer.Ordinal)]
        : [""];

    [Theory]
    [MemberData(nameof(Compared))]
    public void A_network_with_PyTorchs_weights_gives_PyTorchs_logits(string name)
    {
        (int size, double[] logits) = Logits()[name];
        using var op = new OpHarness("simd-256");
        var config = new NetworkConfig(3, size, s_names) { Architecture = name };
        using Execution network = Made(op, config);
        Close(logits, Forward(network, MadeWeights.Picture(size)));
    }

    [Theory]
    [MemberData(nameof(StateDicts))]
    public void A_state_dict_gives_PyTorchs_logits(string path)
    {
        if (path.Length == 0)
        {
            return;
        }

        double[] logits = JsonSerializer.Deserialize<double[]>(File.ReadAllText(Path.ChangeExtension(path, ".json")))!;
        var config = new NetworkConfig(3, 224, [.. Enumerable.Range(0, logits.Length).Select(i => $"{i}")])
        {
            Architecture = Path.GetFileNameWithoutExtension(path),
        };
        using var op = new OpHarness("simd-256");
        using Execution network = Architectures.Create(op.Device, config, 1);
        var lines = new List<string>();
        InitialWeights.Read(path).CopyTo(network, lines.Add);
        int all = network.Saved.Count;
        Assert.Equal($"{path}: {all} of the network's {all} tensors taken", Assert.Single(lines));
        Close(logits, Forward(network, MadeWeights.Picture(224)));
    }

    [Theory]
    [InlineData("alexnet-gap", "cam_relu 13x13x1024")]
    [InlineData("vgg11-gap", "cam_relu 14x14x1024")]
    [InlineData("vgg16-gap", "cam_relu 14x14x1024")]
    [InlineData("googlenet-gap", "cam_relu 14x14x1024")]
    [InlineData("googlenet", "inception5b 7x7x1024")]
    [InlineData("resnet18", "layer4.1 7x7x512")]
    [InlineData("resnet34", "layer4.2 7x7x512")]
    [InlineData("resnet50", "layer4.2 7x7x2048")]
    [InlineData("squeezenet", "classifier.2 13x13x1000")]
    public void The_last_maps_at_224_are_those_of_the_paper(string name, string maps) =>
        Assert.Equal(maps, At224(name).Tail!.Features.ToString());

    [Theory]
    [InlineData("alexnet", 61_100_840)]
    [InlineData("vgg11", 132_863_336)]
    [InlineData("vgg16", 138_357_544)]
    [InlineData("googlenet", 6_624_904)]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet34", 21_797_672)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("squeezenet", 1_235_496)]
    public void Parameters_are_as_many_as_torchvision_counts(string name, long count) =>
        Assert.Equal(count, At224(name).Graph.Parameters.Where(parameter => parameter.IsTrained).Sum(p => (long)p.Shape.Count));

    [Theory]
    [MemberData(nameof(All))]
    public void The_least_and_the_largest_size_are_the_first_and_the_last_that_run(string name)
    {
        Architecture architecture = Architectures.Find(name);
        int least = name == LeNetGap.Architecture ? 4 : architecture.LeastSize;
        Assert.NotNull(Architectures.Describe(new NetworkConfig(1, least, s_names) { Architecture = name }));
        string message = Refused(least - 1);
        Assert.True(name == LeNetGap.Architecture || message.StartsWith($"{name} takes images of ", StringComparison.Ordinal), message);
        if (architecture.MostSize < int.MaxValue)
        {
            Assert.NotNull(Architectures.Describe(new NetworkConfig(1, architecture.MostSize, s_names) { Architecture = name }));
            Assert.Contains($" to {architecture.MostSize} pixels a side", Refused(architecture.MostSize + 1), StringComparison.Ordinal);
        }

        string Refused(int size) => Assert.Throws<GpuCamException>(
            () => Architectures.Describe(new NetworkConfig(1, size, s_names) { Architecture = name })).Message;
    }

    [Theory]
    [MemberData(nameof(Pooled))]
    public void A_network_comes_back_from_its_file_with_the_same_bits(string name)
    {
        using var op = new OpHarness("simd-256");
        var config = new NetworkConfig(1, 32, s_names) { Architecture = name, Pooling = GlobalPooling.Max };
        using Execution network = Made(op, config);
        using Execution loaded = ModelFileTests.Load(op, ModelFileTests.Save(network));
        NetworkConfig there = loaded.Network.Config;
        Assert.Equal((name, 32, 1, GlobalPooling.Max), (there.Architecture, there.Size, there.Channels, there.Pooling));
        float[] picture = MadeWeights.Uniform("grey", 32 * 32);
        float[] logits = Forward(network, picture);
        Assert.Equal(logits, Forward(loaded, picture));
        Assert.All(logits, logit => Assert.True(float.IsFinite(logit)));
    }

    [Theory]
    [MemberData(nameof(Pooled))]
    public void Every_trained_parameter_gets_a_gradient(string name)
    {
        using var op = new OpHarness("simd-256");
        var config = new NetworkConfig(3, 32, s_names) { Architecture = name };
        using Execution network = Made(op, config);
        network.Forward(op.Input("picture", new Shape(1, 32, 32, 3), MadeWeights.Picture(32)));
        network.Backward(op.Input("gradient", Shape.Matrix(1, 5), [1, -1, 0.5f, 0.25f, -0.125f]));
        foreach (Parameter parameter in network.Parameters)
        {
            Assert.Contains(parameter.Gradient.ToArray(), value => value != 0);
        }
    }

    [Fact]
    public void An_unknown_name_lists_those_that_there_are() => Assert.Equal(
        "architecture 'resnet' is unknown: this program knows lenet-gap, alexnet, alexnet-gap, vgg11, vgg16, vgg11-gap, vgg16-gap, "
            + "googlenet, googlenet-gap, resnet18, resnet34, resnet50, resnet18-cntk, squeezenet",
        Assert.Throws<GpuCamException>(new NetworkConfig(3, 64, s_names) { Architecture = "resnet" }.Validate).Message);

    [Fact]
    public void A_network_without_pooling_cannot_take_the_maximum() => Assert.Equal(
        "vgg11 has no global pooling that could take the maximum: give vgg11-gap",
        Assert.Throws<GpuCamException>(
            new NetworkConfig(3, 224, s_names) { Architecture = "vgg11", Pooling = GlobalPooling.Max }.Validate).Message);

    [Fact]
    public void How_pictures_are_prepared_goes_into_the_file_and_comes_back()
    {
        using var op = new OpHarness("plain");
        float[] mean = MadeWeights.Picture(32);
        Preprocessing preprocessing = Preprocessing.Preset("caffe") with
        {
            Name = "bgr",
            Height = 32,
            Width = 32,
            Mean = [0],
            MeanImage = new MeanImage(mean, 32, 32, 3),
        };
        var config = new NetworkConfig(3, 32, s_names) { Architecture = "squeezenet", Preprocessing = preprocessing };
        using Execution network = Architectures.Create(op.Device, config, 1);
        byte[] bytes = ModelFileTests.Save(network);
        SafetensorsFile file = SafetensorsReader.Read(new MemoryStream(bytes), "m");
        Assert.Equal([3, 32, 32], file.Find("preprocessing.mean_image")!.Shape);
        using Execution loaded = ModelFileTests.Load(op, bytes);
        Preprocessing there = loaded.Network.Preprocessing!;
        Assert.Equal(PreprocessingFile.ToJson(preprocessing), PreprocessingFile.ToJson(there));
        Assert.Equal(mean, there.MeanImage!.Values.ToArray());
        Assert.Equal(bytes, ModelFileTests.Save(loaded));
    }

    internal static float[] Forward(Execution network, float[] picture)
    {
        using var classifier = new Classifier(network);
        return classifier.Logits(picture, 1).ToArray();
    }

    /// <summary>Within 1e-4 of the largest.</summary>
    internal static void Close(double[] expected, float[] actual)
    {
        double largest = expected.Max(Math.Abs);
        OpHarness.Close([.. expected.Select(value => value / largest)], [.. actual.Select(value => (float)(value / largest))], 1e-4);
    }

    private static Execution Made(OpHarness op, NetworkConfig config)
    {
        var metadata = new Dictionary<string, string>
        {
            ["gpucam.architecture"] = config.Architecture,
            ["gpucam.size"] = $"{config.Size}",
            ["gpucam.channels"] = $"{config.Channels}",
            ["gpucam.pooling"] = config.Pooling == GlobalPooling.Max ? "max" : "average",
        };
        return ModelFile.Create(MadeWeights.File(Architectures.Describe(config), metadata), op.Device);
    }

    private static Network At224(string name) => Architectures.Describe(
        new NetworkConfig(3, 224, [.. Enumerable.Range(0, 1000).Select(i => $"{i}")]) { Architecture = name });

    private static Dictionary<string, (int Size, double[] Logits)> Logits()
    {
        using var document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Golden.Folder(), "architectures", "logits.json")));
        return document.RootElement.EnumerateObject().ToDictionary(entry => entry.Name, entry => (
            entry.Value.GetProperty("size").GetInt32(),
            (double[])[.. entry.Value.GetProperty("logits").EnumerateArray().Select(logit => logit.GetDouble())]));
    }
}
