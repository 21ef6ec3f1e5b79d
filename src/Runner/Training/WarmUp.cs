using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>Has a device compile the kernels of a run before the run is timed.</summary>
internal static class WarmUp
{
    // A full batch of the evaluator and one of a single image.
    private const int TestImages = Evaluator.Batch + 1;

    /// <summary>
    /// Trains a network like the run's, thrown away afterwards, for a step on every canvas of the plan, tests it and draws a map.
    /// Nothing happens where kernels are not compiled. Where tiles are chosen by the size of the batch, batches have the run's sizes;
    /// elsewhere one image is enough.
    /// </summary>
    public static KernelCompilation Run(IDevice device, TrainSettings settings, CanvasPlan plan, TrainingData data, DeviceTasks tasks,
        Sharding? sharding)
    {
        if (device is HostDevice)
        {
            return default;
        }

        // The most images that go through the network at once: the last shard, or this rank's, has no fewer than others.
        int images = sharding is null ? settings.Batch : settings.Batch - sharding.FirstImageOf(sharding.Shards - 1, settings.Batch);
        KernelCompilation before = device.Compiled;
        using Execution network = settings.CreateNetwork(device, data.Config, null, _ => { });
        using Optimizer optimizer = settings.CreateOptimizer(network);
        using var trainer = new Trainer(network, optimizer, tasks.LateSteps);
        foreach (int size in plan.Phases.Select(phase => phase.Size).Distinct())
        {
            using ITrainingFeed feed = data.Feed(size, 0, device.PrefersGroups ? images : 1, device, tasks);
            feed.Begin(trainer, settings.LearningRate);
            trainer.Results(wait: true);
        }

        using var evaluator = new Evaluator(RankJob.Alone, network, data.Test, settings.EvaluationPlan());
        evaluator.Run(device.PrefersGroups ? TestImages : 1);
        if (settings.Heatmaps > 0)
        {
            using var maps = new HeatmapPixels(network, OptionNames.Resize.Parse(settings.Resize), settings.ShownBackground);
            float[] image = new float[data.Test.Height * data.Test.Width * data.Test.Channels];
            maps.Draw(image, [], [0], out _, out _);
        }

        return device.Compiled - before;
    }
}
