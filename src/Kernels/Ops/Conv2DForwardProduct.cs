using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>y as a product: rows are output pixels, columns output channels, the depth runs over (kh, kw, ic).</summary>
public readonly struct Conv2DForwardProduct(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> y,
    Conv2DGeometry g, Shape yShape, int hasBias, int relu) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => yShape.N * yShape.H * yShape.W;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => g.KH * g.KW * g.X.C;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool RightRunsAlongDepth => false;

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row)
    {
        int line = row / yShape.W;
        return Conv2DWindows.Pixel(g, line / yShape.H, line % yShape.H, row % yShape.W);
    }

    /// <inheritdoc/>
    public TilePlace PlaceDepth(int depth) => Conv2DWindows.Tap(g, depth);

    /// <inheritdoc/>
    public float Left(TilePlace row, TilePlace depth) => Conv2DWindows.Read(x, g, row, depth);

    /// <inheritdoc/>
    public float Right(TilePlace depth, int column) => weight[depth.Right + column];

    /// <inheritdoc/>
    public void Store(int row, int column, int split, Tile4x4 sum)
    {
        Float4 start = hasBias != 0 ? Float4.Load(bias, column, new Lanes(column, yShape.C, 1)) : default;
        sum = sum.Plus(start);
        if (relu != 0)
        {
            sum = sum.Relu();
        }

        sum.Store(y, 0, row, column, Rows, yShape.C);
    }
}
