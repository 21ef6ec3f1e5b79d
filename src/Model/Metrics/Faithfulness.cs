using System.Collections.Concurrent;

namespace GpuCam.Model;

/// <summary>
/// Whether maps name the pixels that the network's answer rests on, image by image: average drop and increase in confidence (arXiv
/// 1710.11063), deletion and insertion (arXiv 1806.07421), ROAD (arXiv 2202.00449). A score is the softmax probability of one
/// class, L the map normalised to [0, 1]. It neither knows how maps are made nor what computes the scores. Keeps sums only.
/// Not for two threads at once, except for <see cref="Prepare"/>.
/// </summary>
public sealed class Faithfulness
{
    private const int BatchSize = 64;
    private readonly PerturbedImages _copies = new(BatchSize);
    private readonly ConcurrentBag<Road> _roads = [];
    private readonly int _steps;
    private readonly ulong _seed;
    private long _constant;
    private long _nonFinite;
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

    /// <summary>What takes time without a network: the order of the pixels, and ROAD's images. For any number of threads at once.</summary>
    /// <param name="index">The image's number in the data set, which its noise depends on.</param>
    /// <param name="image">HWC, black is 0.</param>
    /// <param name="map">A map of the image's size; a constant or non-finite one counts as zeros.</param>
    /// <param name="width">Pixels in a row.</param>
    public FaithfulnessCase Prepare(long index, ReadOnlySpan<float> image, ReadOnlySpan<float> map, int width)
    {
        if (map.Length == 0 || image.Length % map.Length != 0 || map.Length % width != 0)
        {
            throw new ArgumentException(
                $"a map of {map.Length} pixels in rows of {width} does not fit an image of {image.Length} values", nameof(map));
        }

        float[] normalized = new float[map.Length];
        MapKind kind = MapNormalization.Normalize(map, normalized);
        int[] order = PixelOrder.HighestFirst(normalized);

        float[] noise = Road.Noise(_seed, index, image.Length), removed = new float[2 * Road.Shares.Count * image.Length];
        Road road = _roads.TryTake(out Road? free) ? free : new Road();
        road.Remove(image, width, order, noise, removed.AsSpan(0, removed.Length / 2));
        road.Remove(image, width, [.. order.Reverse()], noise, removed.AsSpan(removed.Length / 2));
        _roads.Add(road);
        return new FaithfulnessCase(kind, normalized, order, removed);
    }

    /// <summary>Prepares one image and counts it.</summary>
    public void Add(long index, ReadOnlySpan<float> image, ReadOnlySpan<float> map, int width, int classIndex, ImageScores scores) =>
        Add(Prepare(index, image, map, width), image, classIndex, scores);

    /// <summary>Counts one image.</summary>
    /// <param name="prepared">What <see cref="Prepare"/> made of it and its map.</param>
    /// <param name="image">The same image.</param>
    /// <param name="classIndex">The class that the map and the scores are about.</param>
    /// <param name="scores">The network.</param>
    public void Add(FaithfulnessCase prepared, ReadOnlySpan<float> image, int classIndex, ImageScores scores)
    {
        ArgumentNullException.ThrowIfNull(prepared);
        _copies.Start(image.Length, classIndex, scores);
        _copies.Add(image);
        AddMasked(image, prepared.Normalized);
        AddChanges(image, new float[image.Length], prepared.Order);
        AddChanges(new float[image.Length], image, prepared.Order);
        for (int at = 0; at < prepared.Removed.Length; at += image.Length)
        {
            _copies.Add(prepared.Removed.AsSpan(at, image.Length));
        }

        Count(_copies.Scores());
        if (prepared.Kind == MapKind.Constant)
        {
            _constant++;
        }
        else if (prepared.Kind == MapKind.NonFinite)
        {
            _nonFinite++;
        }
    }

    /// <summary>Adds the sums of another instance.</summary>
    public void Merge(Faithfulness other)
    {
        ArgumentNullException.ThrowIfNull(other);
        _constant += other._constant;
        _nonFinite += other._nonFinite;
        _drop.Add(other._drop);
        _increase.Add(other._increase);
        _deletion.Add(other._deletion);
        _insertion.Add(other._insertion);
        _mostFirst.Add(other._mostFirst);
        _leastFirst.Add(other._leastFirst);
    }

    /// <summary>Writes the sums, for <see cref="Merge(BinaryReader)"/> of another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.Write7BitEncodedInt64(_constant);
        writer.Write7BitEncodedInt64(_nonFinite);
        foreach (OrderlessMean mean in (ReadOnlySpan<OrderlessMean>)[_drop, _increase, _deletion, _insertion, _mostFirst, _leastFirst])
        {
            mean.Write(writer);
        }
    }

    /// <summary>Adds the sums that an instance wrote.</summary>
    public void Merge(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        _constant += reader.Read7BitEncodedInt64();
        _nonFinite += reader.Read7BitEncodedInt64();
        _drop.Add(reader);
        _increase.Add(reader);
        _deletion.Add(reader);
        _insertion.Add(reader);
        _mostFirst.Add(reader);
        _leastFirst.Add(reader);
    }

    /// <summary>The figures of the images so far.</summary>
    public FaithfulnessResult Result() => new()
    {
        Count = _drop.Count,
        Constant = _constant,
        NonFinite = _nonFinite,
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
        float[] masked = new float[image.Length];
        for (int i = 0; i < masked.Length; i++)
        {
            masked[i] = image[i] * normalized[i / channels];
        }

        _copies.Add(masked);
    }

    /// <summary>
    /// Adds steps + 1 images: from <paramref name="start"/> to <paramref name="end"/>, the first pixels of the order first.
    /// </summary>
    private void AddChanges(ReadOnlySpan<float> start, ReadOnlySpan<float> end, int[] order)
    {
        int channels = start.Length / order.Length;
        float[] current = start.ToArray();
        _copies.Add(current);
        int done = 0;
        for (int step = 1; step <= _steps; step++)
        {
            for (int count = Road.CountOf((double)step / _steps, order.Length); done < count; done++)
            {
                end.Slice(order[done] * channels, channels).CopyTo(current.AsSpan(order[done] * channels));
            }

            _copies.Add(current);
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
        {
            sum += scores[first + step];
        }

        return sum / _steps;
    }
}
