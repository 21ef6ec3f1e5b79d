namespace GpuCam.Model;

/// <summary>
/// Localisation over a data set, image by image, as defined in arXiv 1512.04150 (paper threshold) and arXiv 2001.07437 (sweep):
/// the paper's boxes come from the raw map (pixels above 20 % of its maximum), the sweep's from the min-max normalised map. The
/// best threshold is the best for the whole data set, not for each image. Keeps counts only: a million images need no more
/// memory than one. Not for two threads at once; several instances can share the images and be merged.
/// </summary>
public sealed class Localisation
{
    private readonly MapComponents _components = new();
    private readonly BoxSweep _sweep;
    private readonly PixelPrecision _pixels;
    private readonly LocalisationHits[] _swept;
    private readonly BoxHeuristic _heuristic;
    private readonly ChosenThresholds? _chosen;
    private readonly float _paperShare;
    private float[] _normalized = [];
    private LocalisationHits _paper;
    private OrderlessMean _energy;
    private long _paperFound;
    private long _chosenFound;
    private long _pointed;
    private long _constant;
    private long _nonFinite;
    private long _nonPositive;

    /// <summary>Counts that are all 0.</summary>
    /// <param name="thresholds">Thresholds of the sweep: 0, 1 / (thresholds - 1), …, 1.</param>
    /// <param name="chosen">Thresholds that were chosen on other images, to report beside the best ones.</param>
    /// <param name="heuristic">How many boxes the predicted classes may give; null for one each from the first five.</param>
    /// <param name="paperShare">The paper's threshold, as a share of the raw map's maximum.</param>
    public Localisation(
        int thresholds = 101, ChosenThresholds? chosen = null, BoxHeuristic? heuristic = null, float paperShare = MapComponents.PaperShare)
    {
        _sweep = new BoxSweep(thresholds);
        _pixels = new PixelPrecision(thresholds);
        _swept = new LocalisationHits[thresholds];
        _chosen = chosen;
        _heuristic = heuristic ?? BoxHeuristic.TopFive;
        _paperShare = paperShare;
    }

    /// <summary>Images seen.</summary>
    public long Count { get; private set; }

    /// <summary>Counts one image.</summary>
    /// <param name="map">The raw map of the TRUE class, resized to the image, row after row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="truths">The true boxes; the best overlap with any of them counts.</param>
    /// <param name="rank">Place of the true class among the predicted ones: 0 when the prediction is right.</param>
    /// <param name="mask">1 on the object's pixels, 0 elsewhere; empty where it is not known.</param>
    public void Add(ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> truths, int rank, ReadOnlySpan<byte> mask = default)
    {
        ReadOnlySpan<Box?> boxes = _sweep.Boxes(map, width, truths);
        ReadOnlySpan<int> any = _sweep.BestReach;
        Count++;
        (Box? last, int largest) = (null, 0);
        for (int i = 0; i < boxes.Length; i++)
        {
            if (boxes[i] != last)
            {
                (last, largest) = (boxes[i], boxes[i] is { } box ? IouLimits.Reach(box, truths) : 0);
            }

            _swept[i].Add(largest, any[i], rank);
        }

        if (_normalized.Length != map.Length)
        {
            _normalized = new float[map.Length];
        }

        MapKind kind = MapNormalization.Normalize(map, _normalized);
        if (mask.Length > 0)
        {
            _pixels.Add(_normalized, mask);
        }

        if (kind == MapKind.Defined)
        {
            AddDefined(map, width, truths, rank);
        }
        else if (kind == MapKind.Constant)
        {
            _constant++;
        }
        else
        {
            _nonFinite++;
        }

        if (kind != MapKind.Defined)
        {
            _energy.Add(0);
        }
    }

    /// <summary>Adds the counts of another instance with the same thresholds, so that several threads can share the images.</summary>
    public void Merge(Localisation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._swept.Length != _swept.Length)
        {
            throw new ArgumentException($"{other._swept.Length} thresholds do not fit {_swept.Length}", nameof(other));
        }

