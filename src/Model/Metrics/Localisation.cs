namespace GpuCam.Model;

/// <summary>
/// Localisation over a data set, image by image, as defined in arXiv 1512.04150 (paper threshold) and arXiv 2001.07437 (sweep):
/// the paper's boxes come from the raw map (pixels above 20 % of its maximum), the sweep's from the min-max normalised map. The
/// best threshold is the best for the whole data set, not for each image. Keeps counts only: a million images need no more
/// memory than one. Not for two threads at once; several instances can share the images and be merged.
/// </summary>
public sealed class Localisation
{
    private readonly IMapRules _rules;
    private readonly PixelPrecision _pixels;
    private readonly LocalisationHits[] _swept;
    private readonly BoxHeuristic _heuristic;
    private readonly ChosenThresholds? _chosen;
    private readonly float _paperShare;
    private LocalisationHits _paper;
    private OrderlessMean _energy;
    private long _paperFound;
    private long _chosenFound;
    private long _pointed;
    private long _constant;
    private long _nonFinite;
    private long _nonPositive;
    private bool _unranked;

    /// <summary>Counts that are all 0.</summary>
    /// <param name="thresholds">Thresholds of the sweep: 0, 1 / (thresholds - 1), …, 1.</param>
    /// <param name="chosen">Thresholds that were chosen on other images, to report beside the best ones.</param>
    /// <param name="heuristic">How many boxes the predicted classes may give; null for one each from the first five.</param>
    /// <param name="paperShare">The paper's threshold, as a share of the raw map's maximum.</param>
    /// <param name="rules">By whose rules boxes and pixels come from maps.</param>
    public Localisation(
        int thresholds = 101, ChosenThresholds? chosen = null, BoxHeuristic? heuristic = null, float paperShare = MapComponents.PaperShare,
        MapRules rules = MapRules.Components)
    {
        _rules = rules == MapRules.Contours ? new ContourRules(thresholds, paperShare) : new ComponentRules(thresholds, paperShare);
        _pixels = new PixelPrecision(thresholds);
        _swept = new LocalisationHits[_rules.Count];
        _chosen = chosen;
        _heuristic = heuristic ?? BoxHeuristic.TopFive;
        _paperShare = paperShare;
    }

    /// <summary>Images with a true box.</summary>
    public long Count { get; private set; }

    /// <summary>Images with a mask.</summary>
    public long Masks => _pixels.Images;

    /// <summary>The threshold of boxes that was chosen on other images; null where none was.</summary>
    public double? ChosenThreshold => _chosen is { } chosen ? _rules.Threshold(chosen.Box) : null;

    /// <summary>Counts one image.</summary>
    /// <param name="map">The raw map of the TRUE class, resized to the image, row after row.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="truths">
    /// The true boxes; the best overlap with any of them counts. They may reach beyond the map. Without any, only pixels count.
    /// </param>
    /// <param name="rank">Place of the true class among the predicted ones: 0 when the prediction is right; null for none.</param>
    /// <param name="mask">See <see cref="PixelPrecision"/>; empty where it is not known.</param>
    /// <param name="exact">The map in double precision and from 0 to 1, as a file has it; else empty.</param>
    /// <param name="unseen">Pixels of the image that the map has no value for.</param>
    public FoundBoxes Add(
        ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> truths, int? rank, ReadOnlySpan<byte> mask = default,
        ReadOnlySpan<double> exact = default, UnseenPixels unseen = default)
    {
        MapKind kind = _rules.Read(map, exact, width, truths);
        if (mask.Length > 0)
        {
            _rules.AddPixels(_pixels, mask);
            _pixels.AddUnseen(unseen.Hits, unseen.Others);
        }

        if (truths.IsEmpty)
        {
            return default;
        }

        Count++;
        _unranked |= rank is null;
        int place = rank ?? int.MaxValue;
        AddSweep(truths, place);
        AddPointing(kind, map, width, truths);

        IReadOnlyList<Box> paper = _rules.PaperBoxes();
        int largest = paper.Count > 0 ? IouLimits.Reach(paper[0], truths) : 0, any = largest;
        foreach (Box box in paper)
        {
            any = Math.Max(any, IouLimits.Reach(box, truths));
        }

        _paper.Add(largest, any, place);
        _paperFound += _heuristic.Finds(paper, place, truths) ? 1 : 0;
        if (_chosen is { } chosen)
        {
            _chosenFound += _heuristic.Finds(_rules.BoxesAt(chosen.Box), place, truths) ? 1 : 0;
        }

        return new FoundBoxes(_chosen is { } at ? _rules.Boxes[at.Box] : null, paper.Count > 0 ? paper[0] : null);
    }

