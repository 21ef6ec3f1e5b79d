using System.Text.Json;
using System.Text.RegularExpressions;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;
using GpuCam.Tests.Kernels;
using GpuCam.Tests.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Training;

/// <summary>Another backend is another flag, and nothing else.</summary>
public sealed partial class BackendSwapTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Backends_leave_the_same_files_and_metrics_and_resume_each_others_runs()
    {
        foreach (string backend in (string[])["simd", "cpu"])
        {
            Gpucam.Call(TinyRun.Train(_folder[backend], "--backend", backend, "--heatmaps", "2", "--keep", "9")).Succeeded();
        }

        AssertSameRun(_folder["simd"], _folder["cpu"]);

        foreach ((string first, string second) in ((string, string)[])[("simd", "cpu"), ("cpu", "simd")])
        {
            string run = _folder[$"{first} then {second}"];
            TinyRun.Copy(_folder[first], run);
            foreach (int step in (int[])[8, 12])
            {
                File.Delete(Path.Combine(run, "checkpoints", $"step-{step}.safetensors"));
            }

            Outcome outcome = Gpucam.Call("train", "--resume", "--out", run, "--threads", "1", "--backend", second).Succeeded();
            Assert.Contains("continuing after step 4", outcome.Errors, StringComparison.Ordinal);
            AssertSameRun(_folder["simd"], run);
        }
    }

    /// <summary>What a GPU does itself changes nothing but the time at which the host hears of it.</summary>
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_run_whose_device_makes_samples_and_keeps_losses_ends_in_the_same_bytes(string device)
    {
        Train(TestDevices.Create(device), "host", default);
        Train(TestDevices.Create(device), "late", new DeviceTasks(MakesSamples: true, LateSteps: 3));
        foreach (string name in Files(_folder["host"]).Where(name => name is not ("run.json" or "timing.jsonl" or "report.html")))
        {
            bool same = File.ReadAllBytes(Path.Combine(_folder["host"], name)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(_folder["late"], name)));
            Assert.True(same, $"{name} differs");
        }

        Assert.Equal(Files(_folder["host"]), Files(_folder["late"]));
    }

    [Fact]
    public void A_loss_that_is_not_finite_stops_a_late_run_too()
    {
        NonFiniteLossException error = Assert.Throws<NonFiniteLossException>(
            () => Train(TestDevices.Create("plain"), "run", new DeviceTasks(true, 100),
                settings => settings with { LearningRate = 1e30f, Every = 6 }));
        Assert.Matches(@"\(stopped after step [0-5]\); the last good checkpoint is .*step-0\.safetensors$", error.Message);
        Assert.Equal(["step-0.safetensors", "step-0.state.safetensors"], Directory.EnumerateFiles(_folder["run/checkpoints"])
            .Select(path => Path.GetFileName(path)!).Order());
        Assert.Single(File.ReadAllLines(_folder["run/metrics.jsonl"]));
    }

    [Theory]
    [InlineData("ilgpu-cpu", false)]
    [InlineData("ilgpu-cpu", true)]
    [InlineData("ilgpu-groups-of-1", true)]
    public void All_kernels_are_compiled_before_the_first_step(string device, bool tasks)
    {
        (IReadOnlyList<string> lines, KernelCompilation compiled) =
            Train(TestDevices.CreateUnused(device), "run", tasks ? new DeviceTasks(true, 3) : default);
        string line = Assert.Single(lines, line => line.StartsWith("kernels ", StringComparison.Ordinal));
        Assert.Equal(
            compiled.Kernels, int.Parse(CompiledKernels().Match(line).Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture));
        Assert.InRange(compiled.Kernels, 15, 200);
    }

    [GeneratedRegex(@"^kernels  ([0-9]+) compiled in [0-9]+\.[0-9] s$")]
    private static partial Regex CompiledKernels();

    private (IReadOnlyList<string> Lines, KernelCompilation Compiled) Train(
        IDevice device, string name, DeviceTasks tasks, Func<TrainSettings, TrainSettings>? change = null)
    {
        TrainSettings settings = Presets.Get("quick") with
        {
            Digits = "synthetic",
            Size = 32,
            Distractors = 2,
            Widths = [4, 8],
            Batch = 2,
            Steps = 8,
            Every = 5,
            EvalImages = 2,
            FinalEvalImages = 2,
            Heatmaps = 1,
            Canvas = "28:0.6,32:0.4",
            LearningRate = 0.003f,
        };
        using IDevice opened = device;
        var display = new Lines();
        var folder = new RunFolder(_folder[name]);
        settings = (change?.Invoke(settings) ?? settings).Validated();
        using (var run = new TrainingRun(RankJob.Alone, settings, folder, opened, display, null, null, tasks))
        {
            using FolderLock held = folder.Create();
            run.Run(resume: false, CancellationToken.None);
        }

        Assert.Equal(0, opened.LiveBuffers);
        return (display.Said, opened.Compiled);
    }

    private static void AssertSameRun(string expected, string actual)
    {
        IEnumerable<string> Kept(string run) => Files(run).Where(name => !name.StartsWith("checkpoints", StringComparison.Ordinal));
        Assert.Equal(Kept(expected), Kept(actual));
        string[] expectedLines = File.ReadAllLines(Path.Combine(expected, "metrics.jsonl")),
            lines = File.ReadAllLines(Path.Combine(actual, "metrics.jsonl"));
        Assert.Equal(expectedLines.Length, lines.Length);
        foreach ((string a, string b) in expectedLines.Zip(lines))
        {
            using JsonDocument first = JsonDocument.Parse(a), second = JsonDocument.Parse(b);
            foreach (JsonProperty property in first.RootElement.EnumerateObject())
            {
                // One image of twenty may be judged differently where two logits are nearly equal.
                double tolerance = property.Name.EndsWith("loss", StringComparison.Ordinal) ? 2e-3
                    : property.Name is "step" or "images" or "canvas" or "test_images" ? 0 : 0.051;
                double value = second.RootElement.GetProperty(property.Name).GetDouble();
                Assert.InRange(value, property.Value.GetDouble() - tolerance, property.Value.GetDouble() + tolerance);
            }
        }
    }

    private static string[] Files(string run) =>
        [.. Directory.EnumerateFiles(run, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(run, path))
            .Order(StringComparer.Ordinal)];

    private sealed class Lines : ITrainingDisplay
    {
        public List<string> Said { get; } = [];

        public void Say(string line) => Said.Add(line);

        public void Track(int firstStep, int lastStep, Action<Action<StepReport>> body) => body(_ => { });
    }
}
