using System.Diagnostics;
using GpuCam.Kernels.Ops;
using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Training;

/// <summary>What an evaluation found. Figures that need boxes are absent where the samples have none.</summary>
internal sealed record EvaluationResult
{
    public required int Images { get; init; }

    public required double Accuracy { get; init; }

    /// <summary>Mean softmax cross-entropy.</summary>
    public required double Loss { get; init; }

    /// <summary>Accuracy of each class; null for a class that no image has.</summary>
    public required IReadOnlyList<double?> ClassAccuracy { get; init; }

    /// <summary>Row: true class. Column: predicted class.</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Confusion { get; init; }

    /// <summary>Speed of everything together: samples, network, maps and metrics.</summary>
    public required double ImagesPerSecond { get; init; }

    public LocalisationResult? Localisation { get; init; }
}

/// <summary>Runs a network over test samples: classification, and localisation by the true class's map where boxes are known.</summary>
internal sealed class Evaluator(Network network, ISampleSource source, ResizeMode resize) : IDisposable
{
    private const int Batch = 50;
    private readonly Classifier _classifier = new(network);
    private readonly ClassActivationMapper _mapper = new(network, resize);

    /// <summary>Tests on the first <paramref name="count"/> samples (or all there are).</summary>
    /// <exception cref="NonFiniteLossException">The network answers with NaN or infinity.</exception>
    public EvaluationResult Run(int count)
    {
        count = Math.Min(count, source.Count);
        long start = Stopwatch.GetTimestamp();
        int classes = network.Config.ClassCount;
        var classification = new Classification(classes);
        Localisation[] localisation = [.. Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Localisation())];
        using var loader = new BatchLoader(source, BatchPlan.SinglePass(count, Batch));
        while (loader.Take() is { } batch)
        {
            using (batch)
            {
                ReadOnlySpan<float> logits = _classifier.Logits(batch.UsedImages, batch.Count);
                if (logits.ContainsAnyExceptInRange(float.MinValue, float.MaxValue))
                    throw new NonFiniteLossException("the network's outputs for the test images are not finite: lower the learning rate, or take weights from before it diverged");
                var ranks = new int[batch.Count];
                for (int n = 0; n < batch.Count; n++)
                {
                    ReadOnlySpan<float> row = logits.Slice(n * classes, classes);
                    classification.Add(row, batch.Labels[n]);
                    ranks[n] = Ranking.PlaceOf(row, batch.Labels[n]);
                }

                if (batch.Boxes[0] is not null)
                    Localise(localisation, batch, ranks);
            }
        }

        foreach (Localisation other in localisation.Skip(1))
            localisation[0].Merge(other);
        return new EvaluationResult
        {
            Images = count,
            Accuracy = classification.Accuracy,
            Loss = classification.MeanLoss,
            ClassAccuracy = [.. Enumerable.Range(0, classes).Select(classification.AccuracyOf)],
            Confusion = [.. Enumerable.Range(0, classes).Select(label => (long[])[.. Enumerable.Range(0, classes).Select(p => classification.Confusion(label, p))])],
            ImagesPerSecond = count / Stopwatch.GetElapsedTime(start).TotalSeconds,
            Localisation = localisation[0].Count > 0 ? localisation[0].Result() : null,
        };
    }

    /// <summary>Maps of the true classes; their boxes are found on all cores, which costs more than the maps.</summary>
    private void Localise(Localisation[] localisation, SampleBatch batch, int[] ranks)
    {
        float[] maps = _mapper.MapToImage(batch.UsedLabels).ToArray();
        int area = source.Size * source.Size;
        Parallel.For(0, localisation.Length, worker =>
        {
            for (int n = worker; n < batch.Count; n += localisation.Length)
            {
                if (batch.Boxes[n] is { } box)
                    localisation[worker].Add(maps.AsSpan(n * area, area), source.Size, [box], ranks[n]);
            }
        });
    }

    public void Dispose()
    {
        _mapper.Dispose();
        _classifier.Dispose();
    }
}
