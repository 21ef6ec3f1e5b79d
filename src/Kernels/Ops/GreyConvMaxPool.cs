using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// <see cref="Conv2D.ForwardMaxPool"/> for kernels of 5x5 on images of one channel, where a product of 25 steps would fetch as much as it
/// multiplies. A thread has the 25 weights of one channel in registers and takes two cells, the 2x2 output pixels that are pooled, at a
/// time: 200 products for 12 words of 128 bits, which a warp of 32 channels reads all at one address.
/// </summary>
internal static class GreyConvMaxPool
{
    /// <summary>Threads of a group, and how many groups of that size find registers on a multiprocessor.</summary>
    private const int GroupSize = 128, GroupsPerMultiprocessor = 4;

    /// <summary>Launches it if it is the kernel for this convolution.</summary>
    public static bool TryForward(
        Tensor x, Tensor weight, Tensor? bias, Tensor y, DeviceBuffer<int> argmax, Conv2DGeometry g, bool relu)
    {
        if (g is not { X.C: 1, KH: 5, KW: 5, StrideH: 1, StrideW: 1, DilationH: 1, DilationW: 1 }
            || !ConvPatch.TryPlan(x.View, g, out ConvPatch patch))
        {
            return false;
        }

        LaunchTable table = x.Device.Launches;
        int blocks = ColumnLanes.Groups(g.OC, ColumnLanes.Columns), tiles = patch.Tiles;
        int wanted = Math.Clamp(GroupsPerMultiprocessor * table.Multiprocessors / blocks, 1, tiles);
        int perGroup = (tiles + wanted - 1) / wanted;
        x.Device.LaunchGroups(
            (tiles + perGroup - 1) / perGroup * blocks, table.ReductionGroup(GroupSize),
            new GreyConvMaxPoolKernel(
                patch, weight.View, (bias ?? weight).View, y.View, argmax.View, perGroup, bias is null ? 0 : 1, relu ? 1 : 0));
        return true;
    }
}

/// <summary>
/// One group, some tiles of cells (<see cref="ConvPatch"/>) and up to 32 channels of them. A thread has a channel and takes every so many
/// pairs of cells of a row, neighbours the neighbouring channels. The sums are those of the tiled product, in its order.
/// </summary>
internal readonly struct GreyConvMaxPoolKernel(
    ConvPatch patch, ArrayView<float> weight, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> argmax, int tilesPerGroup,
    int hasBias, int relu) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<Float4> shared = ConvPatch.Allocate();
        int channels = patch.Geometry.OC, blocks = ColumnLanes.Groups(channels, ColumnLanes.Columns), part = Grid.IdxX / blocks;
        int begin = part * tilesPerGroup, end = Math.Min(patch.Tiles, begin + tilesPerGroup);
        int first = (Grid.IdxX - (part * blocks)) * ColumnLanes.Columns, channelEnd = Math.Min(channels, first + ColumnLanes.Columns);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, Math.Min(channels, ColumnLanes.Columns));
        for (int left = first; left < channelEnd; left += mine.Lanes)
        {
            int channel = left + mine.Lane;
            bool works = channel < channelEnd && mine.Line < mine.Lines;
            var taps = new GreyTaps(weight, works ? channel : first, channels);
            float start = hasBias != 0 ? bias[works ? channel : first] : 0;
            for (int index = begin; index < end; index++)
            {
                ConvTile tile = patch.Tile(index);
                Group.Barrier();
                patch.Fill(shared.Cast<float>(), tile);
                Group.Barrier();
                if (works)
                {
                    Walk(shared, tile, channel, mine.Line, mine.Lines, taps, start);
                }
            }
        }
    }

    /// <summary>Writes one channel of every <paramref name="lines"/>th pair of cells from number <paramref name="line"/> on.</summary>
    private void Walk(ArrayView<Float4> shared, ConvTile tile, int channel, int line, int lines, GreyTaps taps, float start)
    {
        int pairs = (tile.Width + 1) / 2, count = tile.Height * pairs, words = patch.Pitch / Float4.Count;
        int channels = patch.Geometry.OC, width = patch.OutWidth, cells = patch.CellsAcross;
        for (int next = line; next < count; next += lines)
        {
            int row = next / pairs, pair = next - (row * pairs), column = tile.Column + (2 * pair);
            int at = (((((tile.N * patch.CellsDown) + tile.Row + row) * cells) + column) * channels) + channel;
            int pixel = 2 * (((tile.Row + row) * width) + column);
            GreyQuad sums = taps.Meet(shared.SubView((2 * row * words) + pair), words);
            Put(at, pixel, start, sums.Top.F0, sums.Top.F1, sums.Bottom.F0, sums.Bottom.F1);
            if ((2 * pair) + 1 < tile.Width)
            {
                Put(at + channels, pixel + 2, start, sums.Top.F2, sums.Top.F3, sums.Bottom.F2, sums.Bottom.F3);
            }
        }
    }

    /// <summary>As <see cref="MaxPool2D"/> picks: the first of equals, and a NaN rather than any number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Put(int at, int pixel, float start, float v0, float v1, float v2, float v3)
    {
        var best = new PoolWinner(End(v0, start), pixel);
        best = best.Or(End(v1, start), pixel + 1);
        best = best.Or(End(v2, start), pixel + patch.OutWidth);
        best = best.Or(End(v3, start), pixel + patch.OutWidth + 1);
        y[at] = best.Value;
        argmax[at] = best.Pixel;
    }

    /// <summary>A sum and the bias, through the ReLU.</summary>
    private float End(float sum, float start)
    {
        float value = sum + start;
        return relu != 0 && value <= 0 ? 0 : value;
    }
}

