using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>A part of a batch that is computed at once.</summary>
/// <param name="Shard">Its number.</param>
/// <param name="First">Its first image in the batch.</param>
/// <param name="Count">Its images.</param>
/// <param name="Batch">Images of the whole batch.</param>
internal readonly record struct BatchPart(int Shard, int First, int Count, int Batch);

/// <summary>
/// Something that takes one shard after the other from its images to its gradients: the execution that is trained, or one beside it that
/// shares its parameters, on a host of one thread. Which lane takes which shard changes no bit.
/// </summary>
internal sealed class ShardLane : IDisposable
{
    private readonly Execution _trained;
    private readonly Execution _execution;
    private readonly HostDevice? _own;
    private readonly GradientLayout _layout;
    private readonly LossGradient _gradient;
    private readonly Action<ShardLane, int> _ready;
    private readonly int[] _left;
    private readonly bool[] _told;
    private DeviceBuffer<float>? _images;
    private DeviceBuffer<float>? _borrowed;
    private bool _leavesGaps;

    /// <summary>The execution that is trained, whose gradients go to <paramref name="vector"/>.</summary>
    /// <param name="trained">What is trained.</param>
    /// <param name="layout">Of the vector.</param>
    /// <param name="vector">Where its gradients go.</param>
    /// <param name="shards">Most shards before <see cref="Journal"/> is read.</param>
    /// <param name="ready">Hears of each bucket of a shard's vector, once, when it is there; the vector may then be overwritten.</param>
    public ShardLane(Execution trained, GradientLayout layout, GradientVector vector, int shards, Action<ShardLane, int> ready)
        : this(trained, trained, null, layout, vector, shards, ready)
    {
    }

    /// <summary>One beside it.</summary>
    public ShardLane(Execution trained, HostDevice device, GradientLayout layout, Action<ShardLane, int> ready)
        : this(trained, new Execution(device, trained.Network, trained), device, layout, new GradientVector(device, layout), 1, ready)
    {
        _execution.State.FreezeAs(trained.State);
        GradientVector.Take(_execution, layout, Vector);
    }

    private ShardLane(
        Execution trained, Execution execution, HostDevice? own, GradientLayout layout, GradientVector vector, int shards,
        Action<ShardLane, int> ready)
    {
        (_trained, _execution, _own, _layout, Vector, _ready) = (trained, execution, own, layout, vector, ready);
        _gradient = new LossGradient(execution);
        Journal = new StepJournal(execution.Device, shards);
        (_left, _told) = (new int[layout.Buckets.Count], new bool[layout.Buckets.Count]);
    }

    /// <summary>What the last shard made.</summary>
    public GradientVector Vector { get; }

    /// <summary>What shards saw.</summary>
    public StepJournal Journal { get; }

    /// <summary>The shard at hand.</summary>
    public BatchPart Part { get; private set; }

    /// <summary>Pixels of an image in what a node of this network normalises; after a pass.</summary>
    public int AreaOf(Node node) => _execution.RunOf(node).ShapeOf(0).Area;

    /// <summary>Computes a shard.</summary>
    /// <param name="images">This rank's images, on the device of what is trained.</param>
    /// <param name="first">The shard's first among them.</param>
    /// <param name="labels">The shard's classes.</param>
    /// <param name="part">Which shard.</param>
    public void Compute(Tensor images, int first, DeviceBuffer<int> labels, BatchPart part)
    {
        Part = part;
        Array.Clear(_told);
        for (int bucket = 0; bucket < _left.Length; bucket++)
        {
            _left[bucket] = _layout.Incidences[bucket];
        }

        if (part.Count == 0 || _leavesGaps)
        {
            Vector.Whole.Buffer.Clear();
        }

        if (part.Count > 0)
        {
            Differentiate(Slice(images, first, part.Count), labels);
        }

        // Those of nodes that no gradient came by, too: zero.
        for (int bucket = 0; bucket < _told.Length; bucket++)
        {
            _leavesGaps |= part.Count > 0 && _left[bucket] > 0;
            Tell(bucket);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _gradient.Dispose();
        Journal.Dispose();
        if (_own is not null)
        {
            _execution.Dispose();
            Vector.Dispose();
            _own.Dispose();
        }
    }

    private void Differentiate(Tensor x, DeviceBuffer<int> labels)
    {
        TrainingState state = _execution.State;
        (state.Masks, state.FirstImage) = (_trained.State.Masks, Part.First);
        _execution.PoolingGain = _trained.PoolingGain;

        // Always, so that passes have plans of their own, which nothing else that is asked of the network changes.
        _execution.Training = true;
        state.Differentiated = Hear;
        try
        {
            _gradient.Compute(x, labels, Journal, Part.Batch);
        }
        finally
        {
            (state.Differentiated, state.FirstImage) = (null, 0);
        }
    }

    private void Hear(Node node)
    {
        foreach (GraphParameter parameter in node.Parameters)
        {
            int bucket = _layout.BucketOf(parameter);
            if (bucket >= 0 && --_left[bucket] == 0)
            {
                Tell(bucket);
            }
        }
    }

    private void Tell(int bucket)
    {
        if (_told[bucket])
        {
            return;
        }

        _told[bucket] = true;
        for (int i = 0; bucket == 0 && Part.Count > 0 && i < _layout.Measured.Count; i++)
        {
            Node node = _layout.Measured[i];
            node.MeasureStatistics(_execution.RunOf(node), Part.Count / (float)Part.Batch, Vector.Statistics[i]);
        }

        _ready(this, bucket);
    }

    /// <summary>Images of the rank, as memory of the lane's device.</summary>
    private Tensor Slice(Tensor images, int first, int count)
    {
        DeviceBuffer<float> buffer = images.Buffer;
        if (_own is not null)
        {
            if (_images != buffer)
            {
                (_images, _borrowed) = (buffer, _own.Borrow((HostBuffer<float>)buffer));
            }

            buffer = _borrowed!;
        }

        Shape image = images.Shape.WithN(1);
        return new Tensor(buffer, images.Offset + checked(first * image.Count), images.Name, image.WithN(count));
    }
}
