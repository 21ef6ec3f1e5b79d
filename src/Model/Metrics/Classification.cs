namespace GpuCam.Model;

/// <summary>Accuracy and loss over a data set, image by image. The order of the images changes no count, but the
/// last bits of the loss.</summary>
public sealed class Classification(int classCount)
{
    private readonly long[] _confusion = new long[classCount * classCount];
    private double _lossSum;
    private long _top5;

    /// <summary>Number of classes.</summary>
    public int ClassCount { get; } = classCount;

    /// <summary>Images seen.</summary>
    public long Count { get; private set; }

    /// <summary>Images whose largest logit was the label's.</summary>
    public long Correct { get; private set; }

    /// <summary>Share of correct images; 0 before the first.</summary>
    public double Accuracy => Count == 0 ? 0 : (double)Correct / Count;

    /// <summary>Mean of the classes' shares of correct images, over the classes that have images; 0 before the first.</summary>
    public double MeanOfClasses => Enumerable.Range(0, ClassCount).Select(AccuracyOf).OfType<double>().DefaultIfEmpty(0).Average();

    /// <summary>Share of images whose label was among the five largest logits; 0 before the first.</summary>
    public double Top5 => Count == 0 ? 0 : (double)_top5 / Count;

    /// <summary>Mean softmax cross-entropy; 0 before the first image.</summary>
    public double MeanLoss => Count == 0 ? 0 : _lossSum / Count;

    /// <summary>Counts one image and returns the predicted class.</summary>
    /// <param name="logits">One value per class.</param>
    /// <param name="label">The true class.</param>
    public int Add(ReadOnlySpan<float> logits, int label)
    {
        if (logits.Length != ClassCount)
        {
            throw new ArgumentException($"{logits.Length} logits for {ClassCount} classes", nameof(logits));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(label);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(label, ClassCount);

        int predicted = Ranking.IndexOfMax(logits);
        if (predicted < 0)
        {
            throw new ArgumentException("all logits are NaN", nameof(logits));
        }

        Add(label, predicted, Ranking.PlaceOf(logits, label), Ranking.LogSumExp(logits) - logits[label]);
        return predicted;
    }

    /// <summary>Counts an image whose logits another process has seen.</summary>
    /// <param name="label">The true class.</param>
    /// <param name="predicted">The class of the largest logit.</param>
    /// <param name="place">Place of the true class among the logits, 0 for the largest.</param>
    /// <param name="loss">Softmax cross-entropy.</param>
    public void Add(int label, int predicted, int place, double loss)
    {
        _confusion[(label * ClassCount) + predicted]++;
        _lossSum += loss;
        _top5 += place < 5 ? 1 : 0;
        Count++;
        if (predicted == label)
        {
            Correct++;
        }
    }

    /// <summary>Counts the rows of a batch.</summary>
    public void AddBatch(ReadOnlySpan<float> logits, ReadOnlySpan<int> labels)
    {
        for (int n = 0; n < labels.Length; n++)
        {
            Add(logits.Slice(n * ClassCount, ClassCount), labels[n]);
        }
    }

    /// <summary>Images of class <paramref name="label"/> that were taken for class <paramref name="predicted"/>.</summary>
    public long Confusion(int label, int predicted) => _confusion[(label * ClassCount) + predicted];

    /// <summary>Images of class <paramref name="label"/>.</summary>
    public long CountOf(int label)
    {
        long count = 0;
        for (int predicted = 0; predicted < ClassCount; predicted++)
        {
            count += Confusion(label, predicted);
        }

        return count;
    }

    /// <summary>Share of class <paramref name="label"/>'s images that were right; null if there were none.</summary>
    public double? AccuracyOf(int label) => CountOf(label) is var count and > 0 ? (double)Confusion(label, label) / count : null;
}
