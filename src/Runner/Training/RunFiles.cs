using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>What a run writes and reads beside its pictures: rank 0 does it, and all ranks of the job call it.</summary>
internal sealed class RunFiles(RankJob job, RunFolder folder, TrainSettings settings, TrainingData data, TrainingClock clock)
{
    /// <summary>Begins the folder of a new run.</summary>
    public void Begin(IDevice device) => job.OnFirst(() =>
    {
        AtomicFile.WriteAllText(folder.RunJson, RunnerJson.Pretty(RunRecord.Create(device, data.Message, settings, job)) + "\n");
        if (data.Pictures is { } pictures)
        {
            SplitTable.Write(folder.File(SplitTable.FileName), pictures.Set);
        }
    });

    /// <summary>Puts network, optimizer, logs and clock where the newest checkpoint was.</summary>
    public RunProgress Resume(Execution network, Optimizer optimizer, Action<string> say)
    {
        RunProgress progress = RunCheckpoint.LoadNewest(job, folder, network, optimizer, say);
        job.OnFirst(() =>
        {
            RunFolder.CutBack(folder.Metrics, progress.Step, keep: progress.Step > 0);
            RunFolder.CutBack(folder.Heatmaps, progress.Step, keep: progress.Step > 0);
            RunFolder.CutBack(folder.Timing, progress.Step, keep: progress.Step > 0);
            clock.Resume();
        });
        return progress;
    }

    /// <summary>Logs an evaluation, and draws the curves.</summary>
    public void Log(MetricsEntry entry, double testImagesPerSecond) => job.OnFirst(() =>
    {
        RunFolder.Append(folder.Metrics, RunnerJson.Line(entry));
        clock.Log(entry.Step, testImagesPerSecond);
        RunCurves.Write(folder);
    });

    /// <summary>Writes an evaluation in full.</summary>
    public void Write(int step, EvaluationResult test) =>
        job.OnFirst(() => EvaluationRecord.Write(folder, step, data.ClassNames, test));

    /// <summary>Writes a checkpoint, and removes those that are too old.</summary>
    public void Save(Execution network, Optimizer optimizer, RunProgress progress, bool isBest)
    {
        RunCheckpoint.Save(job, folder, network, optimizer, progress.ToStored(settings.Batch), isBest);
        job.OnFirst(() => folder.KeepNewest(settings.KeepCheckpoints, progress.Step));
    }

    /// <summary>The error of a run whose numbers are lost, on every rank: with the checkpoint that is left.</summary>
    public Exception Lost(NonFiniteLossException e, int step)
    {
        string good = job.IsFirst && folder.CheckpointSteps() is [int last, ..] ? folder.ModelOf(last) : "none yet";
        string message = $"{e.Message} (stopped after step {step}); the last good checkpoint is {good}";
        return job.IsAlone ? new NonFiniteLossException(message, e) : new JobException(message, Commands.CommandLine.Failed);
    }
}
