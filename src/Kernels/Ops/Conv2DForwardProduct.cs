using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// y as a product: rows are output pixels, columns output channels, the depth runs over (kh, kw, ic); for groups of channels one product
/// each. A matrix is an image of as many pixels as it has rows, so products of matrices are those of windows of one pixel.
/// </summary>
/// <param name="x">What windows are taken from.</param>
/// <param name="weight">Right factors.</param>
/// <param name="windows">The windows.</param>
/// <param name="yShape">Extents of one product's result.</param>
/// <param name="wide">Which factors are read four floats at a time.</param>
/// <param name="batches">Where the products' factors lie.</param>
/// <param name="epilogue">What becomes of the sums.</param>
internal readonly struct Conv2DForwardProduct(
    ArrayView<float> x, ArrayView<float> weight, Conv2DWindows windows, Shape yShape, TiledWidth wide, ProductBatches batches,
    ProductEpilogue epilogue) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => batches.Rows;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => windows.Taps;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => x;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => weight;

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

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row)
    {
        int batch = batches.Of(row), pixel = batches.RowOf(row, batch), line = pixel / yShape.W;
        return pixel < batches.One
            ? windows.Pixel(line / yShape.H, line % yShape.H, pixel % yShape.W, batches.Left(batch))
            : TilePlace.Nowhere;
    }

    /// <inheritdoc/>
    public TilePlace PlaceDepth(int depth) => windows.Tap(depth, 0);

    /// <inheritdoc/>
    public bool Meet(TilePlace row, TilePlace depth) => windows.Meet(row, depth);

    /// <inheritdoc/>
    public int Left(TilePlace row, TilePlace depth) => row.At + depth.At;

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum)
    {
        int batch = batches.Of(row), pixel = batches.RowOf(row, batch);
        if (pixel < batches.One)
        {
            epilogue.Store(batch, pixel, column, batches.One, split, sum);
        }
    }
}
