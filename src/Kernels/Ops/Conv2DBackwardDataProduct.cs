using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// dx of a strided convolution as a product: rows are input pixels, columns input channels, the depth runs over (kh, kw, oc); for groups
/// of channels one product each. Its right factor is the weight with the two channels of each tap changed over,
/// <c>[group, kh, kw, oc, ic]</c>.
/// </summary>
/// <param name="dy">What is gathered.</param>
/// <param name="turned">Right factors.</param>
/// <param name="g">Which pixel meets which weight.</param>
/// <param name="yShape">Extents of dy.</param>
/// <param name="wide">Which factors are read four floats at a time.</param>
/// <param name="batches">Where the products' factors lie.</param>
/// <param name="result">Where the sums go.</param>
internal readonly struct Conv2DBackwardDataProduct(
    ArrayView<float> dy, ArrayView<float> turned, Conv2DGeometry g, Shape yShape, TiledWidth wide, ProductBatches batches,
    ProductResult result) : ITiledProduct
{
    private readonly Divisor _channels = new(yShape.C / batches.Count), _kernelWidth = new(g.KW);
    private readonly Divisor _strideH = new(g.StrideH), _strideW = new(g.StrideW);
    private readonly int _depth = yShape.C / batches.Count;

    /// <inheritdoc/>
    public int Rows => batches.Rows;

    /// <inheritdoc/>
    public int Columns => result.Columns;

    /// <inheritdoc/>
    public int Depth => g.KH * g.KW * _depth;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => dy;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => turned;

    /// <inheritdoc/>
    public int RightPitch => batches.RightPitch;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <inheritdoc/>
    public int RightStart(int row) => batches.Right(row);

    /// <summary>The image's first output pixel, in floats, and where the pixel lies in the padded input.</summary>
    public TilePlace PlaceRow(int row)
    {
        int batch = batches.Of(row), pixel = batches.RowOf(row, batch), line = pixel / g.X.W, n = line / g.X.H;
        int at = (n * yShape.H * yShape.W * yShape.C) + batches.Left(batch);
        return pixel < batches.One
            ? new TilePlace(at, (line - (n * g.X.H)) + g.PadTop, (pixel - (line * g.X.W)) + g.PadLeft)
            : TilePlace.Nowhere;
    }

    /// <summary>The output channel and the tap's distance.</summary>
    public TilePlace PlaceDepth(int depth)
    {
        int tap = _channels.Quotient(depth), kh = _kernelWidth.Quotient(tap);
        return new TilePlace(depth - (tap * _depth), kh * g.DilationH, (tap - (kh * g.KW)) * g.DilationW);
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
        return row.At + (((oh * yShape.W) + ow) * yShape.C) + depth.At;
    }

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum)
    {
        int batch = batches.Of(row), pixel = batches.RowOf(row, batch);
        if (pixel < batches.One)
        {
            result.Store(batch, pixel, column, batches.One, split, sum);
        }
    }
}

/// <summary>
/// One thread, one element of the weight with the channels of each tap changed over, group by group, and, where
/// <paramref name="reversed"/> is not 0, the taps in the opposite order: <c>[KH, KW, IC, OC]</c>, of one group, to
/// <c>[groups, KH, KW, OC, IC]</c>.
/// </summary>
internal readonly struct TurnedTapsKernel(
    ArrayView<float> weight, ArrayView<float> turned, int taps, int inputs, int outputs, int groups, int reversed) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int ic = index % inputs, line = index / inputs, oc = line % outputs, place = line / outputs;
        int tap = place % taps, group = place / taps, from = reversed != 0 ? taps - 1 - tap : tap;
        turned[index] = weight[(((((from * inputs) + ic) * groups) + group) * outputs) + oc];
    }
}
