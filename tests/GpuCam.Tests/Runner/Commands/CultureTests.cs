using System.Globalization;
using System.Text.Json;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>Numbers are the same wherever the program runs.</summary>
public sealed class CultureTests(TrainedRun trained) : IClassFixture<TrainedRun>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [IcuTheory]
    [InlineData("de_DE.UTF-8")]
    [InlineData("tr_TR.UTF-8")]
    public void The_program_computes_and_writes_the_same_in_any_country(string country)
    {
        (string, string)[] variables = [("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "false"), ("LC_ALL", country)];
        Gpucam.Run(_folder.Path, variables, TinyRun.Train("run", "--heatmaps", "2")).Succeeded();
        foreach (string file in (string[])["metrics.jsonl", "last.safetensors", "accuracy.svg", "confusion.svg"])
        {
            Assert.Equal(File.ReadAllBytes(Path.Combine(trained.Run, file)), File.ReadAllBytes(Path.Combine(_folder["run"], file)));
        }

        string[] eval = ["eval", "--model", "run", "--digits", "synthetic", "--distractors", "2", "--count", "20"];
        string here = Gpucam.Run(_folder.Path, eval).Succeeded().Output;
        string there = Gpucam.Run(_folder.Path, variables, eval).Succeeded().Output;
        Assert.Equal(WithoutSpeed(here), WithoutSpeed(there));
        Gpucam.Run(_folder.Path, variables, TinyRun.Train("comma", "--lr", "0,003")).Refused("--lr 0,003");
    }

    /// <summary>The libraries do not rely on the program's setting.</summary>
    [Fact]
    public void Files_do_not_depend_on_the_culture_of_the_thread()
    {
        _folder.Write("run/run.json", File.ReadAllBytes(Path.Combine(trained.Run, "run.json")));
        CultureInfo before = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        comma.NumberFormat.NumberDecimalSeparator = comma.NumberFormat.PercentDecimalSeparator = ",";
        comma.NumberFormat.NumberGroupSeparator = comma.NumberFormat.PercentGroupSeparator = ".";
        comma.NumberFormat.NegativeSign = "\u2212";
        try
        {
            CultureInfo.CurrentCulture = comma;
            Gpucam.Call("train", "--resume", "--out", _folder["run"], "--threads", "1").Succeeded();
            Gpucam.Call("report", _folder["run"]).Succeeded();
            Gpucam.Call("cam", "--model", _folder["run"], trained.Image, "--out", _folder["cams"]).Succeeded();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        foreach (string file in (string[])["metrics.jsonl", "heatmaps.jsonl", "last.safetensors", "accuracy.svg", "loss.svg",
            "confusion.svg", "evaluation.json", "img_1/cam_12.png", "checkpoints/step-12.state.safetensors"])
        {
            Assert.True(File.ReadAllBytes(Path.Combine(trained.Run, file)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(_folder["run"], file))), file);
        }

        Assert.Equal(JsonValueKind.Object, JsonDocument.Parse(File.ReadAllText(_folder["cams/manifest.json"])).RootElement.ValueKind);
    }

    private static string WithoutSpeed(string table) => table[table.IndexOf('\n', StringComparison.Ordinal)..];
}

/// <summary>A test that needs the machine's tables of countries, which .NET takes from ICU.</summary>
public sealed class IcuTheoryAttribute : TheoryAttribute
{
    public IcuTheoryAttribute() =>
        Skip = Folders().Any(HasIcu) ? null : "NO ICU HERE: install it (apt-get install libicu-dev) to test other countries";

    private static IEnumerable<string> Folders() => ["/usr/lib", "/usr/lib64", "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu"];

    private static bool HasIcu(string folder) => Directory.Exists(folder) && Directory.EnumerateFiles(folder, "libicuuc.so*").Any();
}
