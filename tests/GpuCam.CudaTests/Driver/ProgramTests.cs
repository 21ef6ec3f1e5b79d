using System.Text.Json;
using GpuCam.MpiTests;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.CudaTests.Driver;

/// <summary>The program on CUDA, from its command line to the PTX of its kernels, against the host.</summary>
public sealed class ProgramTests : DriverTest, IDisposable
{
    /// <summary>What the self-test allows losses after 20 steps.</summary>
    private const double LossTolerance = 1e-4;

    private static readonly string[] s_digits = ["--digits", "synthetic", "--size", "28", "--distractors", "0"];

    private readonly TestFolder _folder = new();

    public new void Dispose()
    {
        _folder.Dispose();
        base.Dispose();
    }

    [DriverFact]
    public void A_run_learns_what_it_learns_on_the_host_and_goes_on_after_a_stop_in_the_same_bytes()
    {
        string host = Train("simd", "host"), run = Train("cuda", "run");
        (string Name, double[] Values)[] expected = [.. Metrics(host)], metrics = [.. Metrics(run)];
        Assert.Equal(expected.Select(metric => metric.Name), metrics.Select(metric => metric.Name));
        foreach (((string name, double[] wanted), (_, double[] values)) in expected.Zip(metrics))
        {
            Assert.All(wanted.Zip(values), pair => Assert.True(
                Math.Abs(pair.First - pair.Second) <= LossTolerance, $"{name}: {pair.Second} for {pair.First}"));
        }

        byte[] weights = File.ReadAllBytes(Path.Combine(run, "last.safetensors"));
        string[] lines = File.ReadAllLines(Path.Combine(run, "metrics.jsonl"));
        File.Delete(Path.Combine(run, "checkpoints", "step-4.safetensors"));
        Outcome resumed = Gpucam.Call("train", "--resume", "--out", run, "--backend", "cuda").Succeeded();
        Assert.Contains("continuing after step 2", resumed.Errors, StringComparison.Ordinal);
        Assert.Equal(weights, File.ReadAllBytes(Path.Combine(run, "last.safetensors")));
        Assert.Equal(lines, File.ReadAllLines(Path.Combine(run, "metrics.jsonl")));

        JsonElement onHost = Evaluate(run, "simd"), onCuda = Evaluate(run, "cuda");
        Assert.Equal(onHost.GetProperty("accuracy").GetDouble(), onCuda.GetProperty("accuracy").GetDouble());
        Assert.Equal(onHost.GetProperty("loss").GetDouble(), onCuda.GetProperty("loss").GetDouble(), LossTolerance);
        Maps(run, "gradcam,layercam");
    }

    [DriverFact]
    public void A_file_of_onnx_says_and_shows_what_it_does_on_the_host() =>
        Maps(ProgramFiles.Resnet, "gradcam,layercam", "--preprocess", "unit");

    [DriverFact]
    public void The_bench_times_a_network() =>
        Gpucam.Call(
            "bench", "--backend", "cuda", "--model", ProgramFiles.Resnet, "--cases", "forward", "--seconds", "0.01", "--json").Json();

    private string Train(string backend, string name)
    {
        string run = _folder.Path(name);
        Gpucam.Call(
            ["train", "--backend", backend, .. s_digits, "--canvas", "28:1", "--widths", "8,16", "--batch", "8", "--steps", "4",
                "--every", "2", "--eval-images", "20", "--final-eval-images", "20", "--heatmaps", "1", "--out", run]).Succeeded();
        return run;
    }

    private static IEnumerable<(string Name, double[] Values)> Metrics(string run) => File.ReadLines(Path.Combine(run, "metrics.jsonl"))
        .SelectMany(line => JsonDocument.Parse(line).RootElement.EnumerateObject())
        .GroupBy(metric => metric.Name, (name, values) => (name, values.Select(value => value.Value.GetDouble()).ToArray()));

    private static JsonElement Evaluate(string run, string backend) =>
        Gpucam.Call(["eval", "--model", run, .. s_digits, "--count", "20", "--backend", backend, "--json"]).Json();

    /// <summary>Maps of a picture: the same classes, values that differ by rounding.</summary>
    private void Maps(string model, string methods, params string[] more)
    {
        string samples = _folder.Path("samples");
        Gpucam.Call(["data", "make", .. s_digits, "--count", "1", "--out", samples]).Succeeded();
        JsonElement[] answers =
        [
            .. new[] { "simd", "cuda" }.Select(backend => Gpucam.Call(
                ["cam", "--model", model, Path.Combine(samples, "img_1.png"), "--method", methods, "--backend", backend, "--json",
                    "--out", _folder.Path($"cams-{backend}"), .. more]).Json().GetProperty("images")[0]),
        ];
        AssertClose(answers[0], answers[1], "predictions", "index", "probability", "logit");
        AssertClose(answers[0], answers[1], "maps", "index", "minimum", "maximum");
    }

    private static void AssertClose(JsonElement host, JsonElement cuda, string array, string same, params string[] close)
    {
        foreach ((JsonElement wanted, JsonElement value) in host.GetProperty(array).EnumerateArray().Zip(
            cuda.GetProperty(array).EnumerateArray()))
        {
            Assert.Equal(wanted.GetProperty(same).GetInt32(), value.GetProperty(same).GetInt32());
            Assert.All(
                close, name => Assert.Equal(wanted.GetProperty(name).GetDouble(), value.GetProperty(name).GetDouble(), LossTolerance));
        }

        Assert.Equal(host.GetProperty(array).GetArrayLength(), cuda.GetProperty(array).GetArrayLength());
    }
}
