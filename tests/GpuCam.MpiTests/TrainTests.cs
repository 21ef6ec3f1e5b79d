using System.Text.Json;
using GpuCam.Runner.Commands;

namespace GpuCam.MpiTests;

/// <summary>Ranks train to the bytes of one process, stop together, and go on in another number.</summary>
public sealed class TrainTests : IDisposable
{
    private static readonly string[] s_digits =
    [
        "train", "--digits", "synthetic", "--size", "40", "--distractors", "2", "--backend", "simd", "--lr", "0.005",
    ];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void A_run_is_the_same_bytes_with_any_number_of_ranks_and_without()
    {
        string[] command =
        [
            .. s_digits, "--batch", "16", "--shards", "8", "--widths", "32,64", "--steps", "6", "--every", "3", "--canvas",
            "28:0.5,40:0.5", "--eval-images", "120", "--final-eval-images", "160", "--heatmaps", "12", "--track-localisation",
        ];
        SharedRun.Alone([.. command, "--threads", "2", "--out", _folder.Path("alone")]);
        foreach (int ranks in (int[])[2, 4])
        {
            string run = _folder.Path($"ranks{ranks}");
            MpiRun.Run(_folder.Root, ranks, [.. command, "--threads", "1", "--out", run]).Succeeded();
            SharedRun.AssertSame(_folder.Path("alone"), run);
        }
    }

    /// <summary>mpirun's own exit code after Ctrl-C is 1, whatever the ranks' are; where a rank is asked to end, it is theirs.</summary>
    [MpiFact]
    public void A_run_that_is_interrupted_goes_on_with_other_ranks_to_the_same_bytes()
    {
        string[] command =
        [
            .. s_digits, "--batch", "16", "--shards", "8", "--threads", "1", "--widths", "4,8", "--steps", "1200", "--every", "200",
            "--canvas", "28:1", "--eval-images", "50", "--final-eval-images", "50", "--heatmaps", "1", "--keep", "1",
        ];
        SharedRun.Alone([.. command, "--out", _folder.Path("alone")]);
        string run = _folder.Path("run"), metrics = Path.Combine(run, "metrics.jsonl");
        string[] patient = ["--mca", "odls_base_sigkill_timeout", "3"];     // mpirun waits that long, and one second usually
        using (var running = MpiRun.Start(_folder.Root, patient, [], (2, [.. command, "--out", run])))
        {
            Assert.True(running.WaitUntil(() => File.Exists(metrics) && File.ReadLines(metrics).Any()));
            running.Signal("INT");
            AssertInterrupted(running.Wait(), run);
        }

        int lines = File.ReadLines(metrics).Count();
        string[] resume = ["train", "--resume", "--out", run, "--threads", "1"];
        using (var running = MpiRun.Start(_folder.Root, patient, [], (4, resume)))
        {
            Assert.True(running.WaitUntil(() => File.ReadLines(metrics).Count() > lines));
            running.Signal("TERM", rank: 2);
            MpiOutcome outcome = running.Wait();
            AssertInterrupted(outcome, run);
            Assert.Equal(CommandLine.Interrupted, outcome.ExitCode);
        }

        SharedRun.Alone("train", "--resume", "--out", run, "--threads", "1");
        SharedRun.AssertSame(_folder.Path("alone"), run);
    }

    /// <summary>A network beside the reference, then a head on what was learnt.</summary>
    [MpiFact]
    public void Pictures_are_learnt_from_by_all_ranks()
    {
        string pictures = _folder.Path("pictures");
        SharedRun.Alone(
            "data", "make", "--out", pictures, "--digits", "synthetic", "--size", "32", "--distractors", "1", "--count", "60");
        string[] command =
        [
            "train", "--data", pictures, "--arch", "squeezenet", "--size", "32", "--channels", "1", "--batch", "8", "--steps", "3",
            "--every", "2", "--augment", "mirror", "--heatmaps", "2", "--threads", "1", "--backend", "simd", "--lr", "0.001", "--reduce",
        ];
        string alone = _folder.Path("alone"), ordered = _folder.Path("ordered"), fast = _folder.Path("fast");
        SharedRun.Alone([.. command, "ordered", "--shards", "4", "--out", alone]);
        MpiRun.Run(_folder.Root, 2, [.. command, "ordered", "--shards", "4", "--out", ordered]).Succeeded();
        SharedRun.AssertSame(alone, ordered);
        MpiRun.Run(_folder.Root, 2, [.. command, "fast", "--out", fast]).Succeeded();
        AssertClose(Path.Combine(alone, "metrics.jsonl"), Path.Combine(fast, "metrics.jsonl"));

        string[] head = ["train", "--data", pictures, "--init", alone, "--freeze", "features", "--heatmaps", "1", "--threads", "1"];
        SharedRun.Alone([.. head, "--out", _folder.Path("head")]);
        MpiRun.Run(_folder.Root, 3, [.. head, "--out", _folder.Path("heads")]).Succeeded();
        string[] named = [Path.Combine("cams", "cam.html"), Path.Combine("cams", "manifest.json")];     // they name the run's folder
        SharedRun.AssertSame(_folder.Path("head"), _folder.Path("heads"), named);
    }

    [MpiFact]
    public void More_ranks_than_images_in_a_batch_are_refused_once_and_leave_no_folder()
    {
        MpiRun.Run(_folder.Root, 3, [.. s_digits, "--batch", "2", "--shards", "2", "--out", _folder.Path("run")])
            .Refused("--batch 2 is too few images for 3 ranks");
        Assert.False(Directory.Exists(_folder.Path("run")));
    }

    private static void AssertInterrupted(MpiOutcome outcome, string run)
    {
        Assert.Contains("interrupted after step ", outcome.Errors, StringComparison.Ordinal);
        string step = outcome.Errors.Split("interrupted after step ")[1].Split(';')[0];
        Assert.True(File.Exists(Path.Combine(run, "checkpoints", $"step-{step}.safetensors")), outcome.Errors);
    }

    /// <summary>The first line is of the same weights; later ones differ by the order of sums.</summary>
    private static void AssertClose(string expected, string actual)
    {
        string[] lines = File.ReadAllLines(expected), others = File.ReadAllLines(actual);
        Assert.Equal(lines.Length, others.Length);
        Assert.Equal(lines[0], others[0]);
        Assert.Equal(Loss(lines[^1]), Loss(others[^1]), 0.2);

        static double Loss(string line) => JsonDocument.Parse(line).RootElement.GetProperty("train_loss").GetDouble();
    }
}
