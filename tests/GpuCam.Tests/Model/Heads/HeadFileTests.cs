using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Heads;

/// <summary>A head on a network, and its file.</summary>
public sealed class HeadFileTests
{
    private static readonly NetworkConfig s_config = new(1, 16, ["a", "b", "c", "d"]) { Widths = [3, 5], KernelSize = 3 };
    private static readonly string[] s_names = ["sea horse", "umbrella"];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_network_with_a_new_head_says_what_the_head_says_of_its_features_and_has_exact_maps(string device)
    {
        using var op = new OpHarness(device);
        using Execution body = LeNetGap.Create(op.Device, s_config, seed: 4);
        float[] images = OpHarness.Random(2 * 16 * 16, 8, 0, 1);
        Tensor x = op.Input("images", new Shape(2, 16, 16, 1), images);
        body.Forward(x);
        float[] features = body.Activation("gap").ToArray();
        HeadWeights head = Head(5, 2);
        using var network = new Execution(
            op.Device, HeadNetwork.Attach(body.Network, HeadNetwork.FeaturesOf(body.Network), s_names, head));
        HeadNetwork.CopyShared(body, network);
        Assert.Equal("pool2", network.Network.Tail!.Features.Name);
        Assert.Equal(s_names, network.Network.ClassNames);

        float[] logits = network.Forward(x).ToArray();
        for (int n = 0; n < 2; n++)
        {
            float[] expected = head.Logits(features.AsSpan(n * 5, 5));
            OpHarness.Close(Array.ConvertAll(expected, v => (double)v), logits[(n * 2)..((n + 1) * 2)], 1e-5, "logit");
        }

        // The mean of an exact map is the logit less the bias.
        using var engine = new CamEngine(network);
        float[] map = engine.Map(new ClassActivationMapping(), engine.DefaultLayer, [1, 1]).ToArray();
        Assert.Equal(logits[1] - head.Bias[1], map[..(map.Length / 2)].Average(), 1e-4);

        HeadWeights other = new([.. Head(5, 2).Weight.Reverse()], [3, 4]);
        HeadNetwork.SetHead(network, other);
        float[] changed = network.Forward(x).ToArray();
        Assert.Equal(other.Logits(features.AsSpan(0, 5))[0], changed[0], 1e-4);
    }

    [Fact]
    public void A_file_says_the_same_again_and_has_the_same_bytes()
    {
        HeadFile file = File();
        byte[] bytes = Saved(file);
        HeadFile read = Read(bytes);
        Assert.Equal(file.Weights.Weight, read.Weights.Weight);
        Assert.Equal(file.Weights.Bias, read.Weights.Bias);
        Assert.Equal(file.ClassNames, read.ClassNames);
        Assert.Equal(("resnet18", "0123", "gap", true), (read.Base, read.BaseSha256, read.Features, read.HasMeanImage));
        Assert.Equal("caltech", read.Notes["gpucam.data"]);
        Assert.Equal(file.Preprocessing!.Plan(300, 200), read.Preprocessing!.Plan(300, 200));
        Assert.Equal(bytes, Saved(read));
        SafetensorsFile raw = SafetensorsReader.Read(new MemoryStream(bytes), "h");
        Assert.True(HeadFile.IsHead(raw));
        Assert.Equal([2, 5], raw.Find("classifier.weight")!.Shape);
    }

