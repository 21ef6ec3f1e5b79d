using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using GpuCam.Kernels.Benchmarks;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Training;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary><c>--precision</c>: who takes it, what is refused, and that every result says which it was.</summary>
public sealed class PrecisionTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private static readonly string[] s_data = ["--digits", "synthetic", "--distractors", "2", "--count", "10", "--threads", "1"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_command_that_chooses_a_device_chooses_its_precision()
    {
        Command[] commands = [.. All(CommandLine.CreateRoot())];
        Assert.Equal(With("--backend"), With("--precision"));
        Assert.Contains("train", With("--precision"));
        Assert.Contains("selftest", With("--precision"));

        IEnumerable<string> With(string option) =>
            commands.Where(command => command.Options.Any(one => one.Name == option)).Select(command => command.Name);
    }

    [Theory]
    [InlineData("train", "--digits", "synthetic")]
    [InlineData("eval", "--model", "MODEL")]
    [InlineData("cam", "--model", "MODEL", "IMAGE")]
    [InlineData("bench")]
    [InlineData("selftest")]
    public void Rounding_on_a_device_that_does_not_round_is_refused_in_one_line(params string[] command)
    {
        string[] given = [.. command.Select(word => word switch { "MODEL" => trained.Model, "IMAGE" => trained.Image, _ => word })];
        string[] output = command[0] is "train" or "cam" ? ["--out", _folder["out"]] : [];
        foreach (string backend in (string[])["simd", "cpu"])
        {
            Gpucam.Call([.. given, .. output, "--backend", backend, "--precision", "bf16"])
                .Refused("--precision bf16", "CUDA devices only", $"--backend {backend}", "give --backend cuda, or --precision fp32");
        }

        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public void Training_says_it_and_records_it()
    {
        Assert.Matches(@"(?m)^device +.*\), fp32$", trained.Errors);
        Assert.Equal("fp32", (string?)Json("run.json")["settings"]!["precision"]);
        Assert.Equal("fp32", (string?)Json("evaluation.json")["test"]!["precision"]);
    }

    [Fact]
    public void A_run_goes_on_with_the_precision_it_began_with()
    {
        TinyRun.Copy(trained.Run, _folder["run"]);
        string[] resume = ["train", "--resume", "--out", _folder["run"], "--backend", "simd", "--threads", "1"];
        Gpucam.Call([.. resume, "--precision", "fp32"]).Succeeded();
        Gpucam.Call([.. resume, "--precision", "tf32"]).Refused("--resume", "began with precision \"fp32\", not \"tf32\"");

        string record = File.ReadAllText(_folder["run/run.json"]);
        WriteRecord("run", record, "\"precision\": \"tf32\",");
        Gpucam.Call(resume).Refused("--resume", _folder["run"], "began with --precision tf32", "CUDA devices only");
        Gpucam.Call([.. resume, "--precision", "fp32"]).Refused("--resume", "began with precision \"tf32\", not \"fp32\"");

        // A run of an earlier version.
        WriteRecord("run", record, "");
        Assert.Equal("fp32", RunRecord.Read(new RunFolder(_folder["run"])).Settings.Precision);
        Gpucam.Call([.. resume, "--precision", "fp32"]).Succeeded();
    }

    [Fact]
    public void Testing_says_it()
    {
        Outcome outcome = Gpucam.Call(["eval", "--model", trained.Model, "--backend", "simd", .. s_data, "--json"]);
        Assert.Equal("fp32", outcome.Json().GetProperty("precision").GetString());
        Assert.Contains($"{trained.Model} on host, 1 thread, ", outcome.Errors, StringComparison.Ordinal);
        Assert.Contains(", fp32; ", outcome.Errors, StringComparison.Ordinal);
        JsonElement looks = Gpucam.Call(["experiment", "look-twice", "--model", trained.Model, .. s_data, "--json"]).Json();
        Assert.Equal("fp32", looks.GetProperty("precision").GetString());
    }

    [Fact]
    public void The_manifest_of_maps_says_it_and_so_does_their_page()
    {
        string cams = _folder["cams"];
        Gpucam.Call("cam", "--model", trained.Model, trained.Image, "--out", cams, "--top", "1").Succeeded();
        string manifest = File.ReadAllText(Path.Combine(cams, "manifest.json"));
        Assert.Equal("fp32", (string?)JsonNode.Parse(manifest)!["precision"]);
        Assert.Contains("\"precision\":\"fp32\"", File.ReadAllText(Path.Combine(cams, "cam.html")), StringComparison.Ordinal);

        File.WriteAllText(Path.Combine(cams, "manifest.json"), manifest.Replace("\"fp32\"", "\"tf32\"", StringComparison.Ordinal));
        Gpucam.Call("report", cams).Succeeded();
        Assert.Contains("\"precision\":\"tf32\"", File.ReadAllText(Path.Combine(cams, "cam.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_that_differ_in_it_are_told_apart_when_compared()
    {
        string record = File.ReadAllText(Path.Combine(trained.Run, "run.json"));
        foreach (string precision in (string[])["fp32", "bf16"])
        {
            TinyRun.Copy(trained.Run, _folder[precision]);
            WriteRecord(precision, record, $"\"precision\": \"{precision}\",");
        }

        Outcome outcome = Gpucam.Call("compare", _folder["fp32"], _folder["bf16"], "--out", _folder["compare.html"]).Succeeded();
        Assert.Matches(@"(?m)precision +fp32 +bf16", outcome.Output);
    }

    [Fact]
    public void Benchmarks_say_it()
    {
        var report = new BenchReport("a card", "tf32", "an engine", new BenchmarkScale(1, 100, false, 1, 1), 0, [],
            new Dictionary<string, double>(), null, 1);
        Assert.StartsWith("a card (an engine), tf32\n", report.ToText(), StringComparison.Ordinal);
        string model = Path.Combine(DocCommand.Root, "tests/GpuCam.Tests/Golden/peers/resnet/opset13.onnx");
        string[] bench = ["bench", "--model", model, "--backend", "simd", "--threads", "1", "--seconds", "0.001"];
        Assert.Equal("fp32", Gpucam.Call([.. bench, "--json"]).Json().GetProperty("precision").GetString());
        Assert.EndsWith("), fp32", Gpucam.Call(bench).Succeeded().Output.Split('\n')[0], StringComparison.Ordinal);
    }

    [Fact]
    public void The_self_test_says_it()
    {
        JsonElement json = Gpucam.Call("selftest", "--backend", "simd", "--threads", "2", "--json").Json();
        Assert.Equal("fp32", json.GetProperty("precision").GetString());
        Assert.Equal(0, json.GetProperty("failed").GetInt32());
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    /// <summary>Writes a run's record with something else in place of its precision.</summary>
    private void WriteRecord(string run, string record, string precision)
    {
        Assert.Contains("\"precision\": \"fp32\",", record, StringComparison.Ordinal);
        File.WriteAllText(
            _folder[$"{run}/run.json"], record.Replace("\"precision\": \"fp32\",", precision, StringComparison.Ordinal));
    }

    private JsonNode Json(string file) => JsonNode.Parse(File.ReadAllText(Path.Combine(trained.Run, file)))!;
}
