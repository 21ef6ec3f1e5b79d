using System.Runtime.InteropServices;
using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Experiments;

/// <summary>How the new head is trained.</summary>
/// <param name="TrainImages">Training images whose features are computed, once.</param>
/// <param name="Epochs">Passes over them.</param>
/// <param name="LearningRate">Adam's highest rate; it rises and falls as in training.</param>
/// <param name="Seed">Seed of the head's weights and of the order.</param>
internal sealed record TransferOptions(int TrainImages, int Epochs, float LearningRate, ulong Seed)
{
    public const int Batch = 256;
}

/// <summary>What a network reached on the new data; localisation is absent where samples have no boxes.</summary>
/// <param name="Features">Whose features they are.</param>
/// <param name="TrainAccuracy">Of the head on its training images in the last pass; null where there was no training.</param>
/// <param name="TestImages">Test images.</param>
/// <param name="Accuracy">On them.</param>
/// <param name="GtKnown">Boxes of the true class's map at the paper's threshold with IoU of at least 0.5.</param>
/// <param name="ChosenGtKnown">The same at the threshold of the normalised map that was best on validation samples.</param>
/// <param name="ChosenThreshold">That threshold.</param>
/// <param name="PointingGame">Maps whose maximum lies in the true box.</param>
internal sealed record TransferRow(
    string Features, double? TrainAccuracy, int TestImages, double Accuracy, double? GtKnown, double? ChosenGtKnown,
    double? ChosenThreshold, double? PointingGame);

/// <summary>
/// Global-average-pooled features as a generic representation (arXiv 1512.04150, section 4): the layers before the pooling stay as
/// they are, a new linear layer learns other data, and its weights make class activation maps.
/// </summary>
internal sealed class Transfer(RankJob job, IDevice device, Corpus corpus, TransferOptions options, Action<string> report)
{
    private const int Batch = 50;
    private const int ValidationImages = 2000;

    /// <summary>
    /// A network with the layers of <paramref name="start"/> and a new head; the caller disposes it. Also the head's accuracy on
    /// its training images in the last pass.
    /// </summary>
    public (Execution Network, double TrainAccuracy) Learn(Execution start)
    {
        (float[] features, int[] labels) = Extract(start);
        int channels = start.Network.Tail!.Features.Shape.C;
        // One layer on features that are there: rank 0 has learned it before others could have their share.
        using LinearHead? head =
            job.IsFirst ? new LinearHead(device, features, channels, corpus.Train.ClassNames, options.Seed) : null;
        double accuracy = job.OfFirst(() => Train(head!, features, labels, channels));

        Execution network =
            Architectures.Create(
                device, start.Network.Config with { ClassNames = corpus.Train.ClassNames, ClassifierBias = true }, options.Seed);
        string last = $"{Architectures.Find(start.Network.Config.Architecture).Head}.";
        foreach ((Parameter from, Parameter to) in start.Saved.Zip(network.Saved)
            .TakeWhile(pair => !pair.First.Name.StartsWith(last, StringComparison.Ordinal)))
        {
            to.Value.CopyFrom(from.Value.ToArray());
        }

        head?.CopyTo(network);
        foreach (Parameter learned in network.Saved.Where(parameter => parameter.Name.StartsWith(last, StringComparison.Ordinal)))
        {
            learned.Value.CopyFrom(job.OfFirst(learned.Value.ToArray));
        }

        return (network, accuracy);
    }

    /// <summary>Tests a network on the first <paramref name="count"/> test samples.</summary>
    public TransferRow Test(Execution network, string name, double? trainAccuracy, int count)
    {
        report($"testing {name}");
        int validation = Math.Min(ValidationImages, Math.Min(count, corpus.Validation.Count));
        var plan = new EvaluationPlan { Validation = new SampleRange(corpus.Validation, 0, validation) };
        using var evaluator = new Evaluator(job, network, corpus.Test, plan);
        EvaluationResult result = evaluator.Run(count);
        LocalisationResult? found = result.Localisation;
        return new TransferRow(
            name, trainAccuracy, result.Images, result.Accuracy, found?.Paper.GtKnown50, found?.Chosen?.GtKnown50, found?.Chosen?.Threshold,
            found?.PointingGame);
    }

    /// <summary>The pooled features of the training images, in their order, and their labels.</summary>
    private (float[] Features, int[] Labels) Extract(Execution network)
    {
        int count = Math.Min(options.TrainImages, corpus.Train.Count), channels = network.Network.Tail!.Features.Shape.C;
        report($"features of {count} training images");
        using var classifier = new Classifier(network);
        var features = new List<float>(count * channels / job.Size);
        var labels = new List<int>(count / job.Size);
        RankedPass.Over(job, corpus.Train, count, Batch, batch =>
        {
            classifier.Logits(batch.UsedImages, batch.Count);
            features.AddRange(network.Activation(network.Network.PooledName).ToArray());
            labels.AddRange(batch.UsedLabels);
        });
        return (
            RankTurns.Everywhere<float>(job, CollectionsMarshal.AsSpan(features), Batch * channels),
            RankTurns.Everywhere<int>(job, CollectionsMarshal.AsSpan(labels), Batch));
    }

    private double Train(LinearHead head, float[] features, int[] labels, int channels)
    {
        report($"{options.Epochs} passes over them");
        var plan = BatchPlan.Training(labels.Length, Math.Min(TransferOptions.Batch, labels.Length), options.Seed);
        LearningRateSchedule schedule = new CosineSchedule(options.LearningRate);
        long steps = plan.StepsOf(options.Epochs);
        int[] indices = new int[plan.BatchSize];
        float[] batch = new float[plan.BatchSize * channels];
        int[] batchLabels = new int[plan.BatchSize];
        double correct = 0, seen = 0;
        for (long step = 0; step < steps; step++)
        {
            plan.Indices(step, indices);
            for (int n = 0; n < indices.Length; n++)
            {
                features.AsSpan(indices[n] * channels, channels).CopyTo(batch.AsSpan(n * channels));
                batchLabels[n] = labels[indices[n]];
            }

            StepResult result = head.Step(batch, batchLabels, schedule.At((double)step / steps));
            if (step < plan.StepsOf(options.Epochs - 1))
            {
                continue;
            }

            correct += result.Correct;
            seen += result.Count;
        }

        return correct / seen;
    }
}
