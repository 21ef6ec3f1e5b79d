using System.Globalization;
using System.Text.Json;

namespace GpuCam.Runner.Training;

/// <summary>
/// The files of one run. Everything is written to a temporary file and renamed, except <c>metrics.jsonl</c>, <c>heatmaps.jsonl</c>
/// and <c>timing.jsonl</c>, which are appended to and cut back to the checkpoint when a run is resumed.
/// </summary>
/// <remarks>
/// <c>.gpucam.lock</c> (taken by who trains) · <c>run.json</c> · <c>metrics.jsonl</c> (a pure function of the settings) ·
/// <c>timing.jsonl</c> (what the clock said) ·
/// <c>heatmaps.jsonl</c> · <c>evaluation.json</c> (the newest) · <c>accuracy.svg</c> · <c>loss.svg</c> · <c>confusion.svg</c> ·
/// <c>report.html</c> · <c>checkpoints/step-N.safetensors</c> with <c>step-N.state.safetensors</c> beside it ·
/// <c>best.safetensors</c> · <c>last.safetensors</c> · <c>img_K/</c>.
/// </remarks>
/// <param name="root">The folder.</param>
/// <param name="apart">Whether another name may be taken where somebody else has this one: nobody asked for it.</param>
internal sealed class RunFolder(string root, bool apart = false)
{
    private const string ModelSuffix = ".safetensors";
    private const string StateSuffix = ".state.safetensors";

    public string Root { get; private set; } = Path.GetFullPath(root);

    public string RunJson => Path.Combine(Root, "run.json");

    public string Metrics => Path.Combine(Root, "metrics.jsonl");

    public string Timing => Path.Combine(Root, "timing.jsonl");

    public string Heatmaps => Path.Combine(Root, "heatmaps.jsonl");

    public string Evaluation => Path.Combine(Root, "evaluation.json");

    public string Report => Path.Combine(Root, "report.html");

    public string Best => Path.Combine(Root, "best.safetensors");

    public string Last => Path.Combine(Root, "last.safetensors");

    private string Checkpoints => Path.Combine(Root, "checkpoints");

    public string File(string name) => Path.Combine(Root, name);

    public string ModelOf(int step) => Path.Combine(Checkpoints, $"step-{step}{ModelSuffix}");

    public string StateOf(int step) => Path.Combine(Checkpoints, $"step-{step}{StateSuffix}");

    public string ImageFolder(int number) => Path.Combine(Root, $"img_{number}");

    /// <summary>Fails with one clear line when the folder holds a run, or what is left of one.</summary>
    public void CheckNew()
    {
        if (System.IO.File.Exists(Root))
        {
            throw new GpuCamException($"{Root} is a file, not a folder; give another --out");
        }

        if (System.IO.File.Exists(RunJson))
        {
            throw new GpuCamException($"{Root} already holds a run; continue it with --resume, or give another --out");
        }

        if (System.IO.File.Exists(Metrics) || CheckpointSteps().Count > 0)
        {
            throw new GpuCamException($"{Root} holds the remains of a run without its run.json; remove them, or give another --out");
        }
    }

    /// <summary>
    /// Makes the folder and takes it for a new run, until the lock is disposed; fails with one clear line when it cannot be written,
    /// or when somebody else has it.
    /// </summary>
    public FolderLock Create()
    {
        string wanted = Root;
        for (int number = 2; ; number++)
        {
            if (FolderLock.TryTake(Root, stays: true) is { } held)
            {
                if (!apart || !System.IO.File.Exists(RunJson))
                {
                    return Fill(held);
                }

                held.Dispose();
            }

            Root = apart ? string.Create(CultureInfo.InvariantCulture, $"{wanted}-{number}") : throw Taken();
        }
    }

    /// <summary>Takes the folder of a run that is to be continued, until the lock is disposed.</summary>
    public FolderLock Take() => FolderLock.TryTake(Root, stays: true) ?? throw Taken();

    private FolderLock Fill(FolderLock held)
    {
        try
        {
            CheckNew();     // again: only now can nobody else begin a run here
            Directory.CreateDirectory(Checkpoints);
            return held;
        }
        catch (Exception e)
        {
            held.Dispose();
            throw e is IOException or UnauthorizedAccessException
                ? OutputException.Of($"the output folder {Root} cannot be written ({e.Message.TrimEnd('.')}); give another --out", e)
                : e;
        }
    }

