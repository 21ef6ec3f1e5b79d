using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// float32 as it is. A thread has 8x8 of C: two blocks of four columns, half a tile apart, and eight rows. These are an eighth of a tile
/// apart where A runs along the depth, so that a warp's rows meet all banks, and two blocks of four else.
/// </summary>
internal readonly struct FloatMultiplier : IMultiplier
{
    private const int Pair = AsyncSlab.LeftPairPitch / Float4.Count;
    private const int LeftDepth = AsyncSlab.LeftDepthPitch / Float4.Count;
    private const int Right = AsyncSlab.RightPitch / Float4.Count;
    private const int QuadBytes = Float4.Count * sizeof(float);

    /// <inheritdoc/>
    public void Clear()
    {
    }

    /// <inheritdoc/>
    public int LeftStart(GroupTile tile) =>
        tile.AlongDepth ? sizeof(float) * AsyncSlab.LeftRow(Line(tile)) : QuadBytes * Line(tile);

    /// <inheritdoc/>
    public int RightStart(GroupTile tile) => Column(tile) * QuadBytes;

    /// <inheritdoc/>
    public void Prepare(GroupTile tile, int copied)
    {
    }

    /// <inheritdoc/>
    public Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right)
    {
        ArrayView<Float4> quads = tile.Memory.Cast<Float4>();
        ArrayView<Float4> a = quads.SubView(left / QuadBytes), b = quads.SubView(right / QuadBytes);
        int far = AsyncSlab.Right(0, 1 << (tile.ColumnBits - 1)) / Float4.Count, eighth = 1 << (tile.RowBits - 3);

        // One after the other: as a loop it would stay one, and move the whole tile to enter it.
        if (tile.AlongDepth)
        {
            sum = AlongDepth(AlongDepth(sum, a, b, 0, far, eighth), a, b, 1, far, eighth);
            return AlongDepth(AlongDepth(sum, a, b, 2, far, eighth), a, b, 3, far, eighth);
        }

        sum = AlongRows(AlongRows(sum, a, b, 0, far, eighth), a, b, 1, far, eighth);
        return AlongRows(AlongRows(sum, a, b, 2, far, eighth), a, b, 3, far, eighth);
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, GroupTile tile)
    {
        int eighth = 1 << (tile.RowBits - 3);
        int row = tile.AlongDepth ? Line(tile) : 4 * Line(tile), step = tile.AlongDepth ? eighth : 1, half = 4 * eighth;
        int at = (row * AsyncSlab.ResultPitch) + (4 * Column(tile)), far = at + (1 << (tile.ColumnBits - 1));
        Store(sum.TopLeft, tile.Memory, at, step);
        Store(sum.TopRight, tile.Memory, far, step);
        Store(sum.BottomLeft, tile.Memory, at + (half * AsyncSlab.ResultPitch), step);
        Store(sum.BottomRight, tile.Memory, far + (half * AsyncSlab.ResultPitch), step);
    }

    private static int Line(GroupTile tile) => Group.IdxX >> (tile.ColumnBits - 3);

    private static int Column(GroupTile tile) => Group.IdxX & ((1 << (tile.ColumnBits - 3)) - 1);

    private static Tile8x8 AlongDepth(Tile8x8 sum, ArrayView<Float4> a, ArrayView<Float4> b, int quad, int far, int eighth)
    {
        int next = Pair * eighth / 2, at = quad * Float4.Count * Right;
        Float4 a0 = a[quad], a1 = a[quad + next], a2 = a[quad + (2 * next)], a3 = a[quad + (3 * next)];
        Float4 a4 = a[quad + (4 * next)], a5 = a[quad + (5 * next)], a6 = a[quad + (6 * next)], a7 = a[quad + (7 * next)];
        sum = sum.Plus(new Float4(a0.F0, a1.F0, a2.F0, a3.F0), new Float4(a4.F0, a5.F0, a6.F0, a7.F0), b[at], b[at + far]);
        at += Right;
        sum = sum.Plus(new Float4(a0.F1, a1.F1, a2.F1, a3.F1), new Float4(a4.F1, a5.F1, a6.F1, a7.F1), b[at], b[at + far]);
        at += Right;
        sum = sum.Plus(new Float4(a0.F2, a1.F2, a2.F2, a3.F2), new Float4(a4.F2, a5.F2, a6.F2, a7.F2), b[at], b[at + far]);
        at += Right;
        return sum.Plus(new Float4(a0.F3, a1.F3, a2.F3, a3.F3), new Float4(a4.F3, a5.F3, a6.F3, a7.F3), b[at], b[at + far]);
    }

    private static Tile8x8 AlongRows(Tile8x8 sum, ArrayView<Float4> a, ArrayView<Float4> b, int quad, int far, int eighth)
    {
        int leftAt = quad * Float4.Count * LeftDepth, at = quad * Float4.Count * Right;
        sum = sum.Plus(a[leftAt], a[leftAt + eighth], b[at], b[at + far]);
        leftAt += LeftDepth;
        at += Right;
        sum = sum.Plus(a[leftAt], a[leftAt + eighth], b[at], b[at + far]);
        leftAt += LeftDepth;
        at += Right;
        sum = sum.Plus(a[leftAt], a[leftAt + eighth], b[at], b[at + far]);
        leftAt += LeftDepth;
        at += Right;
        return sum.Plus(a[leftAt], a[leftAt + eighth], b[at], b[at + far]);
    }

    private static void Store(Tile4x4 block, ArrayView<float> memory, int at, int step)
    {
        step *= AsyncSlab.ResultPitch;
        block.R0.Store(memory, at);
        block.R1.Store(memory, at + step);
        block.R2.Store(memory, at + (2 * step));
        block.R3.Store(memory, at + (3 * step));
    }
}
