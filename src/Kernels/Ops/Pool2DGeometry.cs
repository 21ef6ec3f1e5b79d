namespace GpuCam.Kernels.Ops;

/// <summary>
/// The windows of a pooling: output (oh, ow) looks at the input pixels <c>ih = oh * StrideH + kh * DilationH - PadTop</c>,
/// <c>iw = ow * StrideW + kw * DilationW - PadLeft</c>. Windows that would reach past the padded border are dropped, unless
/// <see cref="Ceil"/> asks for them: then they are cut off at the border, and only those that would begin behind the last row or
/// column of the input are dropped (ONNX since its change 5741 of 2024, PyTorch always).
/// </summary>
/// <param name="X">Input, NHWC.</param>
/// <param name="KH">Height of a window.</param>
/// <param name="KW">Width of a window.</param>
/// <param name="StrideH">Step between windows, in input rows.</param>
/// <param name="StrideW">Step between windows, in input columns.</param>
/// <param name="PadTop">Rows above the input that windows may reach into.</param>
/// <param name="PadLeft">Columns left of the input that windows may reach into.</param>
/// <param name="PadBottom">Rows below the input that windows may reach into.</param>
/// <param name="PadRight">Columns right of the input that windows may reach into.</param>
/// <param name="DilationH">Step between the rows of a window; 1 is a dense one.</param>
/// <param name="DilationW">Step between the columns of a window.</param>
/// <param name="Ceil">Whether the number of windows is rounded up instead of down.</param>
public readonly record struct Pool2DGeometry(
    Shape X,
    int KH,
    int KW,
    int StrideH,
    int StrideW,
    int PadTop,
    int PadLeft,
    int PadBottom,
    int PadRight,
    int DilationH,
    int DilationW,
    bool Ceil)
{
    /// <summary>Shape of the output, <c>[N, OH, OW, C]</c>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public Shape Y
    {
        get
        {
            Check();
            return new Shape(X.N, (int)OH, (int)OW, X.C);
        }
    }

    /// <summary>The rows; only where the geometry is possible.</summary>
    internal PoolAxis Vertical => new(X.H, (int)OH, KH, StrideH, PadTop, PadBottom, DilationH);

    /// <summary>The columns; only where the geometry is possible.</summary>
    internal PoolAxis Horizontal => new(X.W, (int)OW, KW, StrideW, PadLeft, PadRight, DilationW);

    /// <summary>Whether these are windows of 2x2 that do not overlap, all of them whole.</summary>
    internal bool Halves =>
        this is { KH: 2, KW: 2, StrideH: 2, StrideW: 2, PadTop: 0, PadLeft: 0, DilationH: 1, DilationW: 1 }
        && OH == X.H / 2 && OW == X.W / 2;

    private long OH => Windows(X.H, KH, StrideH, PadTop, PadBottom, DilationH);

    private long OW => Windows(X.W, KW, StrideW, PadLeft, PadRight, DilationW);

    /// <summary>Square windows with the same stride and padding on all sides, none of them cut off.</summary>
    public static Pool2DGeometry Square(Shape x, int size, int stride, int padding) =>
        new(x, size, size, stride, stride, padding, padding, padding, padding, 1, 1, false);

    /// <summary>Throws if no pooling can look like this, or if one of its windows would see nothing of the input.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public void Check()
    {
        if (X.N < 1 || X.H < 1 || X.W < 1 || X.C < 1 || KH < 1 || KW < 1)
        {
            throw new GpuCamException($"{this}: input and window must be at least 1");
        }

        if (StrideH < 1 || StrideW < 1 || DilationH < 1 || DilationW < 1)
        {
            throw new GpuCamException($"{this}: stride and dilation must be at least 1");
        }

        if (PadTop < 0 || PadLeft < 0 || PadBottom < 0 || PadRight < 0)
        {
            throw new GpuCamException($"{this}: padding must not be negative");
        }

        CheckAxis("row", X.H, KH, StrideH, PadTop, PadBottom, DilationH);
        CheckAxis("column", X.W, KW, StrideW, PadLeft, PadRight, DilationW);
        decimal largest = Math.Max((decimal)X.N * X.H * X.W * X.C, (decimal)X.N * OH * OW * X.C);
        if (largest > int.MaxValue)
        {
            throw new GpuCamException($"{this}: a tensor would have more than {int.MaxValue} elements; use a smaller batch");
        }
    }

    /// <inheritdoc/>
    public override string ToString() =>
        $"pooling {KH}x{KW} of {X} (stride {StrideH}x{StrideW}, padding {PadTop},{PadLeft},{PadBottom},{PadRight}, " +
        $"dilation {DilationH}x{DilationW}{(Ceil ? ", ceil" : "")})";

    private long Windows(int input, int size, int stride, int before, int after, int dilation)
    {
        long steps = (long)input + before + after - ((long)dilation * (size - 1)) - 1;
        long windows = ((steps + (Ceil ? stride - 1 : 0)) / stride) + 1;
        return Ceil && (windows - 1) * stride >= (long)input + before ? windows - 1 : windows;
    }

    private void CheckAxis(string line, int input, int size, int stride, int before, int after, int dilation)
    {
        long reach = ((long)dilation * (size - 1)) + 1, padded = (long)input + before + after;
        if (reach > padded)
        {
            throw new GpuCamException($"{this}: a window reaches over {reach} {line}s, the padded input has {padded}; " +
                "use a larger input or a smaller window");
        }

        long windows = Windows(input, size, stride, before, after, dilation);
        if (padded + reach + stride > int.MaxValue)
        {
            throw new GpuCamException($"{this}: more than {int.MaxValue} {line}s");
        }

        // Only windows that begin outside can see nothing: before the input, where the gaps of a dilated one may lie on it, or behind it.
        var axis = new PoolAxis(input, (int)windows, size, stride, before, after, dilation);
        long empty = -1;
        for (int o = 0; (long)o * stride < before && o < windows && empty < 0; o++)
        {
            empty = axis.First(o) >= axis.End(o) ? o : -1;
        }

        if (empty < 0 && ((windows - 1) * stride) - before >= input)
        {
            empty = windows - 1;
        }

        if (empty >= 0)
        {
            throw new GpuCamException(
                $"{this}: the window at {line} {(empty * stride) - before} sees no pixel of the input; use less padding");
        }
    }
}