    private GpuCamException Taken() => new($"{Root}: another gpucam trains there; wait for its end, or give another --out");

    /// <summary>
    /// Steps of the checkpoints that are whole, newest first. The model is renamed into place after the state, so that
    /// a model file's presence means that both are.
    /// </summary>
    public IReadOnlyList<int> CheckpointSteps() => [.. ModelSteps().Where(step => System.IO.File.Exists(StateOf(step)))];

    /// <summary>Steps of the checkpoints' models, newest first, whether or not their states are there.</summary>
    public IReadOnlyList<int> ModelSteps()
    {
        if (!Directory.Exists(Checkpoints))
        {
            return [];
        }

        var steps = new List<int>();
        foreach (string path in Directory.EnumerateFiles(Checkpoints, $"step-*{ModelSuffix}"))
        {
            string name = Path.GetFileName(path);
            if (!name.EndsWith(StateSuffix, StringComparison.Ordinal)
                && int.TryParse(name["step-".Length..^ModelSuffix.Length], NumberStyles.None, CultureInfo.InvariantCulture, out int step))
            {
                steps.Add(step);
            }
        }

        return [.. steps.OrderDescending()];
    }

    /// <summary>
    /// Deletes all but the newest <paramref name="count"/> checkpoints up to <paramref name="step"/>, and what interrupted writes left
    /// behind. Later ones can be there only when they were too damaged to go on from.
    /// </summary>
    public void KeepNewest(int count, int step)
    {
        var kept = CheckpointSteps().Where(made => made <= step).Take(count)
            .SelectMany(made => new[] { ModelOf(made), StateOf(made) }).ToHashSet();
        foreach (string path in Directory.EnumerateFiles(Checkpoints))
        {
            if (!kept.Contains(path))
            {
                System.IO.File.Delete(path);
            }
        }
    }

    /// <summary>
    /// Cuts a log back to the lines up to and including <paramref name="step"/>, or to nothing when <paramref name="keep"/> is
    /// false; a half-written last line goes too.
    /// </summary>
    public static void CutBack(string path, int step, bool keep)
    {
        if (!System.IO.File.Exists(path))
        {
            return;
        }

        if (!keep)
        {
            System.IO.File.Delete(path);
            return;
        }

        string text = System.IO.File.ReadAllText(path);
        var kept = new List<string>();
        foreach (string line in text[..(text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (StepOf(line) is not { } logged)
            {
                throw new GpuCamException($"{path}: '{(line.Length <= 40 ? line : line[..40] + "…")}' is no entry of a log; the file is "
                    + "damaged, so start a new run");
            }

            if (logged <= step)
            {
                kept.Add(line + "\n");
            }
        }

        AtomicFile.WriteAllText(path, string.Concat(kept));
    }

    /// <summary>The last step that the logs or the last model tell of; 0 for a run that was not trained yet.</summary>
    public int LastStep()
    {
        IEnumerable<string> lines = new[] { Metrics, Heatmaps, Timing }.Where(System.IO.File.Exists).SelectMany(System.IO.File.ReadLines);
        int logged = lines.Select(line => StepOf(line) ?? 0).DefaultIfEmpty().Max();
        return Math.Max(logged, System.IO.File.Exists(Last) ? RunCheckpoint.StepOf(Last) : 0);
    }

    private static int? StepOf(string line)
    {
        try
        {
            using var entry = JsonDocument.Parse(line);
            return entry.RootElement.ValueKind == JsonValueKind.Object && entry.RootElement.TryGetProperty("step", out JsonElement step)
                && step.ValueKind == JsonValueKind.Number && step.TryGetInt32(out int value) ? value : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Appends one line and hands it to the operating system before returning.</summary>
    public static void Append(string path, string line)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            stream.Write(System.Text.Encoding.UTF8.GetBytes(line + "\n"));
            stream.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OutputException.Of($"{path}: cannot be written ({e.Message.TrimEnd('.')}); make room or change its permissions, then "
                + "continue with --resume", e);
        }
    }
}
