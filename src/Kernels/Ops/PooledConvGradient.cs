using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The way back through <see cref="Conv2D.ForwardMaxPool"/> with ReLU to the weight and the bias, without the gradient of what was pooled:
/// <c>dWeight[kh, kw, ic, oc] = sum over the pooled pixels p of sent[p, oc] * x[what tap (kh, kw, ic) met at the winner of p, oc]</c> and
/// <c>dBias[oc] = sum of sent[p, oc]</c>, where <c>sent = y > 0 ? dy : 0</c>. That is a quarter of the products and of the memory.
/// </summary>
public static class PooledConvGradient
{
    /// <summary>With more channels or taps the tiled product is the faster way: it reads each pixel once for many channels.</summary>
    private const int MaxChannels = 7, MaxTaps = 150;

    /// <summary>Threads of a group, and how many groups of that size find registers on a multiprocessor.</summary>
    private const int GroupSize = 128, GroupsPerMultiprocessor = 7;

    /// <summary>Whether a device has a kernel for it, and is faster with it.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static bool IsDirect(IDevice device, Conv2DGeometry g)
    {
        g.Check();
        return device.PrefersGroups && g is { StrideH: 1, StrideW: 1, OH: > 1, OW: > 1, X.C: <= MaxChannels }
            && (long)g.KH * g.KW * g.X.C <= MaxTaps && ConvPatch.TryPlan(default, g, out _);
    }

    /// <summary>Writes <paramref name="dWeight"/> and <paramref name="dBias"/>.</summary>
    /// <param name="x">What the convolution read.</param>
    /// <param name="y">What the pool made.</param>
    /// <param name="dy">Its gradient.</param>
    /// <param name="argmax">The winners of its windows, 2x2 with stride 2.</param>
    /// <param name="dWeight">Gradient of the weight, HWIO.</param>
    /// <param name="dBias">Gradient of the bias, a vector of OC.</param>
    /// <param name="g">The convolution's geometry.</param>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Backward(
        Tensor x, Tensor y, Tensor dy, DeviceBuffer<int> argmax, Tensor dWeight, Tensor dBias, Conv2DGeometry g)
    {
        var pool = Pool2DGeometry.Square(g.Y, 2, 2, 0);
        IDevice device = x.Device;
        if (!IsDirect(device, g) || !ConvPatch.TryPlan(x.View, g, out ConvPatch patch))
        {
            using var unpooled = new Tensor(device, "unpooled", g.Y);
            MaxPool2D.BackwardRelu(y, dy, argmax, unpooled, dBias, pool);
            Conv2D.BackwardWeight(x, unpooled, dWeight, g);
            return;
        }

        x.Expect(g.X);
        y.Expect(pool.Y);
        dy.Expect(pool.Y);
        Argmax.Expect(argmax, pool.Y);
        dWeight.Expect(g.Weight);
        dBias.Expect(Shape.Vector(g.OC));
        LaunchTable table = device.Launches;
        var runs = new TapRuns(g, patch.Pitch);
        int across = runs.Passes * ColumnLanes.Groups(g.OC, ColumnLanes.Columns), tiles = patch.Tiles;
        int wanted = table.Reductions.Splits > 0 ? table.Reductions.Splits : GroupsPerMultiprocessor * table.Multiprocessors / across;
        int perPart = ((tiles - 1) / Math.Clamp(wanted, 1, tiles)) + 1, parts = (tiles + perPart - 1) / perPart;
        ArrayView<float> sums = device.Scratch(checked(parts * (dWeight.Count + g.OC))).View;
        ArrayView<float> weights = sums.SubView(0, parts * dWeight.Count), biases = sums.SubView(parts * dWeight.Count, parts * g.OC);
        device.LaunchGroups(
            parts * across, table.ReductionGroup(GroupSize),
            new PooledConvGradientKernel(patch, runs, y.View, dy.View, argmax.View, weights, biases, perPart));
        ColumnSum.AddUp(device, weights, dWeight.View, dWeight.Count, parts);
        ColumnSum.AddUp(device, biases, dBias.View, g.OC, parts);
    }
}

