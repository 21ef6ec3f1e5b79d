using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

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
/// </summary>
/// <param name="network">What is trained.</param>
/// <param name="optimizer">How.</param>
/// <param name="lateSteps">Steps that may be under way unread; 0 for a trainer that is not late. A network that the device runs as one op
/// never is.</param>
public sealed class Trainer(Network network, Optimizer optimizer, int lateSteps = 0) : IDisposable
{
    private readonly bool _late = lateSteps > 0 && network.Fused is null;
    private readonly BatchInput _input = new(network);
    private readonly ReusedBuffer<int> _labels = new(network.Device);
    private readonly ReusedTensor _dLogits = new(network.Device, "gradient of the logits");
    private readonly StepJournal _journal = new(network.Device, Math.Max(1, lateSteps));
    private readonly List<StepResult> _results = [];
    private BatchUpload? _upload;

    /// <summary>Steps done or under way, those before a resume included.</summary>
    public int StepCount => optimizer.StepCount;

    /// <summary>Trains on one batch. After an exception the weights are those before the call.</summary>
    /// <param name="images">N square images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    public StepResult Step(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float learningRate)
    {
        CheckLabels(labels);
        Tensor x = _input.Upload(images, labels.Length);
        if (network.Fused is { } fused && fused.Takes(x.Shape))
        {
            return StepFused(fused, x, labels, learningRate);
        }

        DeviceBuffer<int> deviceLabels = _labels.Get(labels.Length);
        deviceLabels.CopyFrom(labels);
        return StepLayers(x, deviceLabels, learningRate);
    }

    /// <summary>The same for a batch that is on the device already.</summary>
    /// <param name="x">N images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices, or more; one out of range makes the loss NaN.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    public StepResult Step(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        ArgumentNullException.ThrowIfNull(x);
        return network.Fused is { } fused && fused.Takes(x.Shape) && labels is HostBuffer<int> host
            ? StepFused(fused, x, host.Span[..x.Shape.N], learningRate)
            : StepLayers(x, labels, learningRate);
    }

    /// <summary>Trains on one batch and keeps what it saw for <see cref="Results"/>; a late trainer does not wait for it.</summary>
    /// <param name="images">N square images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite: of this step, or, where the trainer is late, of an earlier
    /// one.</exception>
    public void Begin(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float learningRate)
    {
        if (!_late)
        {
            _results.Add(Step(images, labels, learningRate));
            return;
        }

        CheckLabels(labels);
        _upload ??= new BatchUpload(network);
        (Tensor x, DeviceBuffer<int> deviceLabels) = _upload.Send(images, labels);
        Launch(x, deviceLabels, learningRate);
    }

    /// <summary>The same for a batch that is on the device already.</summary>
    public void Begin(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        if (_late)
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
        _dLogits.Dispose();
        _journal.Dispose();
        _upload?.Dispose();
    }

    private StepResult StepLayers(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        ReadJournal();
        Tensor dLogits = Forward(x, labels);
        StepResult result = _journal.Read()[0];
        if (!double.IsFinite(result.LossSum))
        {
            throw new NonFiniteLossException(StepCount + 1, result.LossSum);
        }

        network.Backward(dLogits);
        optimizer.Step(learningRate);
        return result;
    }

    private StepResult StepFused(FusedLeNetCam fused, Tensor x, ReadOnlySpan<int> labels, float learningRate)
    {
        float[] losses = new float[labels.Length];
        int[] predictions = new int[labels.Length];
        fused.Train(x, labels, losses, predictions);
        double lossSum = StepJournal.Sum(losses);
        if (!double.IsFinite(lossSum))
        {
            throw new NonFiniteLossException(StepCount + 1, lossSum);
        }

        optimizer.Step(learningRate);
        int correct = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            correct += predictions[n] == labels[n] ? 1 : 0;
        }

        return new StepResult(lossSum, correct, labels.Length);
    }

    private void Launch(Tensor x, DeviceBuffer<int> labels, float learningRate)
    {
        if (_journal.IsFullFor(x.Shape.N))
        {
            ReadJournal();
        }

        network.Backward(Forward(x, labels));
        optimizer.Step(learningRate);
    }

    /// <summary>The gradient of the logits; what the step sees goes to the journal.</summary>
    private Tensor Forward(Tensor x, DeviceBuffer<int> labels)
    {
        Tensor logits = network.Forward(x);
        Tensor dLogits = _dLogits.Get(logits.Shape);
        SoftmaxCrossEntropy.Forward(logits, labels, _journal.NextLosses(x.Shape.N), dLogits);
        _journal.Note(logits, labels);
        return dLogits;
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
            if (label < 0 || label >= network.Config.ClassCount)
            {
                throw new GpuCamException(
                    $"label {label} is out of range: the network has {network.Config.ClassCount} classes, counted from 0");
            }
        }
    }
}
