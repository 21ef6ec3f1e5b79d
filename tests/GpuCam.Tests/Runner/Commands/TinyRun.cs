using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>The smallest training that still passes through everything: synthetic digits, two canvases, four evaluations.</summary>
internal static class TinyRun
{
    private static readonly string[] s_results = ["metrics.jsonl", "heatmaps.jsonl", "last.safetensors", "best.safetensors"];

    private static readonly string[] s_settings =
    [
        "--digits", "synthetic", "--size", "32", "--distractors", "2", "--widths", "4,8", "--batch", "8", "--steps", "12", "--every", "4",
        "--eval-images", "20", "--final-eval-images", "20", "--heatmaps", "1", "--threads", "1", "--canvas", "28:0.6,32:0.4", "--lr",
        "0.003",
    ];

    /// <summary>
    /// Arguments of <c>train</c>; <paramref name="changes"/> are options with values, which replace or follow the tiny ones.
    /// </summary>
    public static string[] Train(string output, params string[] changes) =>
        [.. Merge(["train", "--out", output], [.. s_settings, .. changes])];

    /// <summary>
    /// <paramref name="command"/> with the tiny settings in place of its own, but for those <paramref name="kept"/> as they are.
    /// </summary>
    public static string[] Override(string[] command, string[] kept) =>
        [.. Merge([.. command],
            [.. s_settings.Chunk(2).Where(pair => !kept.Contains(pair[0]) && pair[0] is not "--lr").SelectMany(pair => pair)])];

    /// <summary>Arguments with options and their values put in, or put in the place of the values that they had.</summary>
    public static List<string> Merge(List<string> start, string[] options)
    {
        for (int i = 0; i < options.Length; i += 2)
        {
            int given = start.IndexOf(options[i]);
            if (given < 0)
            {
                start.AddRange(options.AsSpan(i, Math.Min(2, options.Length - i)));
            }
            else
            {
                start[given + 1] = options[i + 1];
            }
        }

        return start;
    }

    /// <summary>Copies a run to a folder that is not there yet.</summary>
    public static void Copy(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    /// <summary>What a run computed: the bytes that settings alone decide.</summary>
    public static byte[][] Results(string run) => [.. s_results.Select(name => File.ReadAllBytes(Path.Combine(run, name)))];

    /// <summary>Fails at the first file of results that differs.</summary>
    public static void AssertSameResults(string expected, string actual)
    {
        foreach (string name in s_results)
        {
            Assert.True(File.ReadAllBytes(Path.Combine(expected, name)).AsSpan()
                .SequenceEqual(File.ReadAllBytes(Path.Combine(actual, name))), $"{name} differs");
        }
    }
}

/// <summary>A run that was trained once, and a folder of samples, for all tests of commands. They read it and leave it as it is.</summary>
public sealed class TrainedRun
{
    private static readonly Lazy<(TemporaryFolder Folder, string Errors)> s_trained = new(Train);
    private readonly TemporaryFolder _folder = s_trained.Value.Folder;

    /// <summary>The run folder.</summary>
    public string Run => _folder["run"];

    /// <summary>Ten images of 32x32 with labels and boxes.</summary>
    public string Samples => _folder["samples"];

    /// <summary>One of them.</summary>
    public string Image => Path.Combine(Samples, "img_1.png");

    /// <summary>The trained model.</summary>
    public string Model => Path.Combine(Run, "last.safetensors");

    /// <summary>What training said.</summary>
    public string Errors { get; } = s_trained.Value.Errors;

    private static (TemporaryFolder Folder, string Errors) Train()
    {
        var folder = new TemporaryFolder();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => folder.Dispose();
        string errors = Gpucam.Call(TinyRun.Train(folder["run"], "--heatmaps", "2")).Succeeded().Errors;
        Gpucam.Call("data", "make", "--out", folder["samples"], "--count", "10", "--digits", "synthetic", "--size", "32").Succeeded();
        return (folder, errors);
    }
}
