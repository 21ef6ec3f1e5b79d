namespace GpuCam.Model;

/// <summary>How well boxes at one threshold meet the true boxes; shares of all images.</summary>
/// <param name="Threshold">The share of the maximum (paper) or the normalised value (sweep) that pixels must exceed.</param>
/// <param name="GtKnown50">IoU of at least 0.5 with the map of the true class.</param>
/// <param name="GtKnown30">IoU of at least 0.3.</param>
/// <param name="Top1">IoU of at least 0.5, and the predicted class is right.</param>
public readonly record struct LocalisationScore(double Threshold, double GtKnown50, double GtKnown30, double Top1);

/// <summary>Localisation figures of a data set.</summary>
public sealed record LocalisationResult
{
    /// <summary>Images.</summary>
    public required long Count { get; init; }

    /// <summary>Images whose map is constant or non-finite: misses in every figure.</summary>
    public required long Undefined { get; init; }

    /// <summary>At the paper's threshold: a share of the raw map's maximum.</summary>
    public required LocalisationScore Paper { get; init; }

    /// <summary>At the threshold of the sweep that has the best <see cref="LocalisationScore.GtKnown50"/> (MaxBoxAcc).</summary>
    public required LocalisationScore Best50 { get; init; }

    /// <summary>At the threshold of the sweep that has the best <see cref="LocalisationScore.GtKnown30"/>.</summary>
    public required LocalisationScore Best30 { get; init; }

    /// <summary>Share of images whose map has its maximum inside the true box.</summary>
    public required double PointingGame { get; init; }

    /// <summary>The best centred box for IoU 0.5, the same for all images (see <see cref="CenterMap"/>).</summary>
    public required LocalisationScore Center50 { get; init; }

    /// <summary>The best centred box for IoU 0.3.</summary>
    public required LocalisationScore Center30 { get; init; }

    /// <summary>Share of images whose middle lies inside the true box.</summary>
    public required double CenterPointingGame { get; init; }
}

/// <summary>
/// Localisation over a data set, image by image, as defined in arXiv 1512.04150 (paper threshold) and arXiv 2001.07437 (sweep):
/// the paper's boxes come from the raw map (pixels above 20 % of its maximum), the sweep's from the min-max normalised map. The
/// best threshold is the best for the whole data set, not for each image. Not for two threads at once.
/// </summary>
public sealed class Localisation(int thresholds = 101, float paperShare = MapComponents.PaperShare)
{
    private readonly MapComponents _components = new();
    private readonly BoxSweep _sweep = new(thresholds);
    private readonly Hits[] _swept = new Hits[thresholds];
    private readonly Hits[] _centered = new Hits[thresholds];
    private Hits _paper;
    private Box?[] _centerBoxes = [];
    private (int Width, int Height) _centerSize;
    private long _pointed;
    private long _centerPointed;

    /// <summary>Images seen.</summary>
    public long Count { get; private set; }

    /// <summary>Images whose map is constant or non-finite.</summary>
    public long Undefined { get; private set; }

    /// <summary>Counts one image.</summary>
    /// <param name="map">The raw map of the TRUE class, resized to the image, row after row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="truth">The true box.</param>
    /// <param name="labelCorrect">Whether the predicted class is right.</param>
    public void Add(ReadOnlySpan<float> map, int width, Box truth, bool labelCorrect)
    {
        int height = map.Length / width;
        ReadOnlySpan<Box?> boxes = _sweep.Boxes(map, width);
        bool defined = boxes[0] is not null;
        Count++;
        if (!defined)
            Undefined++;
        for (int i = 0; i < boxes.Length; i++)
            _swept[i].Add(boxes[i], truth, labelCorrect);

        IReadOnlyList<MapComponent> components = _components.AboveShareOfMax(map, width, paperShare);
        _paper.Add(defined && components.Count > 0 ? components[0].Box : null, truth, labelCorrect);
        if (defined && Ranking.IndexOfMax(map) is var top && truth.Contains(top % width, top / width))
            _pointed++;

        AddCenter(width, height, truth, labelCorrect);
    }

    /// <summary>Adds the counts of another instance with the same thresholds, so that several threads can share the images.</summary>
    public void Merge(Localisation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._swept.Length != _swept.Length)
            throw new ArgumentException($"{other._swept.Length} thresholds do not fit {_swept.Length}", nameof(other));
        Count += other.Count;
        Undefined += other.Undefined;
        _pointed += other._pointed;
        _centerPointed += other._centerPointed;
        _paper.Add(other._paper);
        for (int i = 0; i < _swept.Length; i++)
        {
            _swept[i].Add(other._swept[i]);
            _centered[i].Add(other._centered[i]);
        }
    }

    /// <summary>The figures of the images so far; all shares are 0 before the first.</summary>
    public LocalisationResult Result() => new()
    {
        Count = Count,
        Undefined = Undefined,
        Paper = Score(_paper, paperShare),
        Best50 = Best(_swept, hits => hits.Iou50),
        Best30 = Best(_swept, hits => hits.Iou30),
        PointingGame = Share(_pointed),
        Center50 = Best(_centered, hits => hits.Iou50),
        Center30 = Best(_centered, hits => hits.Iou30),
        CenterPointingGame = Share(_centerPointed),
    };

    /// <summary>The figures at threshold <paramref name="index"/> of the sweep: the curve behind the best.</summary>
    public LocalisationScore At(int index) => Score(_swept[index], _sweep.Threshold(index));

    private void AddCenter(int width, int height, Box truth, bool labelCorrect)
    {
        if (_centerSize != (width, height))
        {
            _centerSize = (width, height);
            _centerBoxes = new BoxSweep(_sweep.Count).Boxes(CenterMap.Create(width, height), width).ToArray();
        }

        for (int i = 0; i < _centerBoxes.Length; i++)
            _centered[i].Add(_centerBoxes[i], truth, labelCorrect);
        if (truth.Contains((width - 1) / 2, (height - 1) / 2))
            _centerPointed++;
    }

    private LocalisationScore Best(Hits[] all, Func<Hits, long> hits)
    {
        int best = 0;
        for (int i = 1; i < all.Length; i++)
        {
            if (hits(all[i]) > hits(all[best]))
                best = i;
        }

        return Score(all[best], _sweep.Threshold(best));
    }

    private LocalisationScore Score(Hits hits, double threshold) =>
        new(threshold, Share(hits.Iou50), Share(hits.Iou30), Share(hits.Top1));

    private double Share(long hits) => Count == 0 ? 0 : (double)hits / Count;

    private struct Hits
    {
        public long Iou50 { get; private set; }

        public long Iou30 { get; private set; }

        public long Top1 { get; private set; }

        public void Add(Hits other)
        {
            Iou50 += other.Iou50;
            Iou30 += other.Iou30;
            Top1 += other.Top1;
        }

        public void Add(Box? box, Box truth, bool labelCorrect)
        {
            double iou = box?.IntersectionOverUnion(truth) ?? 0;
            if (iou >= 0.3)
                Iou30++;
            if (iou < 0.5)
                return;
            Iou50++;
            if (labelCorrect)
                Top1++;
        }
    }
}
