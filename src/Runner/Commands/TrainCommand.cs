using System.CommandLine;
using System.Globalization;
using GpuCam.Kernels;
using GpuCam.Runner.Data;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Reports;
using GpuCam.Runner.Training;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam train</c>: trains, evaluates, writes checkpoints and heat maps into a run folder.</summary>
internal static class TrainCommand
{
    public static Command Create()
    {
        var command =
            new Command("train", "Train the network on cluttered digits; leaves checkpoints, curves and heat maps in a run folder.");
        var options = new TrainOptions(command);
        var devices = new DeviceOptions(command);
        command.SetAction(parsed => Run(parsed, options, devices));
        return command;
    }

    private static int Run(ParseResult parsed, TrainOptions options, DeviceOptions devices)
    {
        RankJob job = RankJob.OfProcess;
        using var interrupt = new Interrupt();
        ITrainingDisplay display = TrainingDisplay.Create();
        (RunFolder folder, TrainSettings settings, bool resume) = options.Read(parsed, devices.PrecisionName(parsed), job);
        TimeSpan? limit = job.Together(() => options.TimeLimit(parsed));
        using FolderLock? taken = job.Together(() => Begin(job, folder, resume));
        using IDevice device = job.Together(() => Open(parsed, devices, folder, settings, resume));
        if (settings.Freeze == TrainSettings.Features)
        {
            return TrainHead(job, settings, folder, device, options.Features(parsed), resume, taken, interrupt.Token);
        }

        settings = resume ? settings : settings.For(job, device);
        using TrainingRun run = job.Together(() =>
        {
            settings.CheckRanks(job.Size, resume ? folder.Root : null);
            return new TrainingRun(job, settings, folder, device, display, options.Cache(parsed), limit);
        });
        using FolderLock? held = job.Together(() => Create(job, folder, taken));    // last, so that bad input leaves no folder behind
        TrainingOutcome outcome = run.Run(resume, interrupt.Token);
        if (outcome.Interrupted)
        {
            display.Say($"interrupted after step {outcome.Step}; continue with: gpucam train --resume --out {folder.Root}");
            return CommandLine.Interrupted;
        }

        if (outcome.Test is not { } test)
        {
            display.Say($"the run in {folder.Root} is complete");
            return CommandLine.Done;
        }

        display.Say($"heat maps: {folder.ImageFolder(1)} …   curves: {folder.File("accuracy.svg")}");
        WriteReport(job, folder, display);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"accuracy {test.Accuracy:0.00 %} on {test.Images} test images after {outcome.Step} steps; model: {folder.Last}"));
        return CommandLine.Done;
    }

    /// <summary>Trains a linear head alone.</summary>
    private static int TrainHead(
        RankJob job, TrainSettings settings, RunFolder folder, IDevice device, string? features, bool resume, FolderLock? taken,
        CancellationToken token)
    {
        ITrainingDisplay display = TrainingDisplay.Create();
        using HeadRun run = job.Together(() =>
        {
            var set = PictureSet.Open(settings.PictureSetOptions(), display.Say);
            return new HeadRun(job, settings, set, folder, device, display, features);
        });
        using FolderLock? held = job.Together(() => Create(job, folder, taken));    // last, so that bad input leaves no folder behind
        TrainingOutcome outcome = run.Run(resume, token);
        if (outcome.Interrupted)
        {
            display.Say($"interrupted; continue with: gpucam train --resume --out {folder.Root}");
            return CommandLine.Interrupted;
        }

        if (outcome.Test is not { } test)
        {
            display.Say($"the run in {folder.Root} is complete");
            return CommandLine.Done;
        }

        display.Say($"maps:      {folder.File("cams")}");
        WriteReport(job, folder, display);
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"accuracy {test.Accuracy:0.00 %}, mean per class {test.ClassAccuracy.OfType<double>().Average():0.00 %}, on {test.Images} "
            + $"test pictures; model: {folder.Last}"));
        return CommandLine.Done;
    }

    /// <summary>Takes the folder of a run that goes on; looks at one that is to be made. Rank 0 does it.</summary>
    private static FolderLock? Begin(RankJob job, RunFolder folder, bool resume)
    {
        if (!job.IsFirst)
        {
            return null;
        }

        if (resume)
        {
            return folder.Take();
        }

        folder.CheckNew();
        return null;
    }

    /// <summary>Makes the folder, unless it is taken already. Rank 0 does it.</summary>
    private static FolderLock? Create(RankJob job, RunFolder folder, FolderLock? taken) =>
        job.IsFirst ? taken ?? folder.Create() : null;

    /// <summary>The device. A run that goes on keeps its precision, so an error says where that comes from.</summary>
    private static IDevice Open(ParseResult parsed, DeviceOptions devices, RunFolder folder, TrainSettings settings, bool resume)
    {
        try
        {
            return devices.Open(parsed, settings.Precision);
        }
        catch (GpuCamException e) when (resume && settings.Precision != "fp32")
        {
            throw new GpuCamException($"--resume: the run in {folder.Root} began with --precision {settings.Precision}: {e.Message}", e);
        }
    }

    /// <summary>The run is done and its files are whole: a report that cannot be written is worth a word, not a failure.</summary>
    private static void WriteReport(RankJob job, RunFolder folder, ITrainingDisplay display)
    {
        if (!job.IsFirst)
        {
            return;
        }

        try
        {
            display.Say($"report:    {RunReport.Write(folder, [])}");
        }
        catch (Exception e) when (e is GpuCamException or IOException or UnauthorizedAccessException)
        {
            display.Say($"the report was not written: {e.Message}; try again with: gpucam report {folder.Root}");
        }
    }
}