/// <summary>
/// One group, some tiles of cells (<see cref="ConvPatch"/>), up to 32 channels of them and one pass of taps. A thread has a channel and
/// takes every so many cells, neighbours the neighbouring channels; the four pixels of a cell, one of which won, lie in different banks.
/// </summary>
/// <param name="patch">What is read of x.</param>
/// <param name="runs">The taps.</param>
/// <param name="y">What the pool made.</param>
/// <param name="dy">Its gradient.</param>
/// <param name="argmax">The winners.</param>
/// <param name="weights">Parts of the weight's gradient, <c>[parts, taps, OC]</c>.</param>
/// <param name="biases">Parts of the bias's gradient, <c>[parts, OC]</c>.</param>
/// <param name="tilesPerPart">Tiles of a group.</param>
internal readonly struct PooledConvGradientKernel(
    ConvPatch patch, TapRuns runs, ArrayView<float> y, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> weights,
    ArrayView<float> biases, int tilesPerPart) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> shared = ConvPatch.Allocate().Cast<float>();
        ArrayView<int> offsets = SharedMemory.Allocate<int>(TapSums.Runs);
        Conv2DGeometry g = patch.Geometry;
        int blocks = ColumnLanes.Groups(g.OC, ColumnLanes.Columns), passes = runs.Passes;
        int part = Grid.IdxX / (blocks * passes), within = Grid.IdxX - (part * blocks * passes), block = within / passes;
        int firstRun = (within - (block * passes)) * TapSums.Runs;
        for (int run = Group.IdxX; run < TapSums.Runs; run += Group.DimX)
        {
            offsets[run] = runs.Offset(firstRun + run);
        }

        int begin = part * tilesPerPart, end = Math.Min(patch.Tiles, begin + tilesPerPart);
        int first = block * ColumnLanes.Columns, channelEnd = Math.Min(g.OC, first + ColumnLanes.Columns);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, Math.Min(g.OC, ColumnLanes.Columns));
        for (int left = first; left < channelEnd; left += mine.Lanes)
        {
            int channel = left + mine.Lane;
            bool works = channel < channelEnd && mine.Line < mine.Lines;
            TapSums sum = default;
            for (int index = begin; index < end; index++)
            {
                ConvTile tile = patch.Tile(index);
                Group.Barrier();
                patch.Fill(shared, tile);
                Group.Barrier();
                if (works)
                {
                    sum = Walk(sum, shared, tile, channel, mine.Line, mine.Lines, offsets);
                }
            }

            // Line by line: the order is fixed, and the patch is room enough.
            for (int line = 0; line < mine.Lines; line++)
            {
                Group.Barrier();
                if (works && mine.Line == line)
                {
                    if (line > 0)
                    {
                        sum = sum.Plus(shared, mine.Lane);
                    }

                    sum.Store(shared, mine.Lane);
                }
            }

            if (works && mine.Line == mine.Lines - 1)
            {
                sum.StoreTaps(weights, runs, firstRun, (part * g.KH * g.KW * g.X.C * g.OC) + channel, g.OC);
                if (firstRun == 0)
                {
                    biases[(part * g.OC) + channel] = sum.Bias;
                }
            }
        }
    }

    /// <summary>Adds what a tile sends back for a channel: every <paramref name="lines"/>th from <paramref name="line"/> on.</summary>
    private TapSums Walk(TapSums sum, ArrayView<float> shared, ConvTile tile, int channel, int line, int lines, ArrayView<int> runOffsets)
    {
        Conv2DGeometry g = patch.Geometry;
        var offsets = new TapOffsets(runOffsets);
        int channels = g.OC, width = patch.OutWidth, pitch = patch.Pitch, step = g.X.C, cells = patch.CellsAcross;
        int row = line / tile.Width, column = line - (row * tile.Width), below = pitch - (width * step);

        // Of the cell that comes next: its element of y and its first pixel. The windows of a row of cells lie as far from their pixels.
        int at = (((((tile.N * patch.CellsDown) + tile.Row + row) * cells) + tile.Column + column) * channels) + channel;
        int rowStart = 2 * (((tile.Row + row) * width) + tile.Column), pixel = rowStart + (2 * column);
        int rowEnd = rowStart + (2 * tile.Width), apart = (2 * row * pitch) - (rowStart * step);
        int left = (tile.Height * tile.Width) - line;
        PooledCell cell = left > 0 ? Load(at) : default;
        float sent = cell.Passed;
        int met = apart + (cell.Winner * step) + (cell.Winner - pixel < width ? 0 : below);
        while (left > 0)
        {
            left -= lines;
            at += lines * channels;
            pixel += 2 * lines;
            while (pixel >= rowEnd)
            {
                at += (cells - tile.Width) * channels;
                pixel += 2 * (width - tile.Width);
                rowEnd += 2 * width;
                apart += 2 * below;
            }

            // While this one is multiplied the next is on its way.
            if (left > 0)
            {
                cell = Load(at);
            }

            sum = sum.Plus(sent, shared, met, offsets);
            sent = cell.Passed;
            met = apart + (cell.Winner * step) + (cell.Winner - pixel < width ? 0 : below);
        }

        return sum;
    }

    private PooledCell Load(int at) => new(dy[at], y[at], argmax[at]);
}

/// <summary>One channel of a cell: what comes back to it, what it was, and the pixel that won.</summary>
internal readonly struct PooledCell(float sent, float y, int winner)
{
    public readonly int Winner = winner;

    private readonly float _sent = sent, _y = y;

    /// <summary>What passes the ReLU.</summary>
    public float Passed => _y > 0 ? _sent : 0;
}