    /// <summary>Adds the counts of another instance with the same thresholds, so that several threads can share the images.</summary>
    public void Merge(Localisation other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other._swept.Length != _swept.Length)
        {
            throw new ArgumentException($"{other._swept.Length} thresholds do not fit {_swept.Length}", nameof(other));
        }

        using var counts = new MemoryStream();
        using var writer = new BinaryWriter(counts);
        other.Write(writer);
        counts.Position = 0;
        using var reader = new BinaryReader(counts);
        Merge(reader);
    }

    /// <summary>Writes the counts, for <see cref="Merge(BinaryReader)"/> of another process.</summary>
    public void Write(BinaryWriter writer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        foreach (long count in (ReadOnlySpan<long>)[Count, _constant, _nonFinite, _nonPositive, _pointed, _paperFound, _chosenFound])
        {
            writer.Write7BitEncodedInt64(count);
        }

        writer.Write(_unranked);
        _energy.Write(writer);
        _pixels.Write(writer);
        _paper.Write(writer);
        foreach (LocalisationHits hits in _swept)
        {
            hits.Write(writer);
        }
    }

    /// <summary>Adds the counts that an instance with the same thresholds wrote.</summary>
    public void Merge(BinaryReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        Count += reader.Read7BitEncodedInt64();
        _constant += reader.Read7BitEncodedInt64();
        _nonFinite += reader.Read7BitEncodedInt64();
        _nonPositive += reader.Read7BitEncodedInt64();
        _pointed += reader.Read7BitEncodedInt64();
        _paperFound += reader.Read7BitEncodedInt64();
        _chosenFound += reader.Read7BitEncodedInt64();
        _unranked |= reader.ReadBoolean();
        _energy.Add(reader);
        _pixels.Merge(reader);
        _paper.Add(LocalisationHits.Read(reader));
        for (int i = 0; i < _swept.Length; i++)
        {
            _swept[i].Add(LocalisationHits.Read(reader));
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
            Paper = Score(_paper, _paperShare, Ranked(Share(_paperFound))),
            Best50 = At(best.Box),
            Best30 = At(Best(hits => hits.Iou30)),
            BestAny = AnyAt(best),
            Chosen = _chosen is { } chosen ? At(chosen.Box) with { Heuristic = Ranked(Share(_chosenFound)) } : null,
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
    public LocalisationScore At(int index) => Score(_swept[index], _rules.Threshold(index), null);

    private void AddSweep(ReadOnlySpan<Box> truths, int rank)
    {
        ReadOnlySpan<Box?> boxes = _rules.Boxes;
        ReadOnlySpan<int> any = _rules.BestReach;
        (Box? last, int largest) = (null, 0);
        for (int i = 0; i < boxes.Length; i++)
        {
            if (boxes[i] != last)
            {
                (last, largest) = (boxes[i], boxes[i] is { } box ? IouLimits.Reach(box, truths) : 0);
            }

            _swept[i].Add(largest, any[i], rank);
        }
    }

    private void AddPointing(MapKind kind, ReadOnlySpan<float> map, int width, ReadOnlySpan<Box> truths)
    {
        _constant += kind == MapKind.Constant ? 1 : 0;
        _nonFinite += kind == MapKind.NonFinite ? 1 : 0;
        if (kind != MapKind.Defined)
        {
            _energy.Add(0);
            return;
        }

        int top = Ranking.IndexOfMax(map);
        _pointed += MapPointing.IsInside(top, width, truths) ? 1 : 0;
        _nonPositive += map[top] <= 0 ? 1 : 0;
        _energy.Add(MapPointing.EnergyInside(map, width, truths));
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
        new AnyBoxScore(_rules.Threshold(at.Any30), Share(_swept[at.Any30].Any30)),
        new AnyBoxScore(_rules.Threshold(at.Any50), Share(_swept[at.Any50].Any50)),
        new AnyBoxScore(_rules.Threshold(at.Any70), Share(_swept[at.Any70].Any70)));

    private LocalisationScore Score(LocalisationHits hits, double threshold, double? heuristic) =>
        new(threshold, Share(hits.Iou50), Share(hits.Iou30), Share(hits.Iou70), Ranked(Share(hits.Top1)),
            Ranked(Share(hits.Top5)), heuristic);

    private double? Ranked(double share) => _unranked ? null : share;

    private double Share(long hits) => Count == 0 ? 0 : (double)hits / Count;
}