    [Theory]
    [InlineData("classifier.bias", null, "h: it is the head of a network, but lacks classifier.bias")]
    [InlineData("classifier.weight", "10", "h: tensor 'classifier.weight' is [10], expected 2 extents")]
    [InlineData("classifier.weight", "3,5", "h: classifier.weight is [3, 5], classifier.bias [2], and there are 2 class names")]
    [InlineData("classifier.bias", "NaN", "h: value 0 of tensor 'classifier.bias' is NaN")]
    public void A_tensor_that_does_not_fit_is_named(string name, string? shape, string message)
    {
        SafetensorsFile raw = SafetensorsReader.Read(new MemoryStream(Saved(File())), "h");
        List<SafetensorsTensor> tensors = [.. raw.Tensors.Where(tensor => tensor.Name != name)];
        if (shape == "NaN")
        {
            tensors.Add(new SafetensorsTensor(name, [2], [float.NaN, 0]));
        }
        else if (shape is not null)
        {
            long[] extents = [.. shape.Split(',').Select(long.Parse)];
            tensors.Add(new SafetensorsTensor(name, extents, new float[extents.Aggregate(1L, (a, b) => a * b)]));
        }

        GpuCamException error = Assert.Throws<GpuCamException>(() => HeadFile.Read(raw with { Tensors = tensors }));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpucam.base_sha256")]
    [InlineData("gpucam.features")]
    [InlineData("gpucam.classes")]
    public void Metadata_that_lack_an_entry_are_refused(string key)
    {
        SafetensorsFile raw = SafetensorsReader.Read(new MemoryStream(Saved(File())), "h");
        var left = raw.Metadata.Where(entry => entry.Key != key).ToDictionary();
        GpuCamException error = Assert.Throws<GpuCamException>(() => HeadFile.Read(raw with { Metadata = left }));
        Assert.Equal($"h: it is the head of a network, but lacks {key}; give a file that 'gpucam train' wrote", error.Message);
    }

    [Fact]
    public void Another_network_than_its_own_is_refused()
    {
        HeadFile file = File() with { HasMeanImage = false };
        NetworkConfig wider = s_config with { Widths = [3, 6] };
        Assert.Equal(
            "the head reads 5 features, but 'gap' of resnet18 is gap 1x1x6: take the network that it was trained on",
            Assert.Throws<GpuCamException>(() => file.Attach(LeNetGap.Describe(wider))).Message);
        Assert.StartsWith("unknown layer 'pooled'", Assert.Throws<GpuCamException>(
            () => (file with { Features = "pooled" }).Attach(LeNetGap.Describe(s_config))).Message, StringComparison.Ordinal);
        Assert.Equal(
            "the head was trained with the mean image of resnet18, which is not there: put it beside resnet18",
            Assert.Throws<GpuCamException>(() => File().Attach(LeNetGap.Describe(s_config))).Message);
        Assert.Equal("crop", file.Attach(LeNetGap.Describe(s_config)).Preprocessing!.Fit.ToString().ToLowerInvariant());
    }

    [Fact]
    public void A_network_without_a_vector_of_features_is_refused()
    {
        var builder = new GraphBuilder();
        Value x = builder.Conv2D("conv", builder.Input("image", new Shape(1, 8, 8, 3)), 4, 3);
        var network = new Network(builder.Build(builder.Relu("relu", x)), []);
        Assert.StartsWith(
            "the network ends in conv 3x3 → relu, and not in a vector of features",
            Assert.Throws<GpuCamException>(() => HeadNetwork.FeaturesOf(network)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_that_never_learned_has_new_weights_and_the_same_ones_for_a_seed()
    {
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, s_config, seed: 4);
        foreach (Parameter parameter in network.Parameters)
        {
            parameter.Value.CopyFrom([.. Enumerable.Repeat(3f, parameter.Shape.Count)]);
        }

        HeadNetwork.Unlearn(network, 7);
        Assert.Equal(
            HeInitialization.Weights("conv2.weight", network.Parameters[2].Shape, 7), network.Parameters[2].Value.ToArray());
        Assert.Equal(new float[5], network.Parameters[3].Value.ToArray());
    }

    internal static HeadWeights Head(int features, int classes) =>
        new(OpHarness.Random(features * classes, features), OpHarness.Random(classes, classes));

    private static HeadFile File() => new(Head(5, 2), s_names, "resnet18", "0123", "gap")
    {
        Preprocessing = Preprocessing.Preset("imagenet").ForNetwork(224, 224, 3),
        HasMeanImage = true,
        Notes = new Dictionary<string, string> { ["gpucam.data"] = "caltech" },
    };

    private static byte[] Saved(HeadFile file)
    {
        using var stream = new MemoryStream();
        file.Save(stream);
        return stream.ToArray();
    }

    private static HeadFile Read(byte[] bytes) => HeadFile.Read(SafetensorsReader.Read(new MemoryStream(bytes), "h"));
}