        Count += other.Count;
        _constant += other._constant;
        _nonFinite += other._nonFinite;
        _nonPositive += other._nonPositive;
        _pointed += other._pointed;
        _paperFound += other._paperFound;
        _chosenFound += other._chosenFound;
        _energy.Add(other._energy);
        _pixels.Merge(other._pixels);
        _paper.Add(other._paper);
        for (int i = 0; i < _swept.Length; i++)
        {
            _swept[i].Add(other._swept[i]);
        }
    }

    /// <summary>The figures of the images so far; all shares are 0 before the first.</summary>
    public LocalisationResult Result()
    {
        ChosenThresholds best = Choose();
        return new LocalisationResult
        {
            Count = Count,
            Constant = _constant,
            NonFinite = _nonFinite,
            NonPositive = _nonPositive,
            Paper = Score(_paper, _paperShare, Share(_paperFound)),
            Best50 = At(best.Box),
            Best30 = At(Best(hits => hits.Iou30)),
            BestAny = AnyAt(best),
            Chosen = _chosen is { } chosen ? At(chosen.Box) with { Heuristic = Share(_chosenFound) } : null,
            ChosenAny = _chosen is { } thresholds ? AnyAt(thresholds) : null,
            PixelAveragePrecision = _pixels.AveragePrecision(),
            PointingGame = Share(_pointed),
            EnergyPointingGame = _energy.Value,
        };
    }

    /// <summary>The best thresholds for these images, to be used on others; of equals the lowest.</summary>
    public ChosenThresholds Choose() =>
        new(Best(hits => hits.Iou50), Best(hits => hits.Any30), Best(hits => hits.Any50), Best(hits => hits.Any70));

    /// <summary>The figures at threshold <paramref name="index"/> of the sweep.</summary>
    public LocalisationScore At(int index) => Score(_swept[index], _sweep.Threshold(index), null);

    private void AddDefined(ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> truths, int rank)
    {
        int top = Ranking.IndexOfMax(map);
        if (IsInside(top, width, truths))
        {
            _pointed++;
        }

        if (map[top] <= 0)
        {
            _nonPositive++;
        }

        _energy.Add(EnergyInside(map, width, truths));

        IReadOnlyList<MapComponent> components = _components.AboveShareOfMax(map, width, _paperShare);
        int largest = 0, any = 0;
        for (int i = 0; i < components.Count; i++)
        {
            int reach = IouLimits.Reach(components[i].Box, truths);
            largest = i == 0 ? reach : largest;
            any = Math.Max(any, reach);
        }

        _paper.Add(largest, any, rank);
        if (_heuristic.Finds(components, rank, truths))
        {
            _paperFound++;
        }

        if (_chosen is { } chosen && _heuristic.Finds(_components.Above(_normalized, width, _sweep.Threshold(chosen.Box)), rank, truths))
        {
            _chosenFound++;
        }
    }

    private static bool IsInside(int pixel, int width, ReadOnlySpan<Box> boxes)
    {
        foreach (Box box in boxes)
        {
            if (box.Contains(pixel % width, pixel / width))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Sum of the positive values inside the boxes over the sum of all positive values; 0 if there are none.</summary>
    private static double EnergyInside(ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> boxes)
    {
        double inside = 0, all = 0;
        for (int i = 0; i < map.Length; i++)
        {
            if (map[i] <= 0)
            {
                continue;
            }

            all += map[i];
            if (IsInside(i, width, boxes))
            {
                inside += map[i];
            }
        }

        return all > 0 ? inside / all : 0;
    }

    private int Best(Func<LocalisationHits, long> hits)
    {
        int best = 0;
        for (int i = 1; i < _swept.Length; i++)
        {
            if (hits(_swept[i]) > hits(_swept[best]))
            {
                best = i;
            }
        }

        return best;
    }

    private AnyBoxScores AnyAt(ChosenThresholds at) => new(
        new AnyBoxScore(_sweep.Threshold(at.Any30), Share(_swept[at.Any30].Any30)),
        new AnyBoxScore(_sweep.Threshold(at.Any50), Share(_swept[at.Any50].Any50)),
        new AnyBoxScore(_sweep.Threshold(at.Any70), Share(_swept[at.Any70].Any70)));

    private LocalisationScore Score(LocalisationHits hits, double threshold, double? heuristic) =>
        new(threshold, Share(hits.Iou50), Share(hits.Iou30), Share(hits.Iou70), Share(hits.Top1), Share(hits.Top5), heuristic);

    private double Share(long hits) => Count == 0 ? 0 : (double)hits / Count;
}
