using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// dx of a strided convolution as a product: rows are input pixels, columns input channels, the depth runs over (kh, kw, oc). Its right
/// factor is the weight with the two channels of each tap changed over, <c>[kh, kw, oc, ic]</c>.
/// </summary>
internal readonly struct Conv2DBackwardDataProduct(
    ArrayView<float> dy, ArrayView<float> turned, ArrayView<float> dx, Conv2DGeometry g, Shape yShape, TiledWidth wide) : ITiledProduct
{
    private readonly Divisor _channels = new(yShape.C), _kernelWidth = new(g.KW), _strideH = new(g.StrideH), _strideW = new(g.StrideW);

    /// <inheritdoc/>
    public int Rows => g.X.N * g.X.H * g.X.W;

    /// <inheritdoc/>
    public int Columns => g.X.C;

    /// <inheritdoc/>
    public int Depth => g.KH * g.KW * yShape.C;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => dy;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => turned;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <summary>The image's first output pixel, and where the pixel lies in the padded input.</summary>
    public TilePlace PlaceRow(int row)
    {
        int line = row / g.X.W, n = line / g.X.H;
        return new TilePlace(n * yShape.H * yShape.W, (line - (n * g.X.H)) + g.PadTop, (row - (line * g.X.W)) + g.PadLeft);
    }

    /// <summary>The output channel and the tap's distance.</summary>
    public TilePlace PlaceDepth(int depth)
    {
        int tap = _channels.Quotient(depth), kh = _kernelWidth.Quotient(tap);
        return new TilePlace(depth - (tap * yShape.C), kh * g.DilationH, (tap - (kh * g.KW)) * g.DilationW);
    }

    /// <summary>
    /// dy where the tap leads back to, nothing outside the output and, with a stride, between its pixels. What lies before the output
    /// divides as a number of 2^31 or more.
    /// </summary>
    public bool Meet(TilePlace row, TilePlace depth)
    {
        int h = row.H - depth.H, w = row.W - depth.W, oh = _strideH.Quotient(h), ow = _strideW.Quotient(w);
        return (uint)oh < (uint)yShape.H && (uint)ow < (uint)yShape.W && oh * g.StrideH == h && ow * g.StrideW == w;
    }

    /// <inheritdoc/>
    public int Left(TilePlace row, TilePlace depth)
    {
        int oh = _strideH.Quotient(row.H - depth.H), ow = _strideW.Quotient(row.W - depth.W);
        return ((row.At + (oh * yShape.W) + ow) * yShape.C) + depth.At;
    }

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum) => sum.Store(dx, 0, row, column, Rows, g.X.C, wide.Result);
}

/// <summary>
/// One thread, one element of the weight with the channels of each tap changed over and, where <paramref name="reversed"/> is not 0,
/// the taps in the opposite order.
/// </summary>
internal readonly struct TurnedTapsKernel(
    ArrayView<float> weight, ArrayView<float> turned, int taps, int inputs, int outputs, int reversed) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int ic = index % inputs, line = index / inputs, oc = line % outputs, tap = line / outputs;
        int from = reversed != 0 ? taps - 1 - tap : tap;
        turned[index] = weight[(((from * inputs) + ic) * outputs) + oc];
    }
}
