namespace GpuCam.Kernels.Ops;

/// <summary>
/// Which of a product's tensors are read and written four floats at a time: those whose channels are a multiple of 4 and that start
/// at one. Not 0 is yes, because a kernel takes no booleans.
/// </summary>
internal readonly struct TiledWidth
{
    internal TiledWidth(Tensor left, Tensor right, Tensor result)
    {
        Left = Quads.Fit(left.Shape.C, left) ? 1 : 0;
        Right = Quads.Fit(right.Shape.C, right) ? 1 : 0;
        Result = Quads.Fit(result.Shape.C, result) ? 1 : 0;
    }

    /// <summary>The tensor that A is gathered from.</summary>
    public int Left { get; }

    /// <summary>B.</summary>
    public int Right { get; }

    /// <summary>C.</summary>
    public int Result { get; }
}
