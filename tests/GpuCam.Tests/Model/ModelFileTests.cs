using System.Text;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model;

public class ModelFileTests
{
    [Fact]
    public void A_network_comes_back_as_it_was()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        byte[] bytes = Save(network);
        using Execution loaded = Load(op, bytes);
        Assert.Equal(TinyProblem.Weights(network), TinyProblem.Weights(loaded));
        Assert.Equal(network.Network.ClassNames, loaded.Network.ClassNames);
        Assert.Equal(
            (1, 12, 3, true),
            (loaded.Network.Channels, loaded.Network.Config.Size, loaded.Network.Config.KernelSize, loaded.Network.Config.ClassifierBias));
        Assert.Equal(network.Network.Config.Widths, loaded.Network.Config.Widths);
        Assert.Equal(bytes, Save(loaded));
    }

    [Theory]
    [InlineData(GlobalPooling.Max, 2, "max")]
    [InlineData(GlobalPooling.Average, 1, "average")]
    [InlineData(GlobalPooling.Max, 1, "max")]
    public void A_variant_comes_back_as_it_was(GlobalPooling pooling, int pools, string name)
    {
        using var op = new OpHarness("plain");
        using Execution network = LeNetGap.Create(op.Device, TinyProblem.Config with { Pooling = pooling, Pools = pools }, 1);
        byte[] bytes = Save(network);
        IReadOnlyDictionary<string, string> metadata = SafetensorsReader.Read(new MemoryStream(bytes), "m").Metadata;
        Assert.Equal((name, $"{pools}"), (metadata["gpucam.pooling"], metadata["gpucam.pools"]));
        using Execution loaded = Load(op, bytes);
        Assert.Equal((pooling, pools), (loaded.Network.Config.Pooling, loaded.Network.Config.Pools));
        Assert.Equal(
            network.Graph.Nodes.Select(node => (node.Name, node.Kind)), loaded.Graph.Nodes.Select(node => (node.Name, node.Kind)));
        Assert.Equal(bytes, Save(loaded));
    }

    [Fact]
    public void The_file_has_the_names_shapes_and_metadata_that_PyTorch_users_expect()
    {
        using var op = new OpHarness("plain");
        var config = new NetworkConfig(3, 20, ["a", "\"b\""]) { Widths = [4, 6] };
        using Execution network = LeNetGap.Create(op.Device, config, 1);
        SafetensorsFile file = SafetensorsReader.Read(new MemoryStream(Save(network)), "m");
        Assert.Equal(
            ["classifier.weight [2, 6]", "conv1.bias [4]", "conv1.weight [4, 3, 5, 5]", "conv2.bias [6]", "conv2.weight [6, 4, 5, 5]"],
            file.Tensors.Select(tensor => $"{tensor.Name} {tensor.ShapeText}"));
        Assert.Equal("lenet-gap", file.Metadata["gpucam.architecture"]);
        Assert.Equal("20", file.Metadata["gpucam.size"]);
        Assert.Equal("3", file.Metadata["gpucam.channels"]);
        Assert.Equal("""["a","\u0022b\u0022"]""", file.Metadata["gpucam.classes"]);
        Assert.Equal("average", file.Metadata["gpucam.pooling"]);
        Assert.Equal("2", file.Metadata["gpucam.pools"]);
        Assert.Equal(6, file.Metadata.Count);      // pictures that are taken as they are go without saying
    }

    [Fact]
    public void A_file_from_PyTorch_without_metadata_computes_what_PyTorch_computes()
    {
        // Kernel pixel (0, 2) of conv1, input channel 1 → output channel 1; conv2 passes channel 1 on as channel 0.
        float[] conv1 = new float[2 * 3 * 3 * 3];
        conv1[(((((1 * 3) + 1) * 3) + 0) * 3) + 2] = 1;
        float[] conv2 = new float[3 * 2 * 3 * 3];
        conv2[(((((0 * 2) + 1) * 3) + 1) * 3) + 1] = 1;
        byte[] bytes = PyTorchFile(
            ("classifier.weight", [2, 3], [0, 0, 0, 16, 0, 0]), ("conv1.bias", [2], new float[2]), ("conv1.weight", [2, 3, 3, 3], conv1),
            ("conv2.bias", [3], new float[3]), ("conv2.weight", [3, 2, 3, 3], conv2));

        using var op = new OpHarness("plain");
        using Execution network = ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size: 16);
        Assert.Equal(["0", "1"], network.Network.ClassNames);
        Assert.Equal((GlobalPooling.Average, 2), (network.Network.Config.Pooling, network.Network.Config.Pools));
        Assert.Equal((3, 16, false), (network.Network.Channels, network.Network.Config.Size, network.Network.Config.ClassifierBias));
        float[] image = new float[16 * 16 * 3];
        image[(((5 * 16) + 5) * 3) + 1] = 2;
        float[] logits = network.Forward(op.Input("x", new Shape(1, 16, 16, 3), image)).ToArray();

        // Cross-correlation: y(h, w) = x(h + 0 - 1, w + 2 - 1), so the pixel at (5, 5) shows at (6, 4) of channel 1.
        float[] y = network.Activation("conv1").ToArray();
        Assert.Equal(2, y[(((6 * 16) + 4) * 2) + 1]);
        Assert.Equal(2, y.Sum());
        Assert.Equal([0, 2], logits);
    }

    [Fact]
    public void What_is_asked_for_goes_before_what_the_file_says_and_classes_without_names_are_numbers()
    {
        using var op = new OpHarness("plain");
        var metadata = new Dictionary<string, string> { ["gpucam.size"] = "16", ["gpucam.classes"] = "[\"x\",\"y\"]" };
        SafetensorsTensor[] tensors = [.. Tiny().Select(tensor => new SafetensorsTensor(tensor.Name, tensor.Shape, tensor.Values))];
        using (Execution network = ModelFile.Create(new SafetensorsFile("m", metadata, tensors), op.Device, 20, ["p", "q"]))
        {
            Assert.Equal(20, network.Network.Config.Size);
            Assert.Equal(["p", "q"], network.Network.ClassNames);
        }

        using (Execution network = ModelFile.Create(new SafetensorsFile("m", metadata, tensors), op.Device))
        {
            Assert.Equal(16, network.Network.Config.Size);
            Assert.Equal(["x", "y"], network.Network.ClassNames);
        }

        using (Execution network = ModelFile.Create(new SafetensorsFile("m", new Dictionary<string, string>(), tensors), op.Device, 16))
        {
            Assert.Equal(["0", "1"], network.Network.ClassNames);
        }
    }

    [Fact]
    public void More_metadata_is_kept_beside_what_the_network_needs()
    {
        using var op = new OpHarness("plain");
        using Execution network = TinyProblem.Network(op.Device);
        using var stream = new MemoryStream();
        ModelFile.Save(stream, network, new Dictionary<string, string> { ["note"] = "mine", ["gpucam.size"] = "99" });
        stream.Position = 0;
        IReadOnlyDictionary<string, string> metadata = SafetensorsReader.Read(stream, "m").Metadata;
        Assert.Equal(("mine", "12"), (metadata["note"], metadata["gpucam.size"]));
    }

    [Theory]
    [InlineData("I64", 8)]
    [InlineData("BOOL", 1)]
    [InlineData("U16", 2)]
    public void Counters_beside_the_weights_are_passed_over(string type, int size)
    {
        using var op = new OpHarness("plain");
        using Execution network = Load(op, With(Tiny(), "num_batches_tracked", type, "[]", new byte[size]), 16);
        Assert.Equal(16, network.Network.Config.Size);
    }

    [Theory]
    [InlineData("module.")]
    [InlineData("_orig_mod.")]
    [InlineData("_orig_mod.module.")]
    [InlineData("module._orig_mod.")]
    public void What_PyTorchs_wrappers_put_before_every_name_is_dropped(string prefix)
    {
        using var op = new OpHarness("plain");
        (string Name, long[] Shape, float[] Values)[] tensors = Tiny();
        tensors[2].Values[7] = 3;
        using Execution plain = Load(op, PyTorchFile(tensors), 16);
        using Execution wrapped = Load(op, PyTorchFile([.. tensors.Select(t => (prefix + t.Name, t.Shape, t.Values))]), 16);
        Assert.Equal(TinyProblem.Weights(plain), TinyProblem.Weights(wrapped));
        Assert.Contains(3f, TinyProblem.Weights(wrapped));
    }

    /// <summary>A file as PyTorch's safetensors writes it: tensors by name, no padding, metadata {"format": "pt"}.</summary>
    internal static byte[] PyTorchFile(params (string Name, long[] Shape, float[] Values)[] tensors)
    {
        var header = new StringBuilder("""{"__metadata__":{"format":"pt"}""");
        var data = new List<byte>();
        foreach ((string name, long[] shape, float[] values) in tensors.OrderBy(tensor => tensor.Name, StringComparer.Ordinal))
        {
            int begin = data.Count;
            foreach (float value in values)
            {
                data.AddRange(BitConverter.GetBytes(value));
            }

            header.Append($$""","{{name}}":{"dtype":"F32","shape":[{{string.Join(',', shape)}}],"data_offsets":[{{begin}},{{data.Count}}]}""");
        }

        return SafetensorsTests.Build(header.Append('}').ToString(), [.. data]);
    }

    internal static (string Name, long[] Shape, float[] Values)[] Tiny() =>
    [
        ("classifier.weight", [2, 3], new float[6]), ("conv1.bias", [2], new float[2]), ("conv1.weight", [2, 3, 3, 3], new float[54]),
        ("conv2.bias", [3], new float[3]), ("conv2.weight", [3, 2, 3, 3], new float[54]),
    ];

    internal static byte[] Save(Execution network)
    {
        using var stream = new MemoryStream();
        ModelFile.Save(stream, network);
        return stream.ToArray();
    }

    /// <summary>A file with one tensor more, of any type, behind all others.</summary>
    internal static byte[] With(
        IEnumerable<(string Name, long[] Shape, float[] Values)> tensors, string name, string type, string shape, byte[] data)
    {
        byte[] bytes = PyTorchFile([.. tensors]);
        int length = BitConverter.ToInt32(bytes), end = bytes.Length - 8 - length;
        string header = Encoding.UTF8.GetString(bytes, 8, length - 1)
            + $$""","{{name}}":{"dtype":"{{type}}","shape":{{shape}},"data_offsets":[{{end}},{{end + data.Length}}]} }""";
        return SafetensorsTests.Build(header, [.. bytes[(8 + length)..], .. data]);
    }

    internal static Execution Load(OpHarness op, byte[] bytes, int? size = null) =>
        ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size);
}
