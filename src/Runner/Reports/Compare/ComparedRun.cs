using System.Text.Json;
using System.Text.Json.Nodes;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Reports.Compare;

/// <summary>What is compared of a run: its record, its evaluations and what the clock said at each.</summary>
/// <param name="Name">The shortest end of its path that no other of the runs has.</param>
/// <param name="Record">Its run.json.</param>
/// <param name="Metrics">Its evaluations; at least one.</param>
/// <param name="Timing">The clock's entries, fewer than evaluations where the log is damaged or missing.</param>
internal sealed record ComparedRun(string Name, RunRecord Record, IReadOnlyList<MetricsEntry> Metrics, IReadOnlyList<TimingEntry> Timing)
{
    /// <summary>The last evaluation.</summary>
    public MetricsEntry Last => Metrics[^1];

    /// <summary>What the clock said last, if it said anything.</summary>
    public TimingEntry? Clock => Timing.Count > 0 ? Timing[^1] : null;

    /// <summary>Whether the last evaluation is the one that the settings end with.</summary>
    public bool Complete => Last.Step >= Record.Settings.Steps;

    /// <summary>Reads the runs in these folders.</summary>
    /// <exception cref="GpuCamException">One is no run, has not been tested yet, or is damaged; the message names the file.</exception>
    public static IReadOnlyList<ComparedRun> ReadAll(IReadOnlyList<string> folders)
    {
        string[] names = [.. Names([.. folders.Select(folder => Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)))])];
        return [.. folders.Select((folder, i) => Read(names[i], new RunFolder(folder)))];
    }

    /// <summary>Everything in run.json that can differ between runs, but not what differs between all: command, date.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings()
    {
        JsonObject settings = JsonNode.Parse(RunnerJson.Line(Record.Settings))!.AsObject();
        return
        [
            new("version", Record.Version), new("build", Record.Build), new("device", Record.Device), new("samples", Record.Samples),
            .. settings.Select(pair => new KeyValuePair<string, string>(pair.Key, Text(pair.Value))),
        ];
    }

    private static ComparedRun Read(string name, RunFolder folder)
    {
        var record = RunRecord.Read(folder, "compared", "give a folder that 'gpucam train' wrote");
        MetricsEntry[] metrics = ReadLines<MetricsEntry>(folder.Metrics);
        if (metrics.Length == 0)
        {
            throw new GpuCamException($"{folder.Root}: the run has not been tested yet; wait for its first evaluation, or leave it out");
        }

        return new ComparedRun(name, record, metrics, ReadLines<TimingEntry>(folder.Timing));
    }

    private static T[] ReadLines<T>(string path) => [.. LogLines.Read(path).Select((line, i) => Entry<T>(path, line, i + 1))];

    private static T Entry<T>(string path, string line, int number)
    {
        try
        {
            return RunnerJson.Read<T>(line);
        }
        catch (JsonException e)
        {
            throw new GpuCamException($"{path}: line {number} is no entry of a log; the file is damaged, so leave this run out", e);
        }
    }

    private static IEnumerable<string> Names(string[] paths)
    {
        string[][] parts = [.. paths.Select(path => path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))];
        for (int i = 0; i < paths.Length; i++)
        {
            if (paths.Index().Any(other => other.Index != i && other.Item == paths[i]))
            {
                throw new GpuCamException($"{paths[i]} is given twice; give different runs");
            }

            int length = 1;
            while (length < parts[i].Length && parts.Index()
                .Any(other => other.Index != i && End(other.Item, length) == End(parts[i], length)))
            {
                length++;
            }

            yield return End(parts[i], length);
        }
    }

    private static string End(string[] parts, int length) => string.Join('/', parts.TakeLast(length));

    private static string Text(JsonNode? value) => value switch
    {
        null => "",
        JsonArray list => string.Join(',', list.Select(Text)),
        _ => value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : value.ToJsonString(),
    };
}
