namespace GpuCam.Model;

/// <summary>
/// The rules of the public evaluation code of arXiv 2001.07437: the map in 256 greys, rounded down; grey values above
/// <c>(int)(t * greatest grey)</c>; the outlines of what is left, holes included, and of them the one that encloses most; boxes one
/// pixel wider at the right and the bottom, inside the map; where nothing is left the pixel at the top left. All of it on maps of
/// <see cref="Side"/> x <see cref="Side"/> pixels and boxes scaled to them (<see cref="OnMap"/>).
/// </summary>
/// <param name="thresholds">One more than thresholds of the sweep: 0, 1 / (thresholds - 1), … and not 1.</param>
/// <param name="paperShare">What the paper's threshold is here, a share of the greatest grey.</param>
public sealed class ContourRules(int thresholds, float paperShare) : IMapRules
{
    /// <summary>Rows and columns of a map.</summary>
    public const int Side = 224;

    private readonly GreyContours _contours = new();
    private readonly Box?[] _boxes = new Box?[thresholds - 1];
    private readonly int[] _reach = new int[thresholds - 1];
    private double[] _scores = [];
    private byte[] _grey = [];
    private int _width;
    private int _greatest;

    /// <inheritdoc/>
    public int Count => _boxes.Length;

    /// <inheritdoc/>
    public ReadOnlySpan<Box?> Boxes => _boxes;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BestReach => _reach;

    /// <summary>A box of a picture on the map, its corners rounded down.</summary>
    public static Box OnMap(Box box, int width, int height) => new(
        (int)(box.X0 * (double)Side / width), (int)(box.Y0 * (double)Side / height),
        (int)(box.X1 * (double)Side / width), (int)(box.Y1 * (double)Side / height));

    /// <inheritdoc/>
    public double Threshold(int index) => index * (1.0 / Count);

    /// <inheritdoc/>
    public MapKind Read(ReadOnlySpan<float> map, ReadOnlySpan<double> exact, int width, ReadOnlySpan<Box> truths)
    {
        MapKind kind = ReadScores(map, exact);
        (_width, _greatest) = (width, 0);
        for (int i = 0; i < _grey.Length; i++)
        {
            _grey[i] = (byte)(_scores[i] * 255);
            _greatest = Math.Max(_greatest, _grey[i]);
        }

        int last = -1;
        for (int i = 0; i < Count; i++)
        {
            int cut = Cut(Threshold(i));
            if (cut == last)
            {
                (_boxes[i], _reach[i]) = (_boxes[i - 1], _reach[i - 1]);
                continue;
            }

            last = cut;
            _contours.Find(_grey, width, cut);
            _boxes[i] = OrTopLeft(_contours.Largest());
            int best = IouLimits.Reach(_boxes[i]!.Value, truths);
            foreach (Box box in _contours.All())
            {
                best = Math.Max(best, IouLimits.Reach(Wider(box), truths));
            }

            _reach[i] = best;
        }

        return kind;
    }

    /// <inheritdoc/>
    public IReadOnlyList<Box> BoxesAt(int index) => BoxesAbove(Cut(Threshold(index)));

    /// <inheritdoc/>
    public IReadOnlyList<Box> PaperBoxes() => BoxesAbove(Cut(paperShare));

    /// <inheritdoc/>
    public void AddPixels(PixelPrecision pixels, ReadOnlySpan<byte> mask) => pixels.Add(_scores, mask);

    private MapKind ReadScores(ReadOnlySpan<float> map, ReadOnlySpan<double> exact)
    {
        if (_scores.Length != map.Length)
        {
            (_scores, _grey) = (new double[map.Length], new byte[map.Length]);
        }

        if (exact.Length > 0)
        {
            exact.CopyTo(_scores);
            return MapNormalization.Range(map, out _, out _);
        }

        float[] normalized = new float[map.Length];
        MapKind kind = MapNormalization.Normalize(map, normalized);
        for (int i = 0; i < normalized.Length; i++)
        {
            _scores[i] = normalized[i];
        }

        return kind;
    }

    private int Cut(double threshold) => (int)(threshold * _greatest);

    private Box[] BoxesAbove(int cut)
    {
        _contours.Find(_grey, _width, cut);
        Box[] boxes = [.. _contours.LargestFirst().Select(Wider)];
        return boxes.Length > 0 ? boxes : [OrTopLeft(null)];
    }

    private Box OrTopLeft(Box? box) => box is { } found ? Wider(found) : new Box(0, 0, 0, 0);

    private Box Wider(Box box) => box with
    {
        X1 = Math.Min(box.X1 + 1, _width - 1),
        Y1 = Math.Min(box.Y1 + 1, (_grey.Length / _width) - 1),
    };
}
