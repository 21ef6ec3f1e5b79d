namespace GpuCam.Model;

/// <summary>
/// The papers' rules: arXiv 1512.04150 for the raw map cut at a share of its maximum, arXiv 2001.07437 for the sweep over the min-max
/// normalised map.
/// </summary>
/// <param name="thresholds">Thresholds of the sweep: 0, 1 / (thresholds - 1), …, 1.</param>
/// <param name="paperShare">The paper's threshold, as a share of the raw map's maximum.</param>
internal sealed class ComponentRules(int thresholds, float paperShare) : IMapRules
{
    private readonly MapComponents _components = new();
    private readonly BoxSweep _sweep = new(thresholds);
    private float[] _raw = [];
    private float[] _normalized = [];
    private int _width;
    private MapKind _kind;

    /// <inheritdoc/>
    public int Count => _sweep.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<Box?> Boxes => _sweep.LastBoxes;

    /// <inheritdoc/>
    public ReadOnlySpan<int> BestReach => _sweep.BestReach;

    /// <inheritdoc/>
    public double Threshold(int index) => _sweep.Threshold(index);

    /// <inheritdoc/>
    public MapKind Read(ReadOnlySpan<float> map, ReadOnlySpan<double> exact, int width, ReadOnlySpan<Box> truths)
    {
        if (_raw.Length != map.Length)
        {
            (_raw, _normalized) = (new float[map.Length], new float[map.Length]);
        }

        map.CopyTo(_raw);
        _width = width;
        _sweep.Boxes(map, width, truths);
        return _kind = MapNormalization.Normalize(map, _normalized);
    }

    /// <inheritdoc/>
    public IReadOnlyList<Box> BoxesAt(int index) =>
        _kind == MapKind.Defined ? BoxesOf(_components.Above(_normalized, _width, _sweep.Threshold(index))) : [];

    /// <inheritdoc/>
    public IReadOnlyList<Box> PaperBoxes() =>
        _kind == MapKind.Defined ? BoxesOf(_components.AboveShareOfMax(_raw, _width, paperShare)) : [];

    /// <inheritdoc/>
    public void AddPixels(PixelPrecision pixels, ReadOnlySpan<byte> mask) => pixels.Add(_normalized, mask);

    private static Box[] BoxesOf(IReadOnlyList<MapComponent> components) => [.. components.Select(component => component.Box)];
}
