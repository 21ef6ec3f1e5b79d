using System.Text.Json;
using System.Text.Json.Nodes;
using GpuCam.Model;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Reports;

/// <summary>Makes the page of a run from the files in its folder; those that are missing are left out of it.</summary>
internal static class RunReport
{
    /// <summary>Writes the page of a run.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="cams">Folders with maps of several methods or layers, beside those inside the run.</param>
    /// <param name="output">Where to; null for <c>report.html</c> in the run.</param>
    /// <returns>The file.</returns>
    /// <exception cref="GpuCamException">There is no run, a file is damaged, or the page cannot be written.</exception>
    public static string Write(RunFolder folder, IReadOnlyList<string> cams, string? output = null)
    {
        if (!File.Exists(folder.RunJson) && !File.Exists(folder.Metrics))
        {
            throw new GpuCamException(
                $"{folder.Root} holds no run (run.json) and no maps (manifest.json); give the --out folder of gpucam train or gpucam cam");
        }

        JsonNode? run = File.Exists(folder.RunJson) ? Parse(File.ReadAllText(folder.RunJson), folder.RunJson) : null;
        JsonNode[] metrics = ReadLog(folder.Metrics);
        HeatmapEntry[] answers = [.. ReadLog(folder.Heatmaps).Select(line => Answers(line, folder.Heatmaps))];
        string resize = Text(run?["settings"]?["resize"]) ?? "half-pixel";
        ImageBackground background = Background(run?["settings"]);
        var gallery = new RunGallery(folder, [.. metrics.Select(StepOf)], answers, resize, background);
        var comparison = new CamGallery();
        foreach (string manifest in Manifests(folder.Root, cams))
        {
            comparison.Add(manifest);
        }

        string path = output ?? folder.Report;
        ReportPage.WriteFile(path, new ReportData
        {
            Kind = "run",
            Title = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder.Root)),
            Folder = folder.Root,
            Written = DateTimeOffset.Now,
            Run = run,
            Metrics = metrics,
            Timing = ReadLog(folder.Timing),
            Evaluation = File.Exists(folder.Evaluation) ? Parse(File.ReadAllText(folder.Evaluation), folder.Evaluation) : null,
            Gallery = gallery.Read(),
            Worst = WorstGallery.Read(folder, background),
            Comparison = comparison.Data(),
            Notes = [.. gallery.Notes, .. comparison.Notes],
        });
        return path;
    }

    private static IEnumerable<string> Manifests(string root, IReadOnlyList<string> cams)
    {
        var near = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 1 };
        IEnumerable<string> inside = Directory.EnumerateFiles(root, CamReport.ManifestName, near).Order(StringComparer.Ordinal);
        return inside.Concat(cams.Select(CamReport.ManifestIn)).Select(Path.GetFullPath).Distinct();
    }

    private static JsonNode[] ReadLog(string path) =>
    [
        .. LogLines.Read(path).Select(line => Parse(line, path) is JsonObject entry && entry["step"] is JsonValue
            ? entry
            : throw new GpuCamException(
                $"{path}: '{(line.Length <= 40 ? line : line[..40] + "…")}' is no entry of a log; the file is damaged")),
    ];

    private static HeatmapEntry Answers(JsonNode line, string path)
    {
        try
        {
            HeatmapEntry entry = RunnerJson.Read<HeatmapEntry>(line.ToJsonString());
            return entry.Images is not null && entry.Images.All(image => image?.Class is not null && image.Predicted is not null)
                ? entry
                : throw new JsonException("images, class or predicted is missing");
        }
        catch (JsonException e)
        {
            throw new GpuCamException($"{path}: {e.Message.Split(" Path:")[0].TrimEnd('.')}; the file is damaged", e);
        }
    }

    private static int StepOf(JsonNode entry) => entry["step"] is JsonValue value && value.TryGetValue(out int step) ? step : -1;

    /// <summary>As <see cref="TrainSettings.ShownBackground"/> decides; light where there are no settings.</summary>
    private static ImageBackground Background(JsonNode? settings) => settings is null
        ? ImageBackground.Light
        : new TrainSettings { Preset = "", Data = Text(settings["data"]), Background = Text(settings["background"]) }.ShownBackground;

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    private static JsonNode Parse(string text, string path)
    {
        try
        {
            return JsonNode.Parse(text) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new GpuCamException($"{path}: {e.Message.Split(" LineNumber:")[0].TrimEnd('.')}; the file is damaged", e);
        }
    }
}
