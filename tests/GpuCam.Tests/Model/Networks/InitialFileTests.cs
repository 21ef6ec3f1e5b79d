using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Networks;

/// <summary>Weights of files to begin with: what is taken, what is left out, and what is refused.</summary>
public sealed class InitialFileTests
{
    private const int Size = 64;
    private static readonly string[] s_five = ["a", "b", "c", "d", "e"], s_two = ["yes", "no"];

    [Fact]
    public void A_head_of_other_classes_is_left_out_and_all_else_taken()
    {
        using var op = new OpHarness("simd-256");
        SafetensorsFile file = MadeWeights.File(Describe("squeezenet", s_five));
        using Execution network = Create(op, "squeezenet", s_two);
        float[] before = Value(network, "classifier.1.weight");
        Assert.Equal(
            [
                "made: 50 of the network's 52 tensors taken; left out: classifier.1.weight [5, 512, 1, 1], classifier.1.bias [5]",
                "as initialised: classifier.1.weight, classifier.1.bias",
            ],
            Copy(file, network));
        Assert.Equal(before, Value(network, "classifier.1.weight"));
        Assert.Equal(MadeWeights.File(network.Network).Find("features.0.bias")!.Values, Value(network, "features.0.bias"));
    }

    [Fact]
    public void The_papers_surgery_begins_with_what_is_left_of_the_network()
    {
        using var op = new OpHarness("simd-256");
        using Execution network = Create(op, "alexnet-gap", s_five);
        SafetensorsFile file = MadeWeights.File(network.Network);
        file = file with { Tensors = [.. file.Tensors.Where(tensor => tensor.Name.StartsWith("features", StringComparison.Ordinal))] };
        Assert.Equal(
            [
                "made: 10 of the network's 14 tensors taken",
                "as initialised: cam_conv.weight, cam_conv.bias, cam_fc.weight, cam_fc.bias",
            ],
            Copy(file, network));
    }

    [Fact]
    public void Counters_and_layers_of_training_alone_are_passed_over_or_named()
    {
        using var op = new OpHarness("simd-256");
        using Execution network = Create(op, "squeezenet", s_five);
        SafetensorsFile file = MadeWeights.File(network.Network);
        file = file with
        {
            Tensors =
            [
                .. file.Tensors, new SafetensorsTensor("bn1.num_batches_tracked", [], [3]) { Type = "I64" },
                new SafetensorsTensor("aux1.fc.bias", [2], new float[2]),
            ],
        };
        Assert.Equal(["made: 52 of the network's 52 tensors taken; left out: aux1.fc.bias [2]"], Copy(file, network));
    }

    [Fact]
    public void What_PyTorchs_wrappers_put_before_every_name_is_dropped()
    {
        using var op = new OpHarness("simd-256");
        using Execution network = Create(op, "squeezenet", s_five);
        SafetensorsFile file = MadeWeights.File(network.Network);
        file = file with { Tensors = [.. file.Tensors.Select(tensor => tensor with { Name = $"module.{tensor.Name}" })] };
        Assert.Equal(["made: 52 of the network's 52 tensors taken"], Copy(file, network));
    }

    [Fact]
    public void A_file_for_colours_does_not_fit_a_network_for_grey()
    {
        Assert.Equal(
            "made: tensor 'features.0.weight' is [64, 3, 3, 3], it is for pictures of 3 channels, the network takes 1: make the network "
                + "with 3",
            Refused(MadeWeights.File(Describe("squeezenet", s_five)), "squeezenet", channels: 1));
    }

    [Theory]
    [InlineData("resnet50", "made: tensor 'layer1.0.conv1.weight' is [64, 64, 1, 1], expected [64, 64, 3, 3]: give a file of resnet18")]
    [InlineData("squeezenet", "made: none of its tensors (features.0.weight, features.0.bias, features.3.squeeze.weight, "
        + "features.3.squeeze.bias and 48 more) is one of a resnet18 network: give a file of that architecture")]
    public void A_file_of_another_architecture_is_refused_and_nothing_taken(string name, string message) =>
        Assert.Equal(message, Refused(MadeWeights.File(Describe(name, s_five)), "resnet18"));

