namespace GpuCam.Model;

/// <summary>By whose rules boxes and pixels come from maps (docs/metrics.md has both).</summary>
public enum MapRules
{
    /// <summary>Those of the papers: components by their pixels, nothing rounded.</summary>
    Components,

    /// <summary>
    /// Those of the public evaluation code of arXiv 2001.07437: maps and boxes of 224x224 pixels, 256 greys, outlines by the area they
    /// enclose, boxes a pixel wider.
    /// </summary>
    Contours,
}

/// <summary>What a set of rules makes of a map, one map at a time. Not for two threads at once.</summary>
internal interface IMapRules
{
    /// <summary>Thresholds of the sweep.</summary>
    int Count { get; }

    /// <summary>Per threshold the box of the largest part; null where there is none. Of the last map.</summary>
    ReadOnlySpan<Box?> Boxes { get; }

    /// <summary>Per threshold the best <see cref="IouLimits.Reach"/> of all parts, the largest or not. Of the last map.</summary>
    ReadOnlySpan<int> BestReach { get; }

    /// <summary>Threshold <paramref name="index"/> of the sweep.</summary>
    double Threshold(int index);

    /// <summary>Looks at a map.</summary>
    /// <param name="map">A raw map, row after row.</param>
    /// <param name="exact">The same in double precision and already from 0 to 1, as a file has it; else empty.</param>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="truths">The true boxes that <see cref="BestReach"/> is about.</param>
    MapKind Read(ReadOnlySpan<float> map, ReadOnlySpan<double> exact, int width, ReadOnlySpan<Box> truths);

    /// <summary>The boxes of the last map's parts at threshold <paramref name="index"/> of the sweep, largest first.</summary>
    IReadOnlyList<Box> BoxesAt(int index);

    /// <summary>The boxes of its parts at the paper's threshold, largest first.</summary>
    IReadOnlyList<Box> PaperBoxes();

    /// <summary>Counts the last map's pixels.</summary>
    /// <param name="pixels">Gets the counts.</param>
    /// <param name="mask">See <see cref="PixelPrecision"/>.</param>
    void AddPixels(PixelPrecision pixels, ReadOnlySpan<byte> mask);
}
