using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What one training step saw, before its update.</summary>
/// <param name="LossSum">Sum of the batch's losses.</param>
/// <param name="Correct">Images whose largest logit was the label's.</param>
/// <param name="Count">Images in the batch.</param>
public readonly record struct StepResult(double LossSum, int Correct, int Count)
{
    /// <summary>Mean loss.</summary>
    public double Loss => LossSum / Count;

    /// <summary>Share of correct images.</summary>
    public double Accuracy => (double)Correct / Count;
}

/// <summary>
/// Training steps: forward, softmax cross-entropy, backward, update. Owns neither network nor optimizer.
/// <see cref="Step(ReadOnlySpan{float}, ReadOnlySpan{int}, float)"/> looks at the loss before it updates. A <em>late</em> trainer
/// also has steps that are only launched: the device keeps their losses, and <see cref="Results"/> reads many at once, to the same bits.
/// Not for two threads at once; whoever calls decides between two steps whether to go on.
/// </summary>
/// <param name="execution">What is trained.</param>
/// <param name="optimizer">How.</param>
/// <param name="lateSteps">Steps that may be under way unread; 0 for a trainer that is not late. Where a step is over when it
/// returns, no trainer is.</param>
public sealed class Trainer(Execution execution, Optimizer optimizer, int lateSteps = 0) : IDisposable
{
    private readonly LossGradient _gradient = new(execution);
    private readonly BatchInput _input = new(execution);
    private readonly ReusedBuffer<int> _labels = new(execution.Device);
    private readonly StepJournal _journal = new(execution.Device, Math.Max(1, lateSteps));
    private readonly List<StepResult> _results = [];
    private BatchUpload? _upload;
    private ShardedGradient? _sharded;

    /// <summary>What layers that drop out draw their masks by, with the step.</summary>
    public ulong Seed { get; init; }

    /// <summary>
    /// A job of ranks that trains together, and how a batch is cut for it; null for a batch that is not cut. Then each step takes this
    /// rank's part (<see cref="Sharding.ImagesOf"/>) of a batch of <see cref="BatchImages"/> images, is collective, and over when it
    /// returns; its result, or its exception, is that of the whole batch on every rank. What layers that drop out draw, and what gradients
    /// are the mean of, is the whole batch's too.
    /// </summary>
    public Sharding? Sharding { get; init; }

    /// <summary>With a <see cref="Sharding"/>, the images of the whole batch that the next step takes a part of; the same on all ranks.
    /// </summary>
    public int BatchImages { get; set; }

    /// <summary>What this rank says with the next step; it travels with the gradients.</summary>
    public StepVote Vote { get; set; }

    /// <summary>What all ranks said with the last step; without a <see cref="Sharding"/> what this one did. It is known even where that
    /// step threw <see cref="NonFiniteLossException"/>.</summary>
    public StepVote Agreed { get; private set; }

    /// <summary>With a <see cref="Sharding"/>, floats of gradients that are sent together, or a parameter's if it has more.</summary>
    internal int BucketFloats { get; init; } = GradientLayout.UsualBucket;

    /// <summary>Steps done or under way, those before a resume included.</summary>
    public int StepCount => optimizer.StepCount;

    private bool IsLate => lateSteps > 0 && Sharding is null && !_gradient.IsDoneAtOnce;

    /// <summary>Trains on one batch. After an exception weights and statistics are those before the call.</summary>
    /// <param name="images">N square images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    public StepResult Step(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float learningRate)
    {
        CheckLabels(labels);
        Tensor x = _input.Upload(images, labels.Length);
        DeviceBuffer<int> deviceLabels = _labels.Get(labels.Length);
        deviceLabels.CopyFrom(labels);
        return Step(x, deviceLabels, learningRate);
    }

