using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>How a window moves over an image: the same for convolution and pooling, whatever the image's size.</summary>
/// <param name="KH">Height of the window.</param>
/// <param name="KW">Width of the window.</param>
public sealed record WindowRule(int KH, int KW)
{
    /// <summary>Rows from one window to the next.</summary>
    public int StrideH { get; init; } = 1;

    /// <summary>Columns from one window to the next.</summary>
    public int StrideW { get; init; } = 1;

    /// <summary>Rows from one row of the window to its next.</summary>
    public int DilationH { get; init; } = 1;

    /// <summary>Columns from one column of the window to its next.</summary>
    public int DilationW { get; init; } = 1;

    /// <summary>Rows above, columns left, rows below, columns right of the image that windows reach into; used where <see cref="Same"/>
    /// is not set.</summary>
    public (int Top, int Left, int Bottom, int Right) Pads { get; init; }

    /// <summary>Pads by what makes the output as large as the input over the stride, rounded up.</summary>
    public SamePadding Same { get; init; }

    /// <summary>Whether the last window may reach past the padded image.</summary>
    public bool Ceil { get; init; }

    /// <summary>The padding for an image of these extents.</summary>
    public (int Top, int Left, int Bottom, int Right) PadsOf(Shape x)
    {
        if (Same == SamePadding.No)
        {
            return Pads;
        }

        (int top, int bottom) = Split(x.H, KH, StrideH, DilationH);
        (int left, int right) = Split(x.W, KW, StrideW, DilationW);
        return (top, left, bottom, right);
    }

    /// <summary>For messages: <c>3x3/2</c>.</summary>
    public override string ToString()
    {
        string stride = StrideH == StrideW ? $"/{StrideH}" : $"/{StrideH}x{StrideW}";
        return $"{KH}x{KW}{(StrideH == 1 && StrideW == 1 ? "" : stride)}";
    }

    private (int Before, int After) Split(int extent, int kernel, int stride, int dilation)
    {
        long wide = (((((long)extent + stride - 1) / stride) - 1) * stride) + ((long)dilation * (kernel - 1)) + 1 - extent;
        // Beyond that no window fits, which is said where it is used.
        int total = (int)Math.Clamp(wide, 0, int.MaxValue), less = total / 2, more = total - less;
        return Same == SamePadding.Upper ? (less, more) : (more, less);
    }
}

/// <summary>Where the odd cell of a padding goes that is worked out from the image.</summary>
public enum SamePadding
{
    /// <summary>The padding is given.</summary>
    No,

    /// <summary>At the end: TensorFlow's SAME, ONNX's SAME_UPPER.</summary>
    Upper,

    /// <summary>At the beginning: ONNX's SAME_LOWER.</summary>
    Lower,
}
