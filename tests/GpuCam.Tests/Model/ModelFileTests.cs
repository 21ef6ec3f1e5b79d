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
        using Network network = TinyProblem.Network(op.Device);
        byte[] bytes = Save(network);
        using Network loaded = Load(op, bytes);
        Assert.Equal(TinyProblem.Weights(network), TinyProblem.Weights(loaded));
        Assert.Equal(network.Config.ClassNames, loaded.Config.ClassNames);
        Assert.Equal(
            (1, 12, 3, true), (loaded.Config.Channels, loaded.Config.Size, loaded.Config.KernelSize, loaded.Config.ClassifierBias));
        Assert.Equal(network.Config.Widths, loaded.Config.Widths);
        Assert.Equal(bytes, Save(loaded));
    }

    [Theory]
    [InlineData(GlobalPooling.Max, 2, "max")]
    [InlineData(GlobalPooling.Average, 1, "average")]
    [InlineData(GlobalPooling.Max, 1, "max")]
    public void A_variant_comes_back_as_it_was(GlobalPooling pooling, int pools, string name)
    {
        using var op = new OpHarness("plain");
        using Network network = LeNetCam.Create(op.Device, TinyProblem.Config with { Pooling = pooling, Pools = pools }, 1);
        byte[] bytes = Save(network);
        IReadOnlyDictionary<string, string> metadata = SafetensorsReader.Read(new MemoryStream(bytes), "m").Metadata;
        Assert.Equal((name, $"{pools}"), (metadata["gpucam.pooling"], metadata["gpucam.pools"]));
        using Network loaded = Load(op, bytes);
        Assert.Equal((pooling, pools), (loaded.Config.Pooling, loaded.Config.Pools));
        Assert.Equal(
            network.Layers.Select(layer => (layer.Name, layer.GetType())), loaded.Layers.Select(layer => (layer.Name, layer.GetType())));
        Assert.Equal(bytes, Save(loaded));
    }

    [Fact]
    public void The_file_has_the_names_shapes_and_metadata_that_PyTorch_users_expect()
    {
        using var op = new OpHarness("plain");
        var config = new NetworkConfig(3, 20, ["a", "\"b\""]) { Widths = [4, 6] };
        using Network network = LeNetCam.Create(op.Device, config, 1);
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
        using Network network = ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size: 16);
        Assert.Equal(["0", "1"], network.Config.ClassNames);
        Assert.Equal((GlobalPooling.Average, 2), (network.Config.Pooling, network.Config.Pools));
        Assert.Equal((3, 16, false), (network.Config.Channels, network.Config.Size, network.Config.ClassifierBias));
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
    public void A_file_without_a_size_asks_for_it()
    {
        using var op = new OpHarness("plain");
        Assert.Equal("m: nothing in the file says how large its images are: give the size (--size)", Refused(op, PyTorchFile(Tiny())));
    }

    [Theory]
    [InlineData("conv2.bias", null,
        "m: tensor 'conv2.bias' is missing; the file holds classifier.weight, conv1.bias, conv1.weight, conv2.weight: give a file with ")]
    [InlineData("conv2.bias", "4", "m: tensor 'conv2.bias' is [4], expected [3]")]
    [InlineData("conv1.weight", "2,3,3,5", "m: tensor 'conv1.weight' is [2, 3, 3, 5], expected [2, 3, 3, 3]")]
    [InlineData("conv1.weight", "2,27", "m: tensor 'conv1.weight' is [2, 27], expected [out, in, height, width]")]
    [InlineData("conv1.weight", "2,3,0,0", "m: tensor 'conv1.weight' is [2, 3, 0, 0], expected [out, in, height, width]")]
    [InlineData("conv1.weight", "2,3,2,2", "m: the kernel size must be odd, not 2")]
    [InlineData("conv2.weight", "3,4,3,3", "m: tensor 'conv2.weight' is [3, 4, 3, 3], expected [3, 2, 3, 3]")]
    [InlineData("classifier.weight", "2,4", "m: tensor 'classifier.weight' is [2, 4], expected [2, 3]")]
    [InlineData("classifier.bias", "1", "m: tensor 'classifier.bias' is [1], expected [2]")]
    [InlineData("fc.weight", "1", "m: tensor 'fc.weight' [1] has no place in a lenet-gap network")]
    public void A_file_that_does_not_fit_names_the_tensor(string name, string? shape, string message)
    {
        List<(string Name, long[] Shape, float[] Values)> tensors = [.. Tiny().Where(tensor => tensor.Name != name)];
        if (shape is not null)
        {
            long[] extents = [.. shape.Split(',').Select(long.Parse)];
            tensors.Add((name, extents, new float[extents.Aggregate(1L, (a, b) => a * b)]));
        }

        using var op = new OpHarness("plain");
        Assert.StartsWith(message, Refused(op, PyTorchFile([.. tensors]), 16), StringComparison.Ordinal);
    }

    [Fact]
    public void Shapes_that_ask_for_much_memory_are_refused_before_it_is_taken()
    {
        using var op = new OpHarness("plain");
        byte[] bytes = PyTorchFile(
            ("classifier.weight", [1, 50_000], new float[50_000]), ("conv1.bias", [50_000], new float[50_000]),
            ("conv1.weight", [50_000, 1, 1, 1], new float[50_000]), ("conv2.bias", [50_000], new float[50_000]),
            ("conv2.weight", [50_000, 1, 1, 1], new float[50_000]));
        Assert.Contains(
            "'conv2.weight' is [50000, 1, 1, 1], expected [50000, 50000, 1, 1]", Refused(op, bytes, 16), StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_that_is_not_finite_is_refused()
    {
        (string Name, long[] Shape, float[] Values)[] tensors = Tiny();
        tensors[2].Values[7] = float.NaN;
        using var op = new OpHarness("plain");
        Assert.Equal("m: value 7 of tensor 'conv1.weight' is NaN: give an earlier checkpoint", Refused(op, PyTorchFile(tensors), 16));
    }

    [Fact]
    public void A_weight_that_no_float32_can_hold_is_called_that()
    {
        using var op = new OpHarness("plain");
        byte[] data = [.. BitConverter.GetBytes(1.0), .. BitConverter.GetBytes(1e300)];
        Assert.Equal("m: tensor 'conv1.bias' has 1E+300 as value 1, too large for float32: save it with values below 3.4e38",
            Refused(op, With(Tiny().Where(tensor => tensor.Name != "conv1.bias"), "conv1.bias", "F64", "[2]", data), 16));
    }

    [Theory]
    [InlineData("I64", 8)]
    [InlineData("BOOL", 1)]
    [InlineData("U16", 2)]
    public void Counters_beside_the_weights_are_passed_over(string type, int size)
    {
        using var op = new OpHarness("plain");
        using Network network = Load(op, With(Tiny(), "num_batches_tracked", type, "[]", new byte[size]), 16);
        Assert.Equal(16, network.Config.Size);
    }

    [Theory]
    [InlineData("F8_E4M3", 1)]
    [InlineData("BF16", 2)]
    [InlineData("C64", 8)]
    public void Floats_beside_the_weights_would_be_another_network(string type, int size)
    {
        using var op = new OpHarness("plain");
        Assert.StartsWith("m: tensor 'scale' [] has no place in a lenet-gap network", Refused(op, With(Tiny(), "scale", type, "[]", new byte[size]), 16),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_weight_of_integers_names_its_type()
    {
        using var op = new OpHarness("plain");
        byte[] bytes = PyTorchFile(Tiny());
        int place = bytes.AsSpan().IndexOf("F32"u8);        // of classifier.weight, the first
        "I32"u8.CopyTo(bytes.AsSpan(place));
        Assert.Equal("m: tensor 'classifier.weight' has dtype I32: save it as one of F32, F64, F16, BF16", Refused(op, bytes, 16));
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
        using Network plain = Load(op, PyTorchFile(tensors), 16);
        using Network wrapped = Load(op, PyTorchFile([.. tensors.Select(t => (prefix + t.Name, t.Shape, t.Values))]), 16);
        Assert.Equal(TinyProblem.Weights(plain), TinyProblem.Weights(wrapped));
        Assert.Contains(3f, TinyProblem.Weights(wrapped));
    }

    [Fact]
    public void Another_prefix_is_named()
    {
        using var op = new OpHarness("plain");
        Assert.Equal(
            "m: tensor 'conv1.weight' is called 'net.conv1.weight': save it without what stands before its name",
            Refused(op, PyTorchFile([.. Tiny().Select(t => ("net." + t.Name, t.Shape, t.Values))]), 16));
        Assert.StartsWith("m: tensor 'conv1.weight' is called 'module.conv1.weight'",
            Refused(op, PyTorchFile([.. Tiny().Select(t => ((t.Name == "conv2.bias" ? "" : "module.") + t.Name, t.Shape, t.Values))]), 16),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("gpucam.architecture", "resnet", "m: architecture 'resnet' is unknown")]
    [InlineData("gpucam.channels", "1", "m: gpucam.channels is 1, but conv1.weight takes 3 channels")]
    [InlineData("gpucam.size", "-4", "m: gpucam.size is '-4', expected an integer")]
    [InlineData("gpucam.size", "2", "m: images for two pools of 2 must have at least 4 pixels a side, not 2")]
    [InlineData("gpucam.pooling", "sum", "m: gpucam.pooling is 'sum', expected average or max: correct the metadata")]
    [InlineData("gpucam.pooling", "Max", "m: gpucam.pooling is 'Max', expected average or max")]
    [InlineData("gpucam.pools", "3", "m: this network has 1 or 2 pools, not 3")]
    [InlineData("gpucam.pools", "two", "m: gpucam.pools is 'two', expected an integer")]
    [InlineData("gpucam.classes", "a,b", "m: gpucam.classes is not a JSON array of names")]
    [InlineData("gpucam.classes", "[null,\"b\"]", "m: gpucam.classes is not a JSON array of names")]
    [InlineData("gpucam.classes", "[\"a\"]", "m: 1 class names for a classifier of 2 classes")]
    public void Metadata_that_contradicts_is_refused(string key, string value, string message)
    {
        var metadata = new Dictionary<string, string> { ["gpucam.size"] = "16", [key] = value };
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, metadata, Tiny().Select(tensor => new SafetensorsTensor(tensor.Name, tensor.Shape, tensor.Values)));
        using var op = new OpHarness("plain");
        Assert.StartsWith(message, Refused(op, stream.ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Random_damage_is_refused_or_loads_and_leaks_nothing()
    {
        using var op = new OpHarness("plain");
        using (Network network = TinyProblem.Network(op.Device))
        {
            byte[] good = Save(network);
            int header = good.AsSpan().IndexOf("}}"u8) + 10;
            var random = new Random(2);
            for (int round = 0; round < 3_000; round++)
            {
                byte[] bytes = (byte[])good.Clone();
                for (int i = random.Next(1, 4); i > 0; i--)
                {
                    bytes[random.Next(header)] = (byte)"0123456789{}[],:\"-e. "[random.Next(21)];
                }

                try
                {
                    Load(op, bytes).Dispose();
                }
                catch (GpuCamException)
                {
                    // What damage should lead to.
                }
            }
        }

        Assert.Equal(0, op.Device.LiveBuffers);
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

    private static (string Name, long[] Shape, float[] Values)[] Tiny() =>
    [
        ("classifier.weight", [2, 3], new float[6]), ("conv1.bias", [2], new float[2]), ("conv1.weight", [2, 3, 3, 3], new float[54]),
        ("conv2.bias", [3], new float[3]), ("conv2.weight", [3, 2, 3, 3], new float[54]),
    ];

    private static byte[] Save(Network network)
    {
        using var stream = new MemoryStream();
        ModelFile.Save(stream, network);
        return stream.ToArray();
    }

    /// <summary>A file with one tensor more, of any type, behind all others.</summary>
    private static byte[] With(
        IEnumerable<(string Name, long[] Shape, float[] Values)> tensors, string name, string type, string shape, byte[] data)
    {
        byte[] bytes = PyTorchFile([.. tensors]);
        int length = BitConverter.ToInt32(bytes), end = bytes.Length - 8 - length;
        string header = Encoding.UTF8.GetString(bytes, 8, length - 1)
            + $$""","{{name}}":{"dtype":"{{type}}","shape":{{shape}},"data_offsets":[{{end}},{{end + data.Length}}]} }""";
        return SafetensorsTests.Build(header, [.. bytes[(8 + length)..], .. data]);
    }

    private static Network Load(OpHarness op, byte[] bytes, int? size = null) =>
        ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size);

    private static string Refused(OpHarness op, byte[] bytes, int? size = null)
    {
        string message = Assert.Throws<GpuCamException>(() => ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
