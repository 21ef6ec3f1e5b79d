using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The way back through a max-pool of 2x2 whose windows do not overlap, and through the ReLU before it: the pixels of x in cells of 2x2,
/// of which those at an odd lower or right edge are cut off and belong to no window. A thread writes 4 channels of a cell at a time.
/// </summary>
/// <param name="y">What the pool made, if <paramref name="rectified"/> is not 0.</param>
/// <param name="dy">Its gradient.</param>
/// <param name="argmax">The winners.</param>
/// <param name="dx">Gradient of what was pooled, or of what went into the ReLU before.</param>
/// <param name="x">Extents of it; the channels come in fours.</param>
/// <param name="rectified">0 where no ReLU came before.</param>
internal readonly struct PoolCells(
    ArrayView<float> y, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, Shape x, int rectified)
{
    private readonly Divisor _columns = new((x.W + 1) / 2), _rows = new((x.H + 1) / 2), _words = new(x.C / Float4.Count);

    /// <summary>Cells of all images.</summary>
    public int Count => x.N * ((x.H + 1) / 2) * ((x.W + 1) / 2);

    /// <summary>Words of 4 channels per pixel.</summary>
    public int Words => x.C / Float4.Count;

    /// <summary>Word number <paramref name="index"/> of all cells, as <see cref="Scatter(int, int)"/>.</summary>
    internal void Scatter(int index)
    {
        int cell = _words.Quotient(index);
        Scatter(cell, index - (cell * Words));
    }

    /// <summary>Writes word <paramref name="word"/> of every pixel of a cell and returns their sum: what the winner gets.</summary>
    internal Float4 Scatter(int cell, int word)
    {
        int rows = (x.H + 1) / 2, columns = (x.W + 1) / 2, words = Words;
        int line = _columns.Quotient(cell), n = _rows.Quotient(line);
        int iw = (cell - (line * columns)) * 2, ih = (line - (n * rows)) * 2;
        bool right = iw + 1 < x.W, below = ih + 1 < x.H;
        int pixel = (ih * x.W) + iw;
        ArrayView<Float4> to = dx.Cast<Float4>();
        Float4 sent = default;
        Int4 winner = default;
        if (right && below)
        {
            int window = (((n * (x.H / 2)) + (ih / 2)) * (x.W / 2)) + (iw / 2);
            int from = (window * words) + word;
            sent = dy.Cast<Float4>()[from];
            winner = argmax.Cast<Int4>()[from];
            if (rectified != 0)
            {
                Float4 passed = y.Cast<Float4>()[from];
                sent = new Float4(
                    passed.F0 > 0 ? sent.F0 : 0, passed.F1 > 0 ? sent.F1 : 0, passed.F2 > 0 ? sent.F2 : 0, passed.F3 > 0 ? sent.F3 : 0);
            }
        }

        int at = (((n * x.H * x.W) + pixel) * words) + word;
        to[at] = Of(pixel, sent, winner);
        if (right)
        {
            to[at + words] = Of(pixel + 1, sent, winner);
        }

        if (below)
        {
            at += x.W * words;
            to[at] = Of(pixel + x.W, sent, winner);
            if (right)
            {
                to[at + words] = Of(pixel + x.W + 1, sent, winner);
            }
        }

        return sent;
    }

    private static Float4 Of(int pixel, Float4 sent, Int4 winner) => new(
        winner.I0 == pixel ? sent.F0 : 0, winner.I1 == pixel ? sent.F1 : 0, winner.I2 == pixel ? sent.F2 : 0,
        winner.I3 == pixel ? sent.F3 : 0);
}

/// <summary>One thread, 4 channels of one cell.</summary>
internal readonly struct PoolCellsKernel(PoolCells cells) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => cells.Scatter(index);
}

/// <summary>
/// One group, the cells of one part and up to 32 channels of them; the sum over the part, channel by channel, goes to
/// <paramref name="parts"/>, <c>[parts, channels]</c>: a bias that was added before the ReLU has the sum of all as its gradient.
/// </summary>
internal readonly struct PoolCellsGroupKernel(PoolCells cells, ArrayView<float> parts, int cellsPerPart) : IGroupKernel
{
    private const int Width = ColumnLanes.Columns / Float4.Count;

    /// <summary>Groups per part for pixels of so many words.</summary>
    internal static int Tiles(int words) => (words + Width - 1) / Width;

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<Float4> sums = SharedMemory.Allocate<Float4>(GroupTree.MaxThreads);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, Width);
        int tiles = Tiles(cells.Words), part = Grid.IdxX / tiles, first = Grid.IdxX % tiles * Width;
        int begin = part * cellsPerPart, end = Math.Min(cells.Count, begin + cellsPerPart);
        int wordEnd = Math.Min(cells.Words, first + Width);
        for (int left = first; left < wordEnd; left += mine.Lanes)
        {
            int word = left + mine.Lane;
            int cellEnd = word < wordEnd && mine.Line < mine.Lines ? end : begin;
            Float4 sum = default;
            for (int cell = begin + mine.Line; cell < cellEnd; cell += mine.Lines)
            {
                sum = sum.Plus(cells.Scatter(cell, word));
            }

            sums[Group.IdxX] = sum;
            GroupTree.Sum(sums, mine.Lanes, mine.Lines);
            if (mine.Line == 0 && word < wordEnd)
            {
                parts.Cast<Float4>()[(part * cells.Words) + word] = sums[mine.Lane];
            }

            Group.Barrier();
        }
    }
}
