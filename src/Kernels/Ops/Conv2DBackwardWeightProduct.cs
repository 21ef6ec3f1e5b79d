using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// dWeight as a product: rows are (kh, kw, ic), columns output channels, the depth runs over the output pixels of all images; for groups
/// of channels one product each. The result is small and the depth large, so that groups sum parts of the depth, each into a matrix of
/// its own. With windows of one pixel it is a product whose left factor lies turned.
/// </summary>
/// <param name="x">What windows are taken from.</param>
/// <param name="dy">Right factors.</param>
/// <param name="windows">The windows.</param>
/// <param name="yShape">Extents of dy, as one product sees it.</param>
/// <param name="wide">Which factors are read four floats at a time.</param>
/// <param name="batches">Where the products' factors lie.</param>
/// <param name="result">Where the sums go.</param>
internal readonly struct Conv2DBackwardWeightProduct(
    ArrayView<float> x, ArrayView<float> dy, Conv2DWindows windows, Shape yShape, TiledWidth wide, ProductBatches batches,
    ProductResult result) : ITiledProduct
{
    private readonly Divisor _width = new(yShape.W), _height = new(yShape.H);

    /// <inheritdoc/>
    public int Rows => batches.Rows;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => yShape.N * yShape.H * yShape.W;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => x;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => dy;

    /// <inheritdoc/>
    public int RightPitch => batches.RightPitch;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => false;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <inheritdoc/>
    public int RightStart(int row) => batches.Right(row);

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row)
    {
        int batch = batches.Of(row), tap = batches.RowOf(row, batch);
        return tap < batches.One ? windows.Tap(tap, batches.Left(batch)) : TilePlace.Nowhere;
    }

    /// <inheritdoc/>
    public TilePlace PlaceDepth(int depth)
    {
        int line = _width.Quotient(depth), n = _height.Quotient(line);
        return windows.Pixel(n, line - (n * yShape.H), depth - (line * yShape.W), 0);
    }

    /// <inheritdoc/>
    public bool Meet(TilePlace row, TilePlace depth) => windows.Meet(depth, row);

    /// <inheritdoc/>
    public int Left(TilePlace row, TilePlace depth) => row.At + depth.At;

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum)
    {
        int batch = batches.Of(row), tap = batches.RowOf(row, batch);
        if (tap < batches.One)
        {
            result.Store(batch, tap, column, batches.One, split, sum);
        }
    }
}
