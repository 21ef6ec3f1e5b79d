using System.Text.Json;
using GpuCam.Kernels;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>What <c>run.json</c> holds: the settings, and where and with what the run was started.</summary>
internal sealed record RunRecord
{
    /// <summary>The format of the file; a later one will have another number.</summary>
    public const string CurrentFormat = "gpucam-run/1";

    public required string Format { get; init; }

    public required string Version { get; init; }

    public required string Build { get; init; }

    public required string Device { get; init; }

    public required string Samples { get; init; }

    /// <summary>Ranks that it was started with; absent for a process by itself.</summary>
    public int? Ranks { get; init; }

    public required string Command { get; init; }

    public required DateTimeOffset Started { get; init; }

    public required TrainSettings Settings { get; init; }

    /// <summary>
    /// The record of the run that a model file lies in, at its top or among its checkpoints; null where it lies elsewhere, or where
    /// a run.json is there that is not one of ours.
    /// </summary>
    public static RunRecord? OfModel(string modelFile)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(modelFile))!;
        string? run = new[] { folder, Path.GetDirectoryName(folder) }
            .FirstOrDefault(path => path is not null && File.Exists(new RunFolder(path).RunJson));
        try
        {
            return run is null ? null : Read(new RunFolder(run));
        }
        catch (GpuCamException)
        {
            return null;
        }
    }

    /// <summary>The record of a run that begins now.</summary>
    public static RunRecord Create(IDevice device, string samples, TrainSettings settings, RankJob job) => new()
    {
        Format = CurrentFormat,
        Version = typeof(RunRecord).Assembly.GetName().Version!.ToString(3),
        Build = DeviceCatalog.Engine,
        Device = device.Description,
        Samples = samples,
        Ranks = job.IsAlone ? null : job.Size,
        Command = string.Join(' ', Environment.GetCommandLineArgs().Skip(1).Select(ShellWord.Quote).Prepend("gpucam")),
        Started = DateTimeOffset.Now,
        Settings = settings,
    };

    /// <summary>Reads the record of a run; one clear line if there is none or it is damaged.</summary>
    /// <param name="folder">The run.</param>
    /// <param name="purpose">What was to be done with it, for the error.</param>
    /// <param name="remedy">What to do instead.</param>
    public static RunRecord Read(RunFolder folder, string purpose = "continued", string remedy = "start one without --resume")
    {
        string text;
        try
        {
            text = File.ReadAllText(folder.RunJson);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException(
                $"{folder.Root} holds no run that can be {purpose} (run.json: {e.Message.TrimEnd('.')}); {remedy}", e);
        }

        try
        {
            RunRecord record = RunnerJson.Read<RunRecord>(text);
            return record.Format == CurrentFormat ? record : throw new GpuCamException(
                $"{folder.RunJson}: format '{record.Format}' is not {CurrentFormat}; use the version of gpucam that wrote it");
        }
        catch (JsonException e)
        {
            throw new GpuCamException(
                $"{folder.RunJson}: line {e.LineNumber + 1}: {e.Message.Split(" Path:")[0].TrimEnd('.')}; the run cannot be {purpose}", e);
        }
    }
}