    /// <summary>The same for a batch that is on the device already.</summary>
    /// <param name="x">N images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices, or more; one out of range makes the loss NaN.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    public StepResult Step(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        ArgumentNullException.ThrowIfNull(x);
        ReadJournal();
        StepResult result = default;
        Train(() =>
        {
            result = Gradient(x, labels);
            if (!double.IsFinite(result.LossSum))
            {
                throw new NonFiniteLossException(StepCount + 1, result.LossSum);
            }
        }, learningRate);
        return result;
    }

    /// <summary>Trains on one batch and keeps what it saw for <see cref="Results"/>; a late trainer does not wait for it.</summary>
    /// <param name="images">N square images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite: of this step, or, where the trainer is late, of an earlier
    /// one.</exception>
    public void Begin(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float learningRate)
    {
        if (!IsLate)
        {
            _results.Add(Step(images, labels, learningRate));
            return;
        }

        CheckLabels(labels);
        _upload ??= new BatchUpload(execution);
        (Tensor x, DeviceBuffer<int> deviceLabels) = _upload.Send(images, labels);
        Launch(x, deviceLabels, learningRate);
    }

    /// <summary>The same for a batch that is on the device already.</summary>
    public void Begin(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        if (IsLate)
        {
            Launch(x, labels, learningRate);
        }
        else
        {
            _results.Add(Step(x, labels, learningRate));
        }
    }

    /// <summary>
    /// What the steps begun since the last call saw, the first one first; without <paramref name="wait"/> only as far as it is known.
    /// </summary>
    /// <exception cref="NonFiniteLossException">
    /// A late trainer finds a loss that is NaN or infinite. The updates of that step and of later ones were made: the weights are lost.
    /// The results before it can still be had.
    /// </exception>
    public IReadOnlyList<StepResult> Results(bool wait)
    {
        if (wait)
        {
            ReadJournal();
        }

        StepResult[] results = [.. _results];
        _results.Clear();
        return results;
    }

    /// <summary>Frees what the steps used.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _labels.Dispose();
        _gradient.Dispose();
        _journal.Dispose();
        _upload?.Dispose();
        _sharded?.Dispose();
    }

    /// <summary>Overwrites every gradient.</summary>
    private StepResult Gradient(Tensor x, DeviceBuffer<int> labels)
    {
        if (Sharding is null)
        {
            _gradient.Compute(x, labels, _journal, x.Shape.N);
            return _journal.Read()[0];
        }

        _sharded ??= ShardedGradient.Create(execution, Sharding, BucketFloats);
        (StepResult result, Agreed) = _sharded.Compute(x, labels, BatchImages, Vote);
        return result;
    }

    private void Launch(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        if (_journal.IsFullFor(x.Shape.N))
        {
            ReadJournal();
        }

        Train(() => _gradient.Compute(x, labels, _journal, x.Shape.N), learningRate);
    }

    /// <summary>A step; statistics and weights stay as they are where no gradient comes of it.</summary>
    private void Train(Action gradient, float learningRate)
    {
        TrainingState state = execution.State;
        state.Masks = (Seed, StepCount);
        execution.Training = state.Matters;
        Agreed = Vote;
        try
        {
            gradient();
            if (_sharded is null)
            {
                state.UpdateStatistics();
            }
            else
            {
                _sharded.UpdateStatistics(BatchImages);
            }

            optimizer.Step(learningRate);
        }
        finally
        {
            execution.Training = false;
        }
    }

    private void ReadJournal()
    {
        int step = StepCount - _journal.Count;
        foreach (StepResult result in _journal.Read())
        {
            step++;
            if (!double.IsFinite(result.LossSum))
            {
                throw new NonFiniteLossException(step, result.LossSum);
            }

            _results.Add(result);
        }
    }

    private void CheckLabels(ReadOnlySpan<int> labels)
    {
        foreach (int label in labels)
        {
            if (label < 0 || label >= execution.Network.LogitCount)
            {
                throw new GpuCamException(
                    $"label {label} is out of range: the network has {execution.Network.LogitCount} classes, counted from 0");
            }
        }
    }
}
