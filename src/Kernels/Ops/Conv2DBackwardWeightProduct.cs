using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// dWeight as a product: rows are (kh, kw, ic), columns output channels, the depth runs over the output pixels of all images.
/// The result is small and the depth large, so that groups sum parts of the depth, each into a matrix of its own.
/// </summary>
internal readonly struct Conv2DBackwardWeightProduct(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> parts, Conv2DWindows windows, Shape yShape, TiledWidth wide) : ITiledProduct
{
    private readonly Divisor _width = new(yShape.W), _height = new(yShape.H);

    /// <inheritdoc/>
    public int Rows => windows.Taps;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => yShape.N * yShape.H * yShape.W;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => x;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => dy;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => false;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row) => windows.Tap(row);

    /// <inheritdoc/>
    public TilePlace PlaceDepth(int depth)
    {
        int line = _width.Quotient(depth), n = _height.Quotient(line);
        return windows.Pixel(n, line - (n * yShape.H), depth - (line * yShape.W));
    }

    /// <inheritdoc/>
    public bool Meet(TilePlace row, TilePlace depth) => windows.Meet(depth, row);

    /// <inheritdoc/>
    public int Left(TilePlace row, TilePlace depth) => row.At + depth.At;

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum) =>
        sum.Store(parts, split * Rows * yShape.C, row, column, Rows, yShape.C, wide.Result);
}
