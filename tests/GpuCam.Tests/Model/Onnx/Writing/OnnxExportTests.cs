using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Model.Cams;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Model.Onnx.Writing;

public sealed class OnnxExportTests : IDisposable
{
    private const long FewParameters = 16_000_000;
    private readonly TemporaryFolder _folder = new();
    private readonly OpHarness _op = new(new HostDevice(Backend.Simd));

    public static TheoryData<string> SmallArchitectures { get; } = [.. Architectures.All
        .Where(architecture => Architectures.Describe(Config(architecture)).Graph.ParameterCount < FewParameters)
        .Select(architecture => architecture.Name)];

    public static TheoryData<string, string> Peers
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach ((string network, string file) in PeerFolder.Files(PeerFolder.Small))
            {
                data.Add(network, file);
            }

            return data;
        }
    }

    public static TheoryData<string> MapOptions => [.. s_mapOptions.Keys];

    private static readonly Dictionary<string, OnnxExportOptions> s_mapOptions = new()
    {
        ["all"] = new() { WithCam = true },
        ["all, resized"] = new() { WithCam = true, ResizeMaps = true, Opset = 18 },
        ["best"] = new() { WithCam = true, Top = 2 },
        ["best, resized"] = new() { WithCam = true, Top = 1, ResizeMaps = true },
        ["chosen"] = new() { WithCam = true, ClassInput = true, Opset = 21 },
        ["chosen, resized"] = new() { WithCam = true, ClassInput = true, ResizeMaps = true },
    };

    public void Dispose()
    {
        _op.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(SmallArchitectures))]
    public void An_architecture_is_read_again_as_it_was_written(string name)
    {
        using Execution network = Architectures.Create(_op.Device, Config(Architectures.Find(name)), 3);
        RoundTrip.Check(network, 13, images: 2);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public void A_network_of_others_is_read_again_as_it_was_written(string folder, string file)
    {
        var onnx = OnnxNetwork.Read(Path.Combine(PeerFolder.Small, folder, file));
        using var network = new Execution(_op.Device, new Network(onnx.Graph, []));
        RoundTrip.Check(network, 13, images: 2, tolerance: 2e-5);
        RoundTrip.Check(network, 20, images: 1, tolerance: 2e-5);
    }

    [Theory]
    [MemberData(nameof(MapOptions))]
    public void Maps_in_a_file_are_those_of_this_program(string which)
    {
        using Execution network = CamProblem.CreateNetwork(_op.Device);
        IReadOnlyDictionary<string, double> differences = WriteAndCompare(network, s_mapOptions[which]);
        Assert.Equal(["cam", network.Graph.Output.Name], differences.Keys.Order(StringComparer.Ordinal));
        Assert.All(differences.Values, difference => Assert.InRange(difference, 0, 1e-5));
    }

    [Theory]
    [InlineData(GlobalPooling.Average, 1, true)]
    [InlineData(GlobalPooling.Average, 1, false)]
    [InlineData(GlobalPooling.Average, 4, false)]
    [InlineData(GlobalPooling.Max, 4, true)]
    public void Maps_are_right_for_every_ending(GlobalPooling pooling, int logits, bool linear)
    {
        using Execution network = Small(pooling, logits, linear);
        foreach (OnnxExportOptions options in s_mapOptions.Values)
        {
            Assert.All(WriteAndCompare(network, options).Values, difference => Assert.InRange(difference, 0, 1e-5));
        }
    }

    [Fact]
    public void A_batch_has_a_map_for_every_image_and_class()
    {
        using var problem = new CamProblem("simd-256");
        OnnxExported exported = Write(problem.Network, new OnnxExportOptions { WithCam = true });
        Assert.StartsWith("cam float32 [N, 3, ", exported.Outputs[1].ToString(), StringComparison.Ordinal);
        var read = OnnxNetwork.Read(_folder["network.onnx"], new OnnxImportOptions { Outputs = ["cam"] });
        using var again = new Execution(_op.Device, new Network(read.Graph, []));
        float[] maps = again.Forward(_op.Input("x", CamProblem.Images, problem.Network.Activation("input").ToArray())).ToArray();
        float[] expected = problem.Map("cam", "pool2");
        int area = expected.Length / CamProblem.Count, classes = problem.Network.Network.ClassCount;
        float[] chosen = [.. CamProblem.Classes.SelectMany((index, image) =>
            Enumerable.Range(0, area).Select(cell => maps[(((image * area) + cell) * classes) + index]))];
        OpHarness.Close([.. expected.Select(value => (double)value)], chosen, 1e-5);
    }

    [Fact]
    public void A_file_with_maps_is_a_network_without_them()
    {
        using Execution network = CamProblem.CreateNetwork(_op.Device);
        foreach (OnnxExportOptions options in s_mapOptions.Values)
        {
            Write(network, options);
            var read = OnnxNetwork.Read(File.ReadAllBytes(_folder["network.onnx"]), "written");
            Assert.Single(read.Graph.Outputs);
            Assert.Single(read.Graph.Inputs);
            Assert.NotNull(Tail.Find(read.Graph));
        }
    }

    [Fact]
    public void Names_and_preprocessing_go_along()
    {
        using Execution plain = Small(GlobalPooling.Average, 2, linear: true);
        using var network = new Execution(_op.Device, plain.Network with
        {
            ClassNames = ["a \"cat\"", "Hünd, 犬"],
            Preprocessing = Preprocessing.Preset("imagenet").ForNetwork(9, 7, 3),
        });
        HeInitialization.Fill(network.Parameters, 1);
        Write(network, new OnnxExportOptions());
        IReadOnlyDictionary<string, string> metadata = OnnxNetwork.Read(_folder["network.onnx"]).Metadata;
        Assert.Equal(network.Network.ClassNames, PictureMetadata.ClassesOf(metadata, "it", 2));
        Assert.Equal(PreprocessingFile.ToJson(network.Network.Preprocessing!),
            PreprocessingFile.ToJson(PictureMetadata.PreprocessingOf(metadata, "it")!));
    }

    [Fact]
    public void A_value_that_is_called_as_an_output_keeps_its_name()
    {
        var graph = new GraphBuilder();
        Value x = graph.Conv2D("cam", graph.Input("classes", new Shape(1, 6, 5, 2)), 4, 3);
        x = graph.Linear("classifier", graph.GlobalPool(x, GlobalPooling.Average), 3, bias: true);
        using var network = new Execution(_op.Device, new Network(graph.Build(x), ["a", "b", "c"]));
        HeInitialization.Fill(network.Parameters, 1);
        OnnxExported exported = Write(network, new OnnxExportOptions { WithCam = true, Top = 2 });
        Assert.Equal(["classifier", "cam_1", "classes_1"], exported.Outputs.Select(output => output.Name));
        Assert.All(OnnxExportCheck.Compare(network, exported, _folder["network.onnx"]).Values, d => Assert.InRange(d, 0, 1e-5));
    }

    [Fact]
    public void A_file_that_computes_something_else_is_found()
    {
        using Execution network = CamProblem.CreateNetwork(_op.Device);
        OnnxExported exported = Write(network, new OnnxExportOptions { WithCam = true });
        Parameter weight = network.Parameters.First(parameter => parameter.Kind == ParameterKind.LinearWeight);
        float[] numbers = weight.Value.ToArray();
        numbers[5] += 0.01f;
        weight.Value.CopyFrom(numbers);
        GpuCamException e = Assert.Throws<GpuCamException>(() => OnnxExportCheck.Compare(network, exported, _folder["network.onnx"]));
        Assert.Contains("differs from the network by", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_written_is_said_in_one_line()
    {
        using Execution network = CamProblem.CreateNetwork(_op.Device);
        Refused(network, new() { Opset = 12 }, "opset 12 is not written; give 13 to 21");
        Refused(network, new() { WithCam = true, Top = 4 }, "maps of the 4 best classes: the network has 3");
        Refused(network, new() { Top = 1 }, "no maps are asked for");
        Refused(network, new() { WithCam = true, Top = 1, ClassInput = true }, "choose one of the two");
        var graph = new GraphBuilder();
        Value x = graph.Flatten("rows", graph.Input(GraphLayers.Image, new Shape(1, 100, 100, 3)));
        x = graph.Linear("last", graph.Linear("large", x, 20_000, bias: false), 2, bias: true);
        using var large = new Execution(_op.Device, new Network(graph.Build(x), ["a", "b"]));
        Refused(large, new(), "an ONNX file holds 2 GiB");
        Refused(large, new() { WithCam = true }, "2 GiB");
        graph = new GraphBuilder();
        x = graph.Linear("last", graph.Flatten("rows", graph.Input(GraphLayers.Image, new Shape(1, 5, 4, 3))), 2, bias: true);
        using var flat = new Execution(_op.Device, new Network(graph.Build(x), ["a", "b"]));
        Refused(flat, new() { WithCam = true }, "this one ends in permute → linear; give --with-gradcam");
    }

    private static void Refused(Execution network, OnnxExportOptions options, string why)
    {
        using var file = new MemoryStream();
        GpuCamException e = Assert.Throws<GpuCamException>(() => OnnxExport.Write(network, file, options));
        Assert.Contains(why, e.Message, StringComparison.Ordinal);
        Assert.Equal(0, file.Length);
    }

    private static NetworkConfig Config(Architecture architecture) =>
        new(3, Math.Max(12, architecture.LeastSize), ["a", "b", "c"]) { Architecture = architecture.Name };

    private IReadOnlyDictionary<string, double> WriteAndCompare(Execution network, OnnxExportOptions options) =>
        OnnxExportCheck.Compare(network, Write(network, options), _folder["network.onnx"]);

    private OnnxExported Write(Execution network, OnnxExportOptions options)
    {
        using FileStream file = File.Create(_folder["network.onnx"]);
        return OnnxExport.Write(network, file, options);
    }

    private Execution Small(GlobalPooling pooling, int logits, bool linear)
    {
        var graph = new GraphBuilder();
        Value x = graph.Relu("relu", graph.Conv2D("conv", graph.Input(GraphLayers.Image, new Shape(1, 9, 7, 3)), linear ? 5 : logits, 3));
        x = graph.GlobalPool(x, pooling);
        x = linear ? graph.Linear("classifier", graph.Dropout("dropout", x, 0.5f), logits, bias: true) : x;
        string[] names = [.. Enumerable.Range(0, ClassScore.ClassCount(logits)).Select(index => $"{index}")];
        var network = new Execution(_op.Device, new Network(graph.Build(x), names));
        HeInitialization.Fill(network.Parameters, 1);
        return network;
    }
}
