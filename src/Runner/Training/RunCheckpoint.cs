using System.Globalization;
using GpuCam.Model;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>The two files of a checkpoint in a run folder.</summary>
internal static class RunCheckpoint
{
    /// <summary>
    /// Writes the state, the best model if this is it, the last model, and the checkpoint's model at the end, each whole or not
    /// at all: the checkpoint's model says that all are there, so a run killed in between goes on from the checkpoint before. Rank 0
    /// writes, after all ranks have found that they have the same.
    /// </summary>
    public static void Save(
        RankJob job, RunFolder folder, Execution network, Optimizer optimizer, TrainingProgress progress, bool isBest)
    {
        using var model = new MemoryStream();
        using var state = new MemoryStream();
        Checkpoint.Save(model, state, network, optimizer, progress);
        byte[] bytes = model.ToArray(), stateBytes = state.ToArray();
        CheckAlike(job, folder, progress.Step, bytes, stateBytes);
        job.OnFirst(() =>
        {
            AtomicFile.WriteAllBytes(folder.StateOf(progress.Step), stateBytes);
            if (isBest)
            {
                AtomicFile.WriteAllBytes(folder.Best, bytes);
            }

            AtomicFile.WriteAllBytes(folder.Last, bytes);
            AtomicFile.WriteAllBytes(folder.ModelOf(progress.Step), bytes);
        });
    }

    /// <summary>The steps that a model was trained for, as its file says; 0 where it does not.</summary>
    public static int StepOf(string model)
    {
        try
        {
            using FileStream stream = File.OpenRead(model);
            SafetensorsFile file = SafetensorsReader.Read(stream, model);
            return int.TryParse(
                file.Metadata.GetValueOrDefault("gpucam.step"), NumberStyles.None, CultureInfo.InvariantCulture, out int step) ? step : 0;
        }
        catch (GpuCamException)
        {
            return 0;
        }
    }

    /// <summary>
    /// Loads the newest checkpoint that is whole, of rank 0's folder into all ranks. Without any, only a run that was killed before its
    /// first one begins anew: of a longer one that would delete the logs.
    /// </summary>
    public static RunProgress LoadNewest(
        RankJob job, RunFolder folder, Execution network, Optimizer optimizer, Action<string> say)
    {
        RunProgress? found = job.Together(() => job.IsFirst ? LoadNewest(folder, network, optimizer, say) : null);
        int step = job.Broadcast(found?.Step ?? -1);
        if (step < 0)
        {
            return new RunProgress();
        }

        byte[] model = Send(job, folder.ModelOf(step)), state = Send(job, folder.StateOf(step));
        return job.Together(() => found ?? RunProgress.FromStored(Checkpoint.Load(
            new MemoryStream(model), folder.ModelOf(step), new MemoryStream(state), folder.StateOf(step), network, optimizer)));
    }

    private static RunProgress? LoadNewest(RunFolder folder, Execution network, Optimizer optimizer, Action<string> say)
    {
        GpuCamException? first = null;
        foreach (int step in folder.ModelSteps())
        {
            try
            {
                var progress = RunProgress.FromStored(Load(folder, step, network, optimizer));
                say($"continuing after step {progress.Step}");
                return progress;
            }
            catch (GpuCamException e)
            {
                first ??= e;
                say($"the checkpoint of step {step} cannot be used ({e.Message}); trying an older one");
            }
        }

        if (first is not null)
        {
            throw new GpuCamException($"{first.Message}; there is no older checkpoint to go on from", first);
        }

        if (folder.LastStep() is > 0 and int last)
        {
            string[] left = [.. new[] { folder.Metrics, folder.Best, folder.Last }.Where(File.Exists)];
            throw new GpuCamException($"{folder.Root}: the run got to step {last}, but its checkpoints are gone (left are "
                + $"{string.Join(", ", left.Select(Path.GetFileName))}); put them back into checkpoints/, or start a new run");
        }

        say("no checkpoint was written yet: starting from the beginning");
        return null;
    }

    /// <summary>Puts network and optimizer where they were after <paramref name="step"/>.</summary>
    private static TrainingProgress Load(RunFolder folder, int step, Execution network, Optimizer optimizer)
    {
        if (!File.Exists(folder.StateOf(step)))
        {
            throw new GpuCamException($"{folder.StateOf(step)}: missing, although the model beside it is there");
        }

        using FileStream model = File.OpenRead(folder.ModelOf(step));
        using FileStream state = File.OpenRead(folder.StateOf(step));
        return Checkpoint.Load(model, folder.ModelOf(step), state, folder.StateOf(step), network, optimizer);
    }

    /// <summary>A file of rank 0, on all ranks.</summary>
    private static byte[] Send(RankJob job, string path) =>
        job.IsAlone ? [] : job.Communicator.Broadcast(job.Together(() => job.IsFirst ? File.ReadAllBytes(path) : []));

    /// <summary>Ends the job where ranks have not come to the same: a later step would make it worse, and nobody could tell why.</summary>
    private static void CheckAlike(RankJob job, RunFolder folder, int step, byte[] model, byte[] state)
    {
        if (job.IsAlone)
        {
            return;
        }

        string[] sums = job.AllGather(Convert.ToHexStringLower(Sha256.Of(model)) + Convert.ToHexStringLower(Sha256.Of(state)));
        string[] hosts = job.AllGather(Environment.MachineName);
        if (Array.FindIndex(sums, sum => sum != sums[0]) is > 0 and int other)
        {
            throw new JobException(
                $"after step {step} the weights of rank {other} ({hosts[other]}) are not those of rank 0 ({hosts[0]}): one of them "
                + "computes otherwise, or its memory fails; no checkpoint was written, so leave a machine out and continue "
                + $"{folder.Root} with --resume",
                Commands.CommandLine.Failed);
        }
    }
}