    [Fact]
    public void A_weight_that_is_not_finite_is_refused()
    {
        SafetensorsFile file = MadeWeights.File(Describe("squeezenet", s_five));
        file.Find("features.0.bias")!.Values[3] = float.NaN;
        Assert.Equal("made: value 3 of tensor 'features.0.bias' is NaN: give an earlier checkpoint", Refused(file, "squeezenet"));
    }

    [Fact]
    public void A_checkpoint_of_ours_says_how_its_pictures_were_prepared()
    {
        using var op = new OpHarness("simd-256");
        using Execution network = Create(op, "squeezenet", s_five);
        string path = Path.Combine(Path.GetTempPath(), $"gpucam-{Guid.NewGuid():N}.safetensors");
        try
        {
            File.WriteAllBytes(path, ModelFileTests.Save(network));
            var weights = InitialWeights.Read(path);
            Assert.Equal(PreprocessingFile.ToJson(network.Network.Preprocessing!), PreprocessingFile.ToJson(weights.Preprocessing!));
            using Execution other = Create(op, "squeezenet", s_five, seed: 2);
            weights.CopyTo(other, _ => { });
            Assert.Equal(TinyProblem.Weights(network), TinyProblem.Weights(other));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void An_ONNX_file_with_the_same_layers_gives_the_same_features()
    {
        byte[] bytes = OnnxResNet18.Make(Size);
        using var op = new OpHarness("simd-256");
        var kept = OnnxNetwork.Read(bytes, "m.onnx", new OnnxImportOptions { KeepsNormalizations = true });
        var weights = new OnnxWeights("m.onnx", kept.Graph);
        Assert.Equal("resnet18-cntk", weights.Architecture);
        using var ours = new Execution(op.Device, Describe("resnet18-cntk", s_two));
        var taken = new HashSet<string>();
        Assert.Empty(weights.CopyTo(ours, taken));
        Assert.Equal(ours.Saved.Select(parameter => parameter.Name).Where(name => name[..3] != "fc.").Order(), taken.Order());
        SameFeatures(op, OnnxNetwork.Read(bytes, "m.onnx"), ours, Size);

        Assert.Equal(
            "m.onnx: its layers are not those of resnet34: in place of 'layer1.2.conv1' (conv 3x3) 'conv7' is numbers of 3x3x64x128 in "
                + "place of 3x3x64x64: give --arch resnet18-cntk", Refused("resnet34"));
        Assert.Equal(
            "m.onnx: its layers are not those of resnet18: behind 'layer4.1.bn2' it goes on with 'conv21' (conv 3x3): give --arch "
                + "resnet18-cntk", Refused("resnet18"));

        string Refused(string name)
        {
            using var other = new Execution(op.Device, Describe(name, s_two));
            return Assert.Throws<GpuCamException>(() => weights.CopyTo(other, [])).Message;
        }
    }

    [Theory]
    [InlineData("resnet34")]
    [InlineData("resnet18")]
    [InlineData("googlenet")]
    [InlineData("squeezenet")]
    [InlineData("alexnet-gap")]
    public void The_architecture_of_weights_is_found_by_their_names_and_shapes(string name)
    {
        SafetensorsFile file = MadeWeights.File(Describe(name, s_five));
        Assert.Equal(name, InitialWeights.Of(file).Architecture);
        Assert.Null(InitialWeights.Of(file with { Tensors = [.. file.Tensors.Skip(1)] }).Architecture);
    }

    [Theory]
    [InlineData(7, 2, 3, 2, 224, true)]      // CNTK pads less at the end: the last window never gets there
    [InlineData(3, 2, 1, 0, 112, true)]
    [InlineData(3, 2, 1, 0, 56, true)]
    [InlineData(3, 2, 1, 0, 57, false)]      // with an odd side it would have one window less
    [InlineData(7, 2, 2, 3, 224, false)]     // SAME_UPPER of TensorFlow begins a pixel later
    [InlineData(3, 1, 1, 1, 56, true)]
    public void Windows_are_the_same_where_they_begin_at_the_same_pixels(int size, int stride, int before, int after, int side, bool same)
    {
        var shape = new Shape(1, side, side, 3);
        WindowRule even = new(size, size) { StrideH = stride, StrideW = stride, Pads = (size / 2, size / 2, size / 2, size / 2) };
        WindowRule other = even with { Pads = (before, before, after, after) };
        Assert.Equal(same, OnnxWeights.Windows(other, shape, even, shape) is null);
    }

    /// <summary>Where somebody fetched it (<c>gpucam model get resnet18</c>).</summary>
    [Fact]
    public void The_fetched_ResNet_18_gives_its_features_and_its_way_with_pictures()
    {
        string path = Path.Combine(CacheFolder.Locate(null), "resnet18", "ResNet18.onnx");
        if (!File.Exists(path))
        {
            return;
        }

        var weights = InitialWeights.Read(path);
        Assert.Equal(
            (ChannelOrder.Bgr, 1.0, 224, 224, 3), (weights.Preprocessing!.Order, weights.Preprocessing.Scale,
            weights.Preprocessing.MeanImage!.Height, weights.Preprocessing.MeanImage.Width, weights.Preprocessing.MeanImage.Channels));
        using var op = new OpHarness("simd-256");
        Assert.Equal("resnet18-cntk", weights.Architecture);
        var config = new NetworkConfig(3, 224, s_five) { Architecture = "resnet18-cntk", Preprocessing = weights.Preprocessing };
        using Execution ours = Architectures.Create(op.Device, config, 1);
        var lines = new List<string>();
        weights.CopyTo(ours, lines.Add);
        Assert.Equal([$"{path}: 110 of the network's 112 tensors taken", "as initialised: fc.weight, fc.bias"], lines);
        SameFeatures(op, OnnxNetwork.Read(path), ours, 224, 100);
    }

    /// <summary>Within 1e-4 of the largest, of a picture of values up to a number.</summary>
    private static void SameFeatures(OpHarness op, OnnxNetwork onnx, Execution ours, int size, float scale = 1)
    {
        using var theirs = new Execution(op.Device, new Network(onnx.Graph, []));
        float[] picture = [.. MadeWeights.Picture(size).Select(value => value * scale)];
        Tensor x = op.Input("picture", new Shape(1, size, size, 3), picture);
        float[] expected = theirs.Forward(x).ToArray();
        ours.Forward(x);
        ArchitectureTests.Close([.. expected.Select(value => (double)value)], ours.Activation("gap").ToArray());
    }

    private static Network Describe(string name, string[] classes) =>
        Architectures.Describe(new NetworkConfig(3, Size, classes) { Architecture = name });

    private static Execution Create(OpHarness op, string name, string[] classes, ulong seed = 1, int channels = 3) =>
        Architectures.Create(op.Device, new NetworkConfig(channels, Size, classes) { Architecture = name }, seed);

    private static float[] Value(Execution network, string name) =>
        network.Saved.Single(parameter => parameter.Name == name).Value.ToArray();

    private static List<string> Copy(SafetensorsFile file, Execution network)
    {
        var lines = new List<string>();
        InitialWeights.Of(file).CopyTo(network, lines.Add);
        return lines;
    }

    private static string Refused(SafetensorsFile file, string name, int channels = 3)
    {
        using var op = new OpHarness("simd-256");
        using Execution network = Create(op, name, s_five, channels: channels);
        float[] before = TinyProblem.Weights(network);
        string message = Assert.Throws<GpuCamException>(() => Copy(file, network)).Message;
        Assert.Equal(before, TinyProblem.Weights(network));
        return message;
    }
}
