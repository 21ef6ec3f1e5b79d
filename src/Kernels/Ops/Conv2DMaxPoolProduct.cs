using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// y behind 2x2 max-pooling as a product: four rows in turn are the output pixels of one window, so that the thread that has
/// them picks the winner and only that is written. Columns are output channels, the depth runs over (kh, kw, ic).
/// </summary>
internal readonly struct Conv2DMaxPoolProduct(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> argmax,
    Conv2DWindows windows, Shape yShape, TiledWidth wide, int isWide, int outWidth, int hasBias, int relu) : ITiledProduct
{
    /// <inheritdoc/>
    public int Rows => yShape.N * yShape.H * yShape.W * 4;

    /// <inheritdoc/>
    public int Columns => yShape.C;

    /// <inheritdoc/>
    public int Depth => windows.Taps;

    /// <inheritdoc/>
    public ArrayView<float> LeftValues => x;

    /// <inheritdoc/>
    public ArrayView<float> RightValues => weight;

    /// <inheritdoc/>
    public int RightPitch => yShape.C;

    /// <inheritdoc/>
    public bool LeftRunsAlongDepth => true;

    /// <inheritdoc/>
    public bool LeftIsWide => wide.Left != 0;

    /// <inheritdoc/>
    public bool RightIsWide => wide.Right != 0;

    /// <inheritdoc/>
    public int RightStart(int row) => 0;

    /// <inheritdoc/>
    public TilePlace PlaceRow(int row)
    {
        int cell = row / 4, line = cell / yShape.W;
        int oh = (line % yShape.H * 2) + (row % 4 / 2), ow = (cell % yShape.W * 2) + (row % 2);
        return windows.Pixel(line / yShape.H, oh, ow, 0);
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
        PoolWinner w0 = Pick(first, sum.R0.F0, sum.R1.F0, sum.R2.F0, sum.R3.F0);
        PoolWinner w1 = Pick(first, sum.R0.F1, sum.R1.F1, sum.R2.F1, sum.R3.F1);
        PoolWinner w2 = Pick(first, sum.R0.F2, sum.R1.F2, sum.R2.F2, sum.R3.F2);
        PoolWinner w3 = Pick(first, sum.R0.F3, sum.R1.F3, sum.R2.F3, sum.R3.F3);
        if (isWide != 0)
        {
            new Float4(w0.Value, w1.Value, w2.Value, w3.Value).Store(y, at);
            argmax.Cast<Int4>()[at >> 2] = new Int4(w0.Pixel, w1.Pixel, w2.Pixel, w3.Pixel);
            return;
        }

        Put(at, w0);
        if (lanes.Used > 1)
        {
            Put(at + 1, w1);
        }

        if (lanes.Used > 2)
        {
            Put(at + 2, w2);
        }

        if (lanes.Used > 3)
        {
            Put(at + 3, w3);
        }
    }

    private void Put(int at, PoolWinner winner)
    {
        y[at] = winner.Value;
        argmax[at] = winner.Pixel;
    }

    /// <summary>As <see cref="MaxPool2D"/> picks: the first of equals, and a NaN rather than any number.</summary>
    private PoolWinner Pick(int first, float v0, float v1, float v2, float v3)
    {
        var best = new PoolWinner(v0, first);
        best = best.Or(v1, first + 1);
        best = best.Or(v2, first + outWidth);
        return best.Or(v3, first + outWidth + 1);
    }
}

/// <summary>The largest value so far and its pixel.</summary>
internal readonly struct PoolWinner(float value, int pixel)
{
    public readonly float Value = value;
    public readonly int Pixel = pixel;

    /// <summary>This, unless <paramref name="other"/> is larger or not a number.</summary>
    public PoolWinner Or(float other, int pixel) =>
        other > Value || float.IsNaN(other) ? new PoolWinner(other, pixel) : this;
}
