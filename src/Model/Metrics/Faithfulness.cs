namespace GpuCam.Model;

/// <summary>
/// Whether maps name the pixels that the network's answer rests on, image by image: average drop and increase in confidence (arXiv
/// 1710.11063), deletion and insertion (arXiv 1806.07421), ROAD (arXiv 2202.00449). A score is the softmax probability of one
/// class, L the map normalised to [0, 1]. It neither knows how maps are made nor what computes the scores. Keeps sums only.
/// Not for two threads at once.
/// </summary>
public sealed class Faithfulness
{
    private const int BatchSize = 64;
    private readonly PerturbedImages _copies = new(BatchSize);
    private readonly Road[] _roads = [new(), new()];
    private readonly int _steps;
    private readonly ulong _seed;
    private OrderlessMean _drop;
    private OrderlessMean _increase;
    private OrderlessMean _deletion;
    private OrderlessMean _insertion;
    private OrderlessMean _mostFirst;
    private OrderlessMean _leastFirst;

    /// <summary>Sums that are all 0.</summary>
    /// <param name="steps">Equal steps in which deletion and insertion go from nothing changed to everything changed.</param>
    /// <param name="seed">Seed of ROAD's noise.</param>
    public Faithfulness(int steps = 50, ulong seed = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        (_steps, _seed) = (steps, seed);
    }

    /// <summary>Counts one image.</summary>
    /// <param name="index">Its number in the data set, which its noise depends on.</param>
    /// <param name="image">HWC, black is 0.</param>
    /// <param name="map">A map of the image's size; a constant or non-finite one counts as zeros.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="classIndex">The class that the map and the scores are about.</param>
    /// <param name="scores">The network.</param>
    public void Add(long index, ReadOnlySpan<float> image, ReadOnlySpan<float> map, int width, int classIndex, ImageScores scores)
    {
        if (map.Length == 0 || image.Length % map.Length != 0 || map.Length % width != 0)
            throw new ArgumentException($"a map of {map.Length} pixels in rows of {width} does not fit an image of {image.Length} values", nameof(map));
        var normalized = new float[map.Length];
        MapNormalization.Normalize(map, normalized);
        int[] order = PixelOrder.HighestFirst(normalized);

        _copies.Start(image.Length, classIndex, scores);
        _copies.Add(image);
        AddMasked(image, normalized);
        AddChanges(image, new float[image.Length], order);
        AddChanges(new float[image.Length], image, order);
        AddRemoved(index, image, width, order);
        Count(_copies.Scores());
    }

    /// <summary>Adds the sums of another instance.</summary>
    public void Merge(Faithfulness other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _drop.Add(other._drop);
        _increase.Add(other._increase);
        _deletion.Add(other._deletion);
        _insertion.Add(other._insertion);
        _mostFirst.Add(other._mostFirst);
        _leastFirst.Add(other._leastFirst);
    }

    /// <summary>The figures of the images so far.</summary>
    public FaithfulnessResult Result() => new()
    {
        Count = _drop.Count,
        AverageDrop = _drop.Value,
        IncreaseInConfidence = _increase.Value,
        Deletion = _deletion.Value,
        Insertion = _insertion.Value,
        RoadMostRelevantFirst = _mostFirst.Value,
        RoadLeastRelevantFirst = _leastFirst.Value,
    };

    private void AddMasked(ReadOnlySpan<float> image, float[] normalized)
    {
        int channels = image.Length / normalized.Length;
        var masked = new float[image.Length];
        for (int i = 0; i < masked.Length; i++)
            masked[i] = image[i] * normalized[i / channels];
        _copies.Add(masked);
    }

    /// <summary>Adds steps + 1 images: from <paramref name="start"/> to <paramref name="end"/>, the first pixels of the order first.</summary>
    private void AddChanges(ReadOnlySpan<float> start, ReadOnlySpan<float> end, int[] order)
    {
        int channels = start.Length / order.Length;
        float[] current = start.ToArray();
        _copies.Add(current);
        int done = 0;
        for (int step = 1; step <= _steps; step++)
        {
            for (int count = Road.CountOf((double)step / _steps, order.Length); done < count; done++)
                end.Slice(order[done] * channels, channels).CopyTo(current.AsSpan(order[done] * channels));
            _copies.Add(current);
        }
    }

    private void AddRemoved(long index, ReadOnlySpan<float> image, int width, int[] order)
    {
        float[] noise = Road.Noise(_seed, index, image.Length), source = image.ToArray();
        int[][] orders = [order, [.. order.Reverse()]];
        var removed = new float[2][];
        Parallel.For(0, 2, i =>
        {
            removed[i] = new float[Road.Shares.Count * source.Length];
            _roads[i].Remove(source, width, orders[i], noise, removed[i]);
        });
        foreach (float[] images in removed)
        {
            for (int i = 0; i < Road.Shares.Count; i++)
                _copies.Add(images.AsSpan(i * source.Length, source.Length));
        }
    }

    private void Count(IReadOnlyList<double> scores)
    {
        double whole = scores[0], masked = scores[1];
        _drop.Add(whole > 0 ? Math.Max(0, whole - masked) / whole : 0);
        _increase.Add(masked > whole ? 1 : 0);
        int at = 2;
        _deletion.Add(Area(scores, at));
        _insertion.Add(Area(scores, at + _steps + 1));
        at += 2 * (_steps + 1);
        _mostFirst.Add(scores.Skip(at).Take(Road.Shares.Count).Average());
        _leastFirst.Add(scores.Skip(at + Road.Shares.Count).Average());
    }

    /// <summary>Trapezoids over steps + 1 scores from place <paramref name="first"/> on, both ends included.</summary>
    private double Area(IReadOnlyList<double> scores, int first)
    {
        double sum = (scores[first] + scores[first + _steps]) / 2;
        for (int step = 1; step < _steps; step++)
            sum += scores[first + step];
        return sum / _steps;
    }
}
