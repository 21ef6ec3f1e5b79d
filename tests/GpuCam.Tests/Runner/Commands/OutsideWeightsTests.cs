using System.Text;
using System.Text.Json;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>A file with the network's tensors in PyTorch's layout and nothing else, as another program would write it.</summary>
public sealed class OutsideWeightsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Three_equal_grey_channels_see_what_their_sum_sees_in_one()
    {
        float[] grey = Values(32 * 25, 0.2f, 1);
        float[] three = new float[32 * 3 * 25];
        for (int i = 0; i < three.Length; i++)
        {
            three[i] = grey[(i / 75 * 25) + (i % 25)] / 3;      // [out, in, h, w]
        }

        string threeChannels = Write("three.safetensors", 3, three);
        string oneChannel = Write("one.safetensors", 1, grey);

        JsonElement a = Evaluate(threeChannels);
        JsonElement b = Evaluate(oneChannel);
        Assert.Equal(4, a.GetProperty("images").GetInt32());
        Assert.Equal(a.GetProperty("accuracy").GetDouble(), b.GetProperty("accuracy").GetDouble());
        Assert.Equal(a.GetProperty("confusion").GetRawText(), b.GetProperty("confusion").GetRawText());
        Assert.Equal(a.GetProperty("loss").GetDouble(), b.GetProperty("loss").GetDouble(), 1e-4);

        Gpucam.Call("data", "make", "--out", _folder["samples"], "--count", "1", "--digits", "synthetic").Succeeded();
        double[] left = Logits(threeChannels);
        double[] right = Logits(oneChannel);
        Assert.Equal(10, left.Length);
        Assert.True(left.Max() - left.Min() > 0.1, "the test's weights tell no classes apart");
        for (int i = 0; i < left.Length; i++)
        {
            Assert.Equal(left[i], right[i], 1e-3);
        }
    }

    [Fact]
    public void A_file_that_does_not_say_how_large_its_images_are_is_refused_without_the_size()
    {
        string model = Write("model.safetensors", 1, Values(32 * 25, 0.2f, 1));
        Gpucam.Call("eval", "--model", model, "--digits", "synthetic").Refused(model, "--size");
    }

    [Fact]
    public void Weights_whose_answers_are_not_finite_are_named_by_whoever_asks()
    {
        string model = Write("model.safetensors", 1, Values(32 * 25, 1e38f, 1));
        Gpucam.Call("data", "make", "--out", _folder["samples"], "--count", "1", "--digits", "synthetic", "--size", "40").Succeeded();
        string[] network = ["--model", model, "--size", "40", "--backend", "cpu"];
        Gpucam.Call(["eval", .. network, "--digits", "synthetic", "--count", "1"])
            .Failed(GpuCam.Runner.Commands.CommandLine.Failed, "not finite");
        Gpucam.Call(["cam", .. network, Path.Combine(_folder["samples"], "img_1.png"), "--out", _folder["cams"]])
            .Refused("img_1.png", "not finite");
        Assert.False(Directory.Exists(_folder["cams"]));
    }

    private static JsonElement Evaluate(string model) =>
        Gpucam.Call("eval", "--model", model, "--size", "100", "--distractors", "8", "--digits", "synthetic", "--count", "4", "--json")
            .Json();

    private double[] Logits(string model)
    {
        JsonElement manifest = Gpucam.Call(
            "cam", "--model", model, "--size", "100", "--top", "10", Path.Combine(_folder["samples"], "img_1.png"), "--out",
            _folder["cams"], "--json").Json();
        return [.. manifest.GetProperty("images")[0].GetProperty("predictions").EnumerateArray()
            .OrderBy(prediction => prediction.GetProperty("class").GetString(), StringComparer.Ordinal)
            .Select(prediction => prediction.GetProperty("logit").GetDouble())];
    }

    private string Write(string name, int channels, float[] conv1)
    {
        var header = new StringBuilder("{");
        using var data = new MemoryStream();
        void Add(string tensor, string shape, float[] values)
        {
            long begin = data.Length;
            foreach (float value in values)
            {
                data.Write(BitConverter.GetBytes(value));
            }

            string comma = header.Length > 1 ? "," : "";
            header.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"{comma}\"{tensor}\":{{\"dtype\":\"F32\",\"shape\":{shape},\"data_offsets\":[{begin},{data.Length}]}}");
        }

        Add("conv1.weight", $"[32,{channels},5,5]", conv1);
        Add("conv1.bias", "[32]", Values(32, 0.1f, 2));
        Add("conv2.weight", "[64,32,5,5]", Values(64 * 32 * 25, 0.1f, 3));
        Add("conv2.bias", "[64]", Values(64, 0.1f, 4));
        Add("classifier.weight", "[10,64]", Values(640, 1, 5));
        byte[] json = Encoding.UTF8.GetBytes(header.Append('}').ToString());
        return _folder.Write(name, [.. BitConverter.GetBytes((long)json.Length), .. json, .. data.ToArray()]);
    }

    /// <summary>Numbers between plus and minus <paramref name="scale"/> without a pattern, always the same.</summary>
    private static float[] Values(int count, float scale, int seed) =>
        [.. Enumerable.Range(0, count).Select(i => scale * (float)Math.Sin((i + 1) * (12.9898 + seed)))];
}
