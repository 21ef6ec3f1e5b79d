namespace GpuCam.Model;

/// <summary>How the gradients of a batch's shards become one.</summary>
public enum GradientReduction
{
    /// <summary>
    /// Added by a tree over the shards that is the same whatever the ranks and threads are: so are the bits.
    /// </summary>
    Ordered,

    /// <summary>Each rank takes its images as one shard, and the library of the ranks adds up as it likes: the bits depend on both.
    /// </summary>
    Fast,
}

/// <summary>
/// A batch that is cut into shards, and a job of ranks that share them: rank r takes the shards <c>S r / R</c> up to <c>S (r + 1) / R</c>,
/// shard s the images <c>N s / S</c> up to <c>N (s + 1) / S</c> of the batch.
/// </summary>
/// <param name="Ranks">Who takes part.</param>
/// <param name="Shards">Shards of every batch, at least one for each rank; with <see cref="GradientReduction.Fast"/> as many as
/// ranks.</param>
/// <param name="Reduction">How their gradients become one.</param>
public sealed record Sharding(ICommunicator Ranks, int Shards, GradientReduction Reduction)
{
    /// <summary>The first shard of a rank; of rank <see cref="ICommunicator.Size"/> the number of shards.</summary>
    public int FirstShardOf(int rank) => (int)((long)Shards * rank / Ranks.Size);

    /// <summary>The first image of a shard in a batch; of shard <see cref="Shards"/> the number of images.</summary>
    public int FirstImageOf(int shard, int images) => (int)((long)images * shard / Shards);

    /// <summary>The images of a batch that a rank takes.</summary>
    /// <param name="rank">Which rank.</param>
    /// <param name="images">Images of the batch.</param>
    public (int First, int Count) ImagesOf(int rank, int images)
    {
        int first = FirstImageOf(FirstShardOf(rank), images);
        return (first, FirstImageOf(FirstShardOf(rank + 1), images) - first);
    }
}
