using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Gradients of the mean loss of a batch that ranks share, in the gradients of what is trained, on every rank: a training step up to its
/// update, for a <see cref="Trainer"/> with a <see cref="Sharding"/>. One for each <see cref="GradientReduction"/>.
/// </summary>
internal abstract class ShardedGradient(Execution execution, Sharding sharding, int notesFloats, int bucketFloats) : IDisposable
{
    private int _frozen = -1;
    private bool _isUnderWay;

    /// <summary>What is trained.</summary>
    protected Execution Execution => execution;

    /// <summary>Who takes part.</summary>
    protected Sharding Sharding => sharding;

    /// <summary>What ranks say.</summary>
    protected StepNotes Notes { get; } = new(sharding);

    /// <summary>What is summed.</summary>
    protected GradientLayout Layout { get; private set; } = null!;

    /// <summary>The sum: also where the gradients of what is trained lie.</summary>
    protected GradientVector Sum { get; private set; } = null!;

    /// <summary>Whether the device is a host: one whose memory is the host's, and whose launches have ended when they return.</summary>
    protected bool IsHost => execution.Device is HostDevice { PrefersGroups: false };

    private (int First, int End) Own =>
        (sharding.FirstShardOf(sharding.Ranks.Rank), sharding.FirstShardOf(sharding.Ranks.Rank + 1));

    /// <summary>One for a sharding.</summary>
    public static ShardedGradient Create(Execution execution, Sharding sharding, int bucketFloats) =>
        sharding.Reduction == GradientReduction.Ordered
            ? new OrderedGradient(execution, sharding, bucketFloats)
            : new FastGradient(execution, sharding, bucketFloats);

    /// <summary>Overwrites every gradient; what the whole batch saw, and what ranks agreed.</summary>
    /// <param name="x">This rank's images, NHWC.</param>
    /// <param name="labels">Their class indices, or more.</param>
    /// <param name="batch">Images of the whole batch.</param>
    /// <param name="vote">What this rank says.</param>
    public (StepResult Result, StepVote Agreed) Compute(Tensor x, DeviceBuffer<int> labels, int batch, StepVote vote)
    {
        int count = sharding.ImagesOf(sharding.Ranks.Rank, batch).Count;
        if (x.Shape.N != count)
        {
            throw new ArgumentException($"rank {sharding.Ranks.Rank} has {count} images of a batch of {batch}, not {x.Shape.N}");
        }

        if (_isUnderWay || _frozen != execution.State.FrozenNodes)
        {
            Release();
            _frozen = execution.State.FrozenNodes;
            Layout = new GradientLayout(execution, notesFloats, bucketFloats);
            Sum = new GradientVector(execution.Device, Layout);
            GradientVector.Take(execution, Layout, Sum);
            Build();
        }

        Notes.Begin(vote);
        _isUnderWay = true;
        Add(x, labels, Parts(batch));
        _isUnderWay = false;
        return Notes.Sum(batch);
    }

    /// <summary>Moves running statistics towards those of the batch: the mean of its shards', by their images.</summary>
    /// <exception cref="GpuCamException">A shard has one value of a channel: no variance. It comes on all ranks alike.</exception>
    public void UpdateStatistics(int batch)
    {
        int smallest = Math.Max(1, batch / sharding.Shards);
        for (int i = 0; i < Layout.Measured.Count; i++)
        {
            Node node = Layout.Measured[i];
            if (smallest * AreaOf(node) < 2)
            {
                throw new GpuCamException($"'{node.Name}': a batch normalisation cannot learn from one value of a channel; "
                    + $"train with batches of more than {batch} images, or with less than {sharding.Shards} shards");
            }
        }

        for (int i = 0; i < Layout.Measured.Count; i++)
        {
            Layout.Measured[i].MoveStatistics(execution.RunOf(Layout.Measured[i]), Sum.Statistics[i]);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes what <see cref="Add"/> needs, for <see cref="Layout"/>.</summary>
    protected abstract void Build();

    /// <summary>Frees it.</summary>
    protected abstract void Free();

    /// <summary>Computes this rank's shards, and waits for the sum of all.</summary>
    /// <param name="x">This rank's images.</param>
    /// <param name="labels">Their classes.</param>
    /// <param name="parts">Its shards.</param>
    protected abstract void Add(Tensor x, DeviceBuffer<int> labels, IReadOnlyList<BatchPart> parts);

    /// <summary>Pixels of an image in what a node normalises.</summary>
    protected abstract int AreaOf(Node node);

    private List<BatchPart> Parts(int batch)
    {
        var parts = new List<BatchPart>();
        for (int shard = Own.First; shard < Own.End; shard++)
        {
            int first = sharding.FirstImageOf(shard, batch);
            parts.Add(new BatchPart(shard, first, sharding.FirstImageOf(shard + 1, batch) - first, batch));
        }

        return parts;
    }

    private void Release()
    {
        // After a step that failed half-way the library may still write to memory that others send to: it is left alone.
        bool awaited = !_isUnderWay || sharding.Ranks.Size == 1;
        if (_frozen >= 0 && awaited)
        {
            Free();
            GradientVector.Take(execution, Layout, null);
            Sum.Dispose();
        }

        (_frozen, _isUnderWay) = (-1, false);
    }
}
