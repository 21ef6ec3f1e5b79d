using System.Text.RegularExpressions;

namespace GpuCam.MpiTests;

/// <summary>What ranks measure together is what one process measures, byte for byte but for the speed.</summary>
public sealed partial class EvalTests : IDisposable
{
    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void An_evaluation_says_the_same_with_any_number_of_ranks()
    {
        SharedRun.Alone(
            "train", "--digits", "synthetic", "--size", "28", "--distractors", "1", "--widths", "4,8", "--batch", "8", "--steps", "4",
            "--every", "4", "--canvas", "28:1", "--eval-images", "10", "--final-eval-images", "10", "--heatmaps", "0", "--threads", "1",
            "--out", _folder.Path("run"));
        string[] command =
        [
            "eval", "--model", _folder.Path("run"), "--digits", "synthetic", "--count", "160", "--validation-count", "110", "--method",
            "cam,gradcam,scorecam", "--metrics", "all", "--faithfulness-count", "60", "--score-count", "55", "--threads", "1", "--backend",
            "simd", "--json",
        ];
        string table = _folder.Path("alone.csv");
        string alone = Untimed(SharedRun.Alone([.. command, "--csv", table]));
        string shared = _folder.Path("shared.csv");
        Assert.Equal(alone, Untimed(MpiRun.Run(_folder.Root, 3, [.. command, "--csv", shared]).Succeeded().Output));
        Assert.Equal(File.ReadAllText(table), File.ReadAllText(shared));
        Assert.Equal(
            File.ReadAllText(Path.ChangeExtension(table, ".table.csv")), File.ReadAllText(Path.ChangeExtension(shared, ".table.csv")));
    }

    [MpiFact]
    public void Score_maps_are_written_and_read_by_all_ranks()
    {
        string pictures = _folder.Path("pictures"), alone = _folder.Path("alone"), shared = _folder.Path("shared");
        SharedRun.Alone(
            "data", "make", "--out", pictures, "--digits", "synthetic", "--size", "28", "--distractors", "1", "--count", "160");
        SharedRun.Alone(
            "train", "--data", pictures, "--size", "28", "--channels", "1", "--widths", "4,8", "--batch", "8", "--steps", "2", "--every",
            "2", "--heatmaps", "0", "--threads", "1", "--out", _folder.Path("run"));
        string[] command = ["eval", "--model", _folder.Path("run"), "--data", pictures, "--threads", "1", "--json", "--write-score-maps"];
        string found = Untimed(SharedRun.Alone([.. command, alone]));
        Assert.Equal(found, Untimed(MpiRun.Run(_folder.Root, 2, [.. command, shared]).Succeeded().Output));
        SharedRun.AssertSame(alone, shared);

        string[] read = ["eval", "--data", pictures, "--json", "--csv", _folder.Path("read.csv"), "--score-maps"];
        string one = SharedRun.Alone([.. read, alone]), table = File.ReadAllText(_folder.Path("read.csv"));
        Assert.Equal(one, MpiRun.Run(_folder.Root, 2, [.. read, shared]).Succeeded().Output);
        Assert.Equal(table, File.ReadAllText(_folder.Path("read.csv")));
    }

    private static string Untimed(string json) => Speed().Replace(json, "");

    [GeneratedRegex("\"images_per_second\":[^,]*,")]
    private static partial Regex Speed();
}
