using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary><c>gpucam bench --model</c> on networks of a few layers: what it times, not how fast they are.</summary>
public sealed class ModelBenchTests
{
    private static readonly string s_golden = Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/peers");
    private static readonly string s_resnet = Path.Combine(s_golden, "resnet/opset13.onnx");
    private static readonly string s_alexnet = Path.Combine(s_golden, "alexnet/opset17.onnx");

    [Fact]
    public void Every_pass_and_every_method_is_timed()
    {
        JsonElement json = Figures(s_resnet, "all");
        string[] timed = [.. json.GetProperty("milliseconds").EnumerateObject().Select(property => property.Name)];
        Assert.Equal(["forward", .. CamMethods.All.Select(method => method.Name), "gradient", "training"], timed);
        JsonElement best = json.GetProperty("best_milliseconds");
        Assert.All(
            json.GetProperty("milliseconds").EnumerateObject(),
            property => Assert.InRange(best.GetProperty(property.Name).GetDouble(), 1e-6, property.Value.GetDouble()));
        Assert.Equal(
            CamMethods.All.Select(method => method.Name),
            json.GetProperty("forward_milliseconds").EnumerateObject().Select(property => property.Name));
        Assert.True(json.GetProperty("peak_memory_mib").GetInt64() > 0);
    }

    [Fact]
    public void The_steps_of_a_pass_have_its_work_between_them()
    {
        JsonElement json = Figures(s_resnet, "nodes,gradient-nodes", batch: 3);
        Assert.Empty(json.GetProperty("milliseconds").EnumerateObject());
        JsonElement[] steps = [.. json.GetProperty("nodes").EnumerateArray()];
        Assert.Equal(3 * json.GetProperty("multiply_adds").GetInt64(), steps.Sum(step => step.GetProperty("multiply_adds").GetInt64()));
        Assert.Equal("logits", steps[^1].GetProperty("name").GetString());
        foreach (JsonElement step in steps.Concat(json.GetProperty("gradient_nodes").EnumerateArray()))
        {
            double ms = step.GetProperty("milliseconds").GetDouble(), bytes = step.GetProperty("bytes").GetDouble();
            Assert.True(ms > 0 && bytes > 0, step.GetRawText());
            Assert.InRange(step.GetProperty("best_milliseconds").GetDouble(), 0, ms);
            Assert.Equal(bytes / ms / 1e6, step.GetProperty("gigabytes_per_second").GetDouble(), 1e-6 * bytes / ms);
            Assert.True(step.GetProperty("share_of_peak").GetDouble() > 0, step.GetRawText());
            Assert.Contains(step.GetProperty("bound").GetString(), (string[])["flops", "bytes"]);
        }

        Assert.True(json.GetProperty("peak_gflops").GetDouble() > 0);
        Assert.NotEmpty(json.GetProperty("peak_reading").EnumerateArray());
    }

    [Fact]
    public void A_batch_has_its_values_more_often_and_its_parameters_once()
    {
        long one = Bytes(1), three = Bytes(3), five = Bytes(5);
        Assert.Equal(five - three, three - one);
        Assert.True(three < 3 * one);

        static long Bytes(int batch) => Figures(s_resnet, "nodes", batch)
            .GetProperty("nodes").EnumerateArray().Sum(step => step.GetProperty("bytes").GetInt64());
    }

    [Fact]
    public void The_report_for_people_fits_into_120_columns()
    {
        string text = Report(s_resnet, "all");
        Assert.All(text.Split('\n')[2..], line => Assert.InRange(line.Length, 0, 120));     // the first two name the device and the file
        foreach (string part in (string[])["x forward", "image gradient", "training step", "M m-adds", "all of a kind", "peak memory"])
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_map_that_a_network_has_not_got_is_left_out_or_refused_when_named()
    {
        JsonElement usual = Figures(s_alexnet, "forward,maps").GetProperty("milliseconds");
        Assert.True(usual.TryGetProperty("gradcam", out _));
        Assert.False(usual.TryGetProperty("cam", out _));
        Assert.False(usual.TryGetProperty("scorecam", out _));
        Bench(s_alexnet, "--cases", "cam").Refused("method cam", "give --method gradcam");
    }

    /// <summary>Of other devices than hosts no peak is known: a share is that of the time.</summary>
    [Fact]
    public void A_device_without_known_peaks_is_timed_step_by_step_too()
    {
        string[] asked = ["bench", "--model", s_resnet, "--backend", "cpu", "--seconds", "0.001", "--cases", "forward,nodes"];
        string text = Gpucam.Call(asked).Succeeded().Output;
        Assert.All(text.Split('\n')[2..], line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains("GFLOP/s  GB/s of time", text, StringComparison.Ordinal);
        Assert.DoesNotContain("peak of all threads", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Winograd", text, StringComparison.Ordinal);
        JsonElement json = Gpucam.Call([.. asked, "--json"]).Json();
        Assert.False(json.TryGetProperty("peak_gflops", out JsonElement peak) && peak.ValueKind != JsonValueKind.Null);
        Assert.All(json.GetProperty("nodes").EnumerateArray(), step => Assert.True(step.GetProperty("milliseconds").GetDouble() > 0));
    }

    [Fact]
    public void A_network_that_runs_as_one_step_says_so()
    {
        using var folder = new TemporaryFolder();
        using (var device = new HostDevice(Backend.Simd, 1))
        using (Execution network = LeNetGap.Create(device, new NetworkConfig(1, 18, ["a", "b"]) { Widths = [32, 32] }, seed: 1))
        using (FileStream file = File.Create(folder["own.safetensors"]))
        {
            ModelFile.Save(file, network);
        }

        string text = Report(folder["own.safetensors"], "forward,training,nodes");
        Assert.Contains("as one step", text, StringComparison.Ordinal);
        Assert.Contains("training step", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("'forwards' is not known", "--model", "x.onnx", "--cases", "forward,forwards")]
    [InlineData("--channels is for the reference network", "--model", "x.onnx", "--channels", "3")]
    [InlineData("--maps is for the reference network", "--model", "x.onnx", "--maps")]
    [InlineData("give --model too", "--cases", "forward")]
    [InlineData("give --model too", "--size", "64")]
    [InlineData("x.onnx", "--model", "x.onnx")]
    [InlineData("--batch 1025", "--model", "x.onnx", "--batch", "1025")]
    public void Options_that_do_not_go_together_are_named(string error, params string[] options) =>
        Gpucam.Call(["bench", .. options]).Refused(error);

    private static JsonElement Figures(string model, string cases, int batch = 1) =>
        Bench(model, "--cases", cases, "--batch", $"{batch}", "--json").Json();

    private static string Report(string model, string cases) => Bench(model, "--cases", cases).Succeeded().Output;

    private static Outcome Bench(string model, params string[] options) =>
        Gpucam.Call(["bench", "--model", model, "--backend", "simd", "--threads", "1", "--seconds", "0.001", .. options]);
}
