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

/// <summary>One training step: forward, softmax cross-entropy, backward, update. Owns neither network nor optimizer.</summary>
public sealed class Trainer(Network network, Optimizer optimizer) : IDisposable
{
    private readonly BatchInput _input = new(network);
    private readonly ReusedIntegers _labels = new(network.Device);
    private readonly ReusedTensor _losses = new(network.Device, "losses");
    private readonly ReusedTensor _dLogits = new(network.Device, "gradient of the logits");
    private float[] _hostLosses = [];

    /// <summary>Steps done, those before a resume included.</summary>
    public int StepCount => optimizer.StepCount;

    /// <summary>Trains on one batch. After an exception the weights are those before the call.</summary>
    /// <param name="images">N square images, NHWC, values in [0, 1].</param>
    /// <param name="labels">N class indices.</param>
    /// <param name="learningRate">The optimizer's step size.</param>
    /// <exception cref="NonFiniteLossException">A loss is NaN or infinite.</exception>
    public StepResult Step(ReadOnlySpan<float> images, ReadOnlySpan<int> labels, float learningRate)
    {
        int count = labels.Length;
        CheckLabels(labels);
        Tensor x = _input.Upload(images, count);
        if (network.Fused is { } fused && fused.Takes(x.Shape))
            return StepFused(fused, x, labels, learningRate);
        Tensor logits = network.Forward(x);
        DeviceBuffer<int> deviceLabels = _labels.Get(count);
        deviceLabels.CopyFrom(labels);
        Tensor losses = _losses.Get(Shape.Matrix(count, 1));
        Tensor dLogits = _dLogits.Get(logits.Shape);
        SoftmaxCrossEntropy.Forward(logits, deviceLabels, losses, dLogits);

        double lossSum = Sum(losses);
        if (!double.IsFinite(lossSum))
            throw new NonFiniteLossException(StepCount + 1, lossSum);
        network.Backward(dLogits);
        optimizer.Step(learningRate);
        return new StepResult(lossSum, CountCorrect(_input.Download(logits), labels), count);
    }

    /// <summary>Frees what the steps used.</summary>
    public void Dispose()
    {
        _input.Dispose();
        _labels.Dispose();
        _losses.Dispose();
        _dLogits.Dispose();
    }

    private StepResult StepFused(FusedLeNetCam fused, Tensor x, ReadOnlySpan<int> labels, float learningRate)
    {
        var losses = new float[labels.Length];
        var predictions = new int[labels.Length];
        fused.Train(x, labels, losses, predictions);
        double lossSum = 0;
        foreach (float loss in losses)
            lossSum += loss;
        if (!double.IsFinite(lossSum))
            throw new NonFiniteLossException(StepCount + 1, lossSum);
        optimizer.Step(learningRate);
        int correct = 0;
        for (int n = 0; n < labels.Length; n++)
            correct += predictions[n] == labels[n] ? 1 : 0;
        return new StepResult(lossSum, correct, labels.Length);
    }

    private void CheckLabels(ReadOnlySpan<int> labels)
    {
        foreach (int label in labels)
        {
            if (label < 0 || label >= network.Config.ClassCount)
                throw new GpuCamException($"label {label} is out of range: the network has {network.Config.ClassCount} classes, counted from 0");
        }
    }

    private double Sum(Tensor losses)
    {
        if (_hostLosses.Length < losses.Count)
            _hostLosses = new float[losses.Count];
        Span<float> values = _hostLosses.AsSpan(0, losses.Count);
        losses.CopyTo(values);
        double sum = 0;
        foreach (float loss in values)
            sum += loss;
        return sum;
    }

    private static int CountCorrect(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        int classes = logits.Length / labels.Length;
        int correct = 0;
        for (int n = 0; n < labels.Length; n++)
        {
            if (Ranking.IndexOfMax(logits.Slice(n * classes, classes)) == labels[n])
                correct++;
        }

        return correct;
    }
}
