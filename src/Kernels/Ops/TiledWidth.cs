namespace GpuCam.Kernels.Ops;

/// <summary>
/// Which of a product's factors are read four floats at a time: those whose channels, in each group, are a multiple of 4 and that start
/// at one. Not 0 is yes, because a kernel takes no booleans.
/// </summary>
internal readonly struct TiledWidth
{
    internal TiledWidth(bool left, bool right) => (Left, Right) = (left ? 1 : 0, right ? 1 : 0);

    /// <summary>The tensor that A is gathered from.</summary>
    public int Left { get; }

    /// <summary>B.</summary>
    public int Right { get; }
}
