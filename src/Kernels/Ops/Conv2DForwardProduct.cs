using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>y as a product: rows are output pixels, columns output channels, the depth runs over (kh, kw, ic).</summary>
internal readonly struct Conv2DForwardProduct(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> y,
    Conv2DWindows windows, Shape yShape, TiledWidth wide, int hasBias, int relu) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => yShape.N * yShape.H * yShape.W;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => windows.Taps;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => x;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => weight;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row)
    {
        int line = row / yShape.W;
        return windows.Pixel(line / yShape.H, line % yShape.H, row % yShape.W);
    }

    /// <inheritdoc/>
    public TilePlace PlaceDepth(int depth) => windows.Tap(depth);

    /// <inheritdoc/>
    public bool Meet(TilePlace row, TilePlace depth) => windows.Meet(row, depth);

    /// <inheritdoc/>
    public int Left(TilePlace row, TilePlace depth) => row.At + depth.At;

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum)
    {
        Float4 start = hasBias != 0 ? Float4.Load(bias, column, new Lanes(column, yShape.C, 1)) : default;
        sum = sum.Plus(start);
        if (relu != 0)
        {
            sum = sum.Relu();
        }

        sum.Store(y, 0, row, column, Rows, yShape.C, wide.Result);
    }
}
