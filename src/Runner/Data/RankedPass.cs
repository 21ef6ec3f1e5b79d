using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Data;

/// <summary>A look at samples, once and in order, that the ranks of a job share.</summary>
internal static class RankedPass
{
    /// <summary>
    /// Shows the first <paramref name="count"/> samples to <paramref name="look"/>, a batch at a time: those batches that are this
    /// rank's (<see cref="RankTurns"/>), in their order.
    /// </summary>
    /// <param name="job">Who looks.</param>
    /// <param name="source">What at.</param>
    /// <param name="count">How many samples.</param>
    /// <param name="batchSize">Samples of a batch.</param>
    /// <param name="look">Sees a batch.</param>
    /// <param name="done">Hears how many samples the whole job has seen.</param>
    /// <param name="masks">Whether to make masks as well.</param>
    public static void Over(
        RankJob job, ISampleSource source, int count, int batchSize, Action<SampleBatch> look, Action<long>? done = null,
        bool masks = false)
    {
        var plan = BatchPlan.SinglePass(count, batchSize);
        using var loader = new BatchLoader(source, plan with { Turn = (job.Rank, job.Size) }, masks: masks);
        new RankTurns(job, (int)plan.Steps) { Done = done }.Run(_ =>
        {
            using SampleBatch batch = loader.Take()!;
            look(batch);
            return new Turn(batch.Count);
        });
    }
}
