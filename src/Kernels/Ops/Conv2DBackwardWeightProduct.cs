using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// dWeight as a product: rows are (kh, kw, ic), columns output channels, the depth runs over the output pixels of all images.
/// The result is small and the depth large, so that groups sum parts of the depth, each into a matrix of its own.
/// </summary>
public readonly struct Conv2DBackwardWeightProduct(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> parts, Conv2DGeometry g, Shape yShape) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => g.KH * g.KW * g.X.C;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => yShape.N * yShape.H * yShape.W;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => false;

    /// <inheritdoc/>
    public bool RightRunsAlongDepth => false;

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row) => Conv2DWindows.Tap(g, row);

    /// <summary>The output pixel's window, and its row of dy; moved to where the padded image starts, so that h is not negative.</summary>
    public TilePlace PlaceDepth(int depth)
    {
        int line = depth / yShape.W, n = line / yShape.H;
        TilePlace pixel = Conv2DWindows.Pixel(g, n, line - (n * yShape.H), depth - (line * yShape.W));
        return new TilePlace(pixel.At, pixel.H + g.PadTop, pixel.W + g.PadLeft, depth * yShape.C);
    }

    /// <inheritdoc/>
    public float Left(TilePlace row, TilePlace depth)
    {
        int h = row.H + depth.H - g.PadTop, w = row.W + depth.W - g.PadLeft;
        bool inside = (uint)h < (uint)g.X.H && (uint)w < (uint)g.X.W;
        return inside ? x[row.At + depth.At] : 0;
    }

    /// <inheritdoc/>
    public float Right(TilePlace depth, int column) => dy[depth.Right + column];

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum) =>
        sum.Store(parts, split * Rows * yShape.C, row, column, Rows, yShape.C);
}
