using System.Numerics;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Training;

/// <summary>How a run's batches are cut for the ranks of its job.</summary>
internal static class RankSettings
{
    // So many ranks and threads can share a batch that nobody said how to cut.
    private const int UsualShards = 8;

    /// <summary>The settings of a run that begins: several ranks that add in order need shards, at least one for each of their threads.
    /// </summary>
    /// <param name="settings">What was asked for.</param>
    /// <param name="job">Who trains.</param>
    /// <param name="device">What this rank trains on.</param>
    public static TrainSettings For(this TrainSettings settings, RankJob job, IDevice device)
    {
        if (job.IsAlone || settings.Shards > 0 || settings.Reduction == GradientReduction.Fast)
        {
            return settings;
        }

        int workers = job.Broadcast(job.Gather(device is HostDevice host ? host.Threads.Count : 1)?.Sum() ?? 0);
        int shards = (int)Math.Max(UsualShards, BitOperations.RoundUpToPowerOf2((uint)workers));
        return settings with { Shards = Math.Min(shards, settings.Batch) };
    }

    /// <summary>Throws a <see cref="GpuCamException"/> where so many ranks cannot train by these settings.</summary>
    /// <param name="settings">The settings, complete.</param>
    /// <param name="ranks">How many ranks there are.</param>
    /// <param name="begun">The folder of the run that goes on; null for one that begins.</param>
    public static void CheckRanks(this TrainSettings settings, int ranks, string? begun)
    {
        if (ranks > settings.Batch)
        {
            throw new GpuCamException($"--batch {settings.Batch} is too few images for {ranks} ranks; give at least one for each, or start "
                + $"at most {settings.Batch} ranks");
        }

        if (ranks == 1 || settings.Reduction == GradientReduction.Fast || settings.Shards >= ranks)
        {
            return;
        }

        throw new GpuCamException((begun, settings.Shards) switch
        {
            (null, int shards) => $"--shards {shards} is too few for {ranks} ranks; give at least one for each",
            ({ } folder, 0) => $"--resume: the run in {folder} does not cut its batches into shards, so one process alone goes on with it, "
                + $"not {ranks} ranks; start it without a launcher",
            ({ } folder, int shards) => $"--resume: the run in {folder} cuts its batches into {shards} shards, too few for {ranks} ranks; "
                + $"start at most {shards} ranks",
        });
    }

    /// <summary>How each batch is cut; null where it is not.</summary>
    public static Sharding? Sharding(this TrainSettings settings, RankJob job) => settings.Reduction switch
    {
        GradientReduction.Fast => job.IsAlone ? null : new Sharding(job.Communicator, job.Size, GradientReduction.Fast),
        _ => settings.Shards == 0 ? null : new Sharding(job.Communicator, settings.Shards, GradientReduction.Ordered),
    };

    /// <summary>That in words, for the lines that a run begins with; null for a batch that is not cut, in one process.</summary>
    public static string? Words(this Sharding? sharding) => sharding switch
    {
        null => null,
        { Reduction: GradientReduction.Fast } => $"{Ranks(sharding)}gradients added as is fastest",
        _ => $"{Ranks(sharding)}batches in {sharding.Shards} shards, gradients added in their order",
    };

    private static string Ranks(Sharding sharding) =>
        sharding.Ranks.Size == 1 ? "" : $"{sharding.Ranks.Size} ranks ({sharding.Ranks.Description}), ";
}
