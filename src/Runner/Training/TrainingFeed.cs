using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Training;

/// <summary>Gives a trainer one batch after another.</summary>
internal interface ITrainingFeed : IDisposable
{
    /// <summary>Begins the step on the next batch.</summary>
    void Begin(Trainer trainer, float learningRate);
}

/// <summary>Batches that host threads make or read, a few ahead.</summary>
internal sealed class HostFeed(BatchLoader loader) : ITrainingFeed
{
    public void Begin(Trainer trainer, float learningRate)
    {
        using SampleBatch batch = loader.Take(CancellationToken.None)!;
        trainer.Begin(batch.UsedImages, batch.UsedLabels, learningRate);
    }

    public void Dispose() => loader.Dispose();
}

/// <summary>Batches that the device makes itself.</summary>
internal sealed class DeviceFeed(DeviceSamples samples, long firstStep) : ITrainingFeed
{
    private long _step = firstStep;

    public void Begin(Trainer trainer, float learningRate)
    {
        samples.Make(_step++);
        trainer.Begin(samples.Images, samples.Labels, learningRate);
    }

    public void Dispose() => samples.Dispose();
}