/// <summary>Four output pixels of each of two rows.</summary>
internal readonly struct GreyQuad(Float4 top, Float4 bottom)
{
    public readonly Float4 Top = top, Bottom = bottom;
}

/// <summary>The weights of a channel, row by row.</summary>
internal readonly struct GreyTaps(ArrayView<float> weight, int channel, int channels)
{
    private readonly TapRun _r0 = Row(weight, channel, channels, 0), _r1 = Row(weight, channel, channels, 1),
        _r2 = Row(weight, channel, channels, 2), _r3 = Row(weight, channel, channels, 3), _r4 = Row(weight, channel, channels, 4);

    /// <summary>The sums of the four pixels whose windows begin with the first four floats of x, and of those below.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public GreyQuad Meet(ArrayView<Float4> x, int words)
    {
        // From row to row: the device then adds one number for two loads.
        Float4 a = x[0], b = x[1];
        Float4 top = Plus(default, _r0, a, b);
        x = x.SubView(words);
        (a, b) = (x[0], x[1]);
        top = Plus(top, _r1, a, b);
        Float4 bottom = Plus(default, _r0, a, b);
        x = x.SubView(words);
        (a, b) = (x[0], x[1]);
        top = Plus(top, _r2, a, b);
        bottom = Plus(bottom, _r1, a, b);
        x = x.SubView(words);
        (a, b) = (x[0], x[1]);
        top = Plus(top, _r3, a, b);
        bottom = Plus(bottom, _r2, a, b);
        x = x.SubView(words);
        (a, b) = (x[0], x[1]);
        top = Plus(top, _r4, a, b);
        bottom = Plus(bottom, _r3, a, b);
        x = x.SubView(words);
        return new GreyQuad(top, Plus(bottom, _r4, x[0], x[1]));
    }

    /// <summary>A row of taps on eight pixels of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Float4 Plus(Float4 sums, TapRun w, Float4 a, Float4 b) => new(
        sums.F0 + (w.T0 * a.F0) + (w.T1 * a.F1) + (w.T2 * a.F2) + (w.T3 * a.F3) + (w.T4 * b.F0),
        sums.F1 + (w.T0 * a.F1) + (w.T1 * a.F2) + (w.T2 * a.F3) + (w.T3 * b.F0) + (w.T4 * b.F1),
        sums.F2 + (w.T0 * a.F2) + (w.T1 * a.F3) + (w.T2 * b.F0) + (w.T3 * b.F1) + (w.T4 * b.F2),
        sums.F3 + (w.T0 * a.F3) + (w.T1 * b.F0) + (w.T2 * b.F1) + (w.T3 * b.F2) + (w.T4 * b.F3));

    private static TapRun Row(ArrayView<float> weight, int channel, int channels, int row)
    {
        int at = (row * TapRun.Count * channels) + channel;
        return new TapRun(
            weight[at], weight[at + channels], weight[at + (2 * channels)], weight[at + (3 * channels)], weight[at + (4 * channels)]);
    }
}
