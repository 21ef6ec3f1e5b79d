namespace GpuCam.Kernels.Ops;

/// <summary>
/// Which of a product's tensors are read and written four floats at a time: those whose channels are a multiple of 4 and that start
/// at one. Not 0 is yes, because a kernel takes no booleans.
/// </summary>
public readonly struct TiledWidth
{
    internal TiledWidth(Tensor left, Tensor right, Tensor result)
        : this(left, IsWide(right), IsWide(result))
    {
    }

    internal TiledWidth(Tensor left, bool right, bool result)
    {
        Left = IsWide(left) ? 1 : 0;
        Right = right ? 1 : 0;
        Result = result ? 1 : 0;
    }

    /// <summary>The tensor that A is gathered from.</summary>
    public int Left { get; }

    /// <summary>B.</summary>
    public int Right { get; }

    /// <summary>C.</summary>
    public int Result { get; }

    internal static bool IsWide(Tensor tensor) => tensor.Shape.C % Float4.Count == 0 && tensor.Offset % Float4.Count == 0;
}
