using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Runner.Evaluation;

/// <summary>
/// What is true of a picture, on the pixels that its maps are measured on: the picture's own, or those that the rules scale it to
/// (<see cref="ContourRules.Side"/>).
/// </summary>
internal sealed class PictureTruth
{
    private readonly MapRules _rules;
    private readonly Box[] _boxes;
    private readonly ReadOnlyMemory<byte> _mask;

    // Where the network's input lies on those pixels; null where it is those pixels.
    private readonly PictureGeometry? _geometry;

    private PictureTruth(MapRules rules, int width, int height, Box[] boxes, ReadOnlyMemory<byte> mask, PictureGeometry? geometry)
    {
        (_rules, Width, Height, _boxes, _mask) = (rules, width, height, boxes, mask);
        PictureGeometry? placed = geometry?.OnCopy(width, height);
        _geometry = placed == new PictureGeometry(width, height, width, height, width, height, 0, 0) ? null : placed;
    }

    /// <summary>Columns that maps are measured on.</summary>
    public int Width { get; }

    /// <summary>Their rows.</summary>
    public int Height { get; }

    /// <summary>Whether there is anything to measure by.</summary>
    public bool IsKnown => _boxes.Length > 0 || _mask.Length > 0;

    /// <summary>What is known of a picture of that size.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="width">Its columns.</param>
    /// <param name="height">Its rows.</param>
    /// <param name="plan">By whose rules, and whether masks are wanted.</param>
    /// <param name="geometry">Where a network's input lies on it; null for maps that lie on the picture already.</param>
    /// <exception cref="GpuCamException">A mask cannot be read.</exception>
    public static PictureTruth Of(DataPicture picture, int width, int height, EvaluationPlan plan, PictureGeometry? geometry)
    {
        bool scaled = plan.Rules == MapRules.Contours;
        (int wide, int high) = scaled ? (ContourRules.Side, ContourRules.Side) : (width, height);
        return new PictureTruth(
            plan.Rules, wide, high, [.. picture.Boxes.Select(box => scaled ? ContourRules.OnMap(box, width, height) : box)],
            plan.Pixels ? PictureMasks.Read(picture, wide, high, plan.Rules) : [], geometry);
    }

    /// <summary>What is known of a sample: of the picture that it shows, or of the sample itself.</summary>
    public static PictureTruth Of(ISampleSource source, SampleBatch batch, int n, EvaluationPlan plan)
    {
        int index = batch.Indices[n], width = batch.Width, height = batch.Height;
        if (source.PictureOf(index) is { } picture)
        {
            PictureGeometry geometry = source.GeometryOf(index)!;
            return Of(picture, geometry.PictureWidth, geometry.PictureHeight, plan, geometry);
        }

        if (batch.Boxes[n] is not { } box)
        {
            return new PictureTruth(plan.Rules, width, height, [], default, null);
        }

        ReadOnlyMemory<byte> mask = batch.Masks.Length > 0 ? batch.Masks.AsMemory(n * batch.Area, batch.Area) : default;
        if (plan.Rules != MapRules.Contours)
        {
            return new PictureTruth(plan.Rules, width, height, [box], mask, null);
        }

        const int to = ContourRules.Side;
        return new PictureTruth(
            plan.Rules, to, to, [ContourRules.OnMap(box, width, height)],
            mask.Length > 0 ? PictureMasks.Scaled(mask.Span, width, height, to, to, plan.Rules) : default,
            new PictureGeometry(width, height, width, height, width, height, 0, 0));
    }

    /// <summary>Measures a map over the network's input.</summary>
    /// <param name="into">Gets the counts.</param>
    /// <param name="map">The raw map of the picture's class, [height, width].</param>
    /// <param name="width">Columns of the input.</param>
    /// <param name="rank">Place of that class among the predicted ones, 0 for the first.</param>
    public FoundBoxes MeasureInput(Localisation into, ReadOnlySpan<float> map, int width, int rank) =>
        _geometry is null
            ? into.Add(map, width, _boxes, rank, _mask.Span)
            : Measure(into, _geometry.MapToPicture(map, map.Length / width, width), [], _geometry.Seen, rank);

    /// <summary>Measures a map on the picture.</summary>
    /// <param name="into">Gets the counts.</param>
    /// <param name="map">Values of the pixels of <paramref name="window"/>.</param>
    /// <param name="exact">See <see cref="Localisation.Add"/>.</param>
    /// <param name="window">
    /// The pixels that the map has values for. The others are in no box, and the least likely to be the object's.
    /// </param>
    /// <param name="rank">Place of the picture's class among the predicted ones; null without prediction.</param>
    public FoundBoxes Measure(Localisation into, float[] map, double[] exact, Box window, int? rank)
    {
        if (window == Whole)
        {
            return into.Add(map, Width, _boxes, rank, _mask.Span, exact);
        }

        if (_rules == MapRules.Contours)
        {
            return into.Add(OnWhole(map, window), Width, _boxes, rank, _mask.Span);
        }

        (byte[] mask, UnseenPixels unseen) = Cut(window);
        Box[] boxes = [.. _boxes.Select(box => Moved(box, -window.X0, -window.Y0))];
        FoundBoxes found = into.Add(map, window.Width, boxes, rank, mask, exact, unseen);
        return new FoundBoxes(Back(found.Chosen), Back(found.Paper));

        Box? Back(Box? box) => box is { } one ? Moved(one, window.X0, window.Y0) : null;
    }

    /// <summary>
    /// A map over the network's input as score maps are exchanged: min-max normalised on the whole picture, 0 where the network saw
    /// nothing.
    /// </summary>
    public (float[] Map, int Height, int Width) ScoreMap(ReadOnlySpan<float> map, int width) => (
        _geometry is null
            ? OnWhole(map, Whole) : OnWhole(_geometry.MapToPicture(map, map.Length / width, width), _geometry.Seen), Height, Width);

    /// <summary>The best IoU of a box with a true one; 0 without a box.</summary>
    public double BestIou(Box? box) =>
        box is { } found && _boxes.Length > 0 ? _boxes.Max(truth => found.IntersectionOverUnion(truth)) : 0;

    private Box Whole => new(0, 0, Width - 1, Height - 1);

    private static Box Moved(Box box, int x, int y) => new(box.X0 + x, box.Y0 + y, box.X1 + x, box.Y1 + y);

    private float[] OnWhole(ReadOnlySpan<float> map, Box window)
    {
        float[] normalized = new float[map.Length];
        MapNormalization.Normalize(map, normalized);
        if (window == Whole)
        {
            return normalized;
        }

        float[] whole = new float[Width * Height];
        for (int y = 0; y < window.Height; y++)
        {
            normalized.AsSpan(y * window.Width, window.Width).CopyTo(whole.AsSpan(((window.Y0 + y) * Width) + window.X0));
        }

        return whole;
    }

    /// <summary>The mask inside the window, and what is outside.</summary>
    private (byte[] Mask, UnseenPixels Unseen) Cut(Box window)
    {
        if (_mask.Length == 0)
        {
            return ([], default);
        }

        byte[] inside = new byte[window.Area];
        long hits = 0, others = 0;
        ReadOnlySpan<byte> mask = _mask.Span;
        for (int i = 0, at = 0; i < mask.Length; i++)
        {
            if (window.Contains(i % Width, i / Width))
            {
                inside[at++] = mask[i];
            }
            else if (mask[i] != PixelPrecision.Ignored)
            {
                hits += mask[i] != 0 ? 1 : 0;
                others += mask[i] == 0 ? 1 : 0;
            }
        }

        return (inside, new UnseenPixels(hits, others));
    }
}
