using GpuCam.Model;
using GpuCam.Tests.Kernels;
using static GpuCam.Tests.Model.ModelFileTests;

namespace GpuCam.Tests.Model;

/// <summary>Files that are no model of this program: refused with the tensor or the entry that does not fit.</summary>
public class BadModelFileTests
{
    [Fact]
    public void A_file_with_nothing_in_it_says_so()
    {
        using var op = new OpHarness("plain");
        Assert.StartsWith("m: tensor 'conv1.weight' is missing; the file holds no tensors at all", Refused(op, PyTorchFile(), 16),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_a_size_asks_for_it()
    {
        using var op = new OpHarness("plain");
        Assert.Equal("m: nothing in the file says how large its images are: give the size (--size)", Refused(op, PyTorchFile(Tiny())));
    }

    [Fact]
    public void A_size_beyond_what_can_be_counted_is_refused_in_the_name_of_the_file()
    {
        using var op = new OpHarness("plain");
        Assert.StartsWith("m: 'conv1': ", Refused(op, PyTorchFile(Tiny()), int.MaxValue), StringComparison.Ordinal);
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

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void A_weight_that_is_not_finite_is_refused(int place)
    {
        (string Name, long[] Shape, float[] Values)[] tensors = Tiny();
        tensors[2].Values[place] = float.NaN;
        using var op = new OpHarness("plain");
        Assert.Equal($"m: value {place} of tensor 'conv1.weight' is NaN: give an earlier checkpoint",
            Refused(op, PyTorchFile(tensors), 16));
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
    [InlineData("F8_E4M3", 1)]
    [InlineData("BF16", 2)]
    [InlineData("C64", 8)]
    public void Floats_beside_the_weights_would_be_another_network(string type, int size)
    {
        using var op = new OpHarness("plain");
        Assert.StartsWith("m: tensor 'scale' [] has no place in a lenet-gap network",
            Refused(op, With(Tiny(), "scale", type, "[]", new byte[size]), 16), StringComparison.Ordinal);
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
        using (Execution network = TinyProblem.Network(op.Device))
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

    private static string Refused(OpHarness op, byte[] bytes, int? size = null)
    {
        string message = Assert.Throws<GpuCamException>(() => ModelFile.Load(new MemoryStream(bytes), "m", op.Device, size)).Message;
        Assert.DoesNotContain('\n', message);
        return message;
    }
}
