using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>dx as a product: rows are input pixels, columns input channels, the depth runs over (kh, kw, oc).</summary>
public readonly struct Conv2DBackwardDataProduct(
    ArrayView<float> dy, ArrayView<float> weight, ArrayView<float> dx, Conv2DGeometry g, Shape yShape) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => g.X.N * g.X.H * g.X.W;

    /// <inheritdoc/>
    public int Columns => g.X.C;

    /// <inheritdoc/>
    public int Depth => g.KH * g.KW * yShape.C;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool RightRunsAlongDepth => true;

    /// <summary>The image's first output pixel, and where the pixel lies in the padded input.</summary>
    public TilePlace PlaceRow(int row)
    {
        int line = row / g.X.W, n = line / g.X.H;
        return new TilePlace(n * yShape.H * yShape.W, (line - (n * g.X.H)) + g.PadTop, (row - (line * g.X.W)) + g.PadLeft, 0);
    }

    /// <summary>The output channel, the tap's distance, and the weight of input channel 0.</summary>
    public TilePlace PlaceDepth(int depth)
    {
        int tap = depth / yShape.C, kh = tap / g.KW, oc = depth - (tap * yShape.C);
        return new TilePlace(oc, kh * g.DilationH, (tap - (kh * g.KW)) * g.DilationW, (tap * g.X.C * yShape.C) + oc);
    }

    /// <summary>dy where the tap leads back to, zero outside the output and, with a stride, between its pixels.</summary>
    public float Left(TilePlace row, TilePlace depth)
    {
        int h = row.H - depth.H, w = row.W - depth.W;
        int oh = h, ow = w;
        if (g.StrideH > 1)
        {
            oh = h / g.StrideH;
        }

        if (g.StrideW > 1)
        {
            ow = w / g.StrideW;
        }

        bool inside = (uint)oh < (uint)yShape.H && (uint)ow < (uint)yShape.W && oh * g.StrideH == h && ow * g.StrideW == w;
        return inside ? dy[((row.At + (oh * yShape.W) + ow) * yShape.C) + depth.At] : 0;
    }

    /// <inheritdoc/>
    public float Right(TilePlace depth, int column) => weight[depth.Right + (column * yShape.C)];

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum) => sum.Store(dx, 0, row, column, Rows, g.X.C);
}
