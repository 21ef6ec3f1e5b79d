using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// y behind 2x2 max-pooling as a product: four rows in turn are the output pixels of one window, so that the thread that has
/// them picks the winner and only that is written. Columns are output channels, the depth runs over (kh, kw, ic).
/// </summary>
public readonly struct Conv2DMaxPoolProduct(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> argmax,
    Conv2DGeometry g, Shape yShape, int outWidth, int hasBias, int relu) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => yShape.N * yShape.H * yShape.W * 4;

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
        int cell = row / 4, line = cell / yShape.W;
        int oh = (line % yShape.H * 2) + (row % 4 / 2), ow = (cell % yShape.W * 2) + (row % 2);
        return Conv2DWindows.Pixel(g, line / yShape.H, oh, ow);
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
        var lanes = new Lanes(column, yShape.C, 1);
        Float4 start = hasBias != 0 ? Float4.Load(bias, column, lanes) : default;
        sum = sum.Plus(start);
        if (relu != 0)
        {
            sum = sum.Relu();
        }

        int cell = row / 4, line = cell / yShape.W;
        int first = (line % yShape.H * 2 * outWidth) + (cell % yShape.W * 2);
        int at = (cell * yShape.C) + column;
        Pick(at, first, sum.R0.F0, sum.R1.F0, sum.R2.F0, sum.R3.F0);
        if (lanes.Used > 1)
        {
            Pick(at + 1, first, sum.R0.F1, sum.R1.F1, sum.R2.F1, sum.R3.F1);
        }

        if (lanes.Used > 2)
        {
            Pick(at + 2, first, sum.R0.F2, sum.R1.F2, sum.R2.F2, sum.R3.F2);
        }

        if (lanes.Used > 3)
        {
            Pick(at + 3, first, sum.R0.F3, sum.R1.F3, sum.R2.F3, sum.R3.F3);
        }
    }

    /// <summary>As <see cref="MaxPool2D"/> picks: the first of equals, and a NaN rather than any number.</summary>
    private void Pick(int at, int first, float v0, float v1, float v2, float v3)
    {
        int winner = first;
        float best = v0;
        if (v1 > best || float.IsNaN(v1))
        {
            best = v1;
            winner = first + 1;
        }

        if (v2 > best || float.IsNaN(v2))
        {
            best = v2;
            winner = first + outWidth;
        }

        if (v3 > best || float.IsNaN(v3))
        {
            best = v3;
            winner = first + outWidth + 1;
        }

        y[at] = best;
        argmax[at] = winner;
    }
}
