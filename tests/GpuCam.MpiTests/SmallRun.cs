namespace GpuCam.MpiTests;

/// <summary>A run of seconds, with a checkpoint for each of them.</summary>
internal static class SmallRun
{
    /// <summary>Starts it; its folder is to be added.</summary>
    public static string[] Command =>
    [
        "train", "--digits", "synthetic", "--size", "40", "--distractors", "2", "--backend", "simd", "--lr", "0.005", "--batch", "16",
        "--shards", "8", "--threads", "1", "--widths", "4,8", "--steps", "300", "--every", "50", "--canvas", "28:1", "--eval-images", "50",
        "--final-eval-images", "50", "--heatmaps", "1",
    ];

    /// <summary>Goes on with it.</summary>
    public static string[] Resume(string run) => ["train", "--resume", "--out", run, "--threads", "1"];

    /// <summary>Lines of its metrics.</summary>
    public static int Lines(string run)
    {
        string path = Path.Combine(run, "metrics.jsonl");
        return File.Exists(path) ? File.ReadLines(path).Count() : 0;
    }
}
