using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>How the threads of a group fill the slabs of a product by copies that pass no register.</summary>
/// <param name="product">The factors.</param>
/// <param name="left">Device address of A's tensor.</param>
/// <param name="right">Device address of the tile's B.</param>
/// <param name="rowPlaces">Where the tile's rows lie, in shared memory.</param>
/// <param name="depthPlaces">Where the depths of two slabs lie, in shared memory.</param>
/// <param name="column">The tile's first column.</param>
/// <param name="end">Where the depth that the group sums ends.</param>
internal readonly struct AsyncSlab<TProduct, TTile>(
    TProduct product, long left, long right, ArrayView<TilePlace> rowPlaces, ArrayView<TilePlace> depthPlaces, int column, int end)
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private const int QuadBytes = Float4.Count * sizeof(float);

    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    private static int RowBits => default(TTile).RowBits - 2;

    private static int ColumnBits => default(TTile).ColumnBits - 2;

    private static int Threads => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <summary>Works out the places of the slab at <paramref name="depth"/>; a barrier before they are used.</summary>
    public void Place(int parity, int depth)
    {
        int k = Group.IdxX;
        if (k < AsyncSlab.Depth)
        {
            depthPlaces[(parity * AsyncSlab.Depth) + k] = depth + k < end ? product.PlaceDepth(depth + k) : TilePlace.Nowhere;
        }
    }

    /// <summary>Begins to copy the slab at <paramref name="depth"/> to shared memory at <paramref name="to"/>.</summary>
    public void Copy(int parity, int to, int depth)
    {
        int thread = Group.IdxX;
        CopyLeft(parity, to, thread);
        CopyLeft(parity, to, thread + Threads);
        CopyLeft(parity, to, thread + (2 * Threads));
        CopyLeft(parity, to, thread + (3 * Threads));
        if (Columns < 64)
        {
            CopyLeft(parity, to, thread + (4 * Threads));
            CopyLeft(parity, to, thread + (5 * Threads));
            CopyLeft(parity, to, thread + (6 * Threads));
            CopyLeft(parity, to, thread + (7 * Threads));
        }

        to += AsyncSlab.LeftBytes(Rows);
        CopyRight(to, depth, thread);
        CopyRight(to, depth, thread + Threads);
        if (Rows < 128)
        {
            CopyRight(to, depth, thread + (2 * Threads));
            CopyRight(to, depth, thread + (3 * Threads));
        }
    }

    private void CopyLeft(int parity, int to, int quad)
    {
        int line, k, words;
        if (product.LeftRunsAlongDepth)
        {
            line = quad >> AsyncSlab.QuadBits;
            k = (quad & ((1 << AsyncSlab.QuadBits) - 1)) * 4;
            words = (line * AsyncSlab.LeftRowPitch) + k;
        }
        else
        {
            line = (quad & ((Rows / 4) - 1)) * 4;
            k = quad >> RowBits;
            words = (k * AsyncSlab.LeftDepthPitch) + line;
        }

        int at = product.Left(rowPlaces[line], depthPlaces[(parity * AsyncSlab.Depth) + k]);
        AsyncCopy.Begin(to + (words * sizeof(float)), left + ((long)Math.Max(at, 0) * sizeof(float)), at >= 0 ? QuadBytes : 0);
    }

    private void CopyRight(int to, int depth, int quad)
    {
        int k = quad >> ColumnBits, j = (quad & ((Columns / 4) - 1)) * 4;
        bool inside = depth + k < end && column + j < product.Columns;
        int at = inside ? ((depth + k) * product.RightPitch) + column + j : 0;
        int words = (k * AsyncSlab.RightPitch) + j;
        AsyncCopy.Begin(to + (words * sizeof(float)), right + ((long)at * sizeof(float)), inside ? QuadBytes : 0);
    }
}

/// <summary>
/// Such slabs in dynamic shared memory: A, behind it B. Pitches are in floats; <see cref="MatrixUnit"/> has them in its code.
/// </summary>
internal static class AsyncSlab
{
    /// <summary>Between two rows of an A that runs along the depth: eight rows' words of 16 bytes meet all 32 banks.</summary>
    public const int LeftRowPitch = Depth + 4;

    /// <summary>Between two depths of an A that runs along the rows: 8 modulo 32: four depths of eight rows meet all banks.</summary>
    public const int LeftDepthPitch = 136;

    /// <summary>Between two depths of B, alike.</summary>
    public const int RightPitch = 72;

    /// <summary>Between two rows of C.</summary>
    public const int ResultPitch = 72;

    /// <summary>Depth of a slab.</summary>
    public const int Depth = 16;

    /// <summary>Quads along the depth, as a shift.</summary>
    public const int QuadBits = 2;

    /// <summary>Slabs of a group.</summary>
    public const int Count = 3;

    /// <summary>Bytes of A in a slab, whichever way it lies.</summary>
    public static int LeftBytes(int rows) => sizeof(float) * Math.Max(rows * AsyncSlab.LeftRowPitch, Depth * AsyncSlab.LeftDepthPitch);

    /// <summary>Bytes of a slab.</summary>
    public static int Bytes(int rows) => LeftBytes(rows) + (sizeof(float) * Depth * AsyncSlab.RightPitch);

    /// <summary>Dynamic shared memory of a group: the slabs or, later, C.</summary>
    public static int SharedBytes(int rows) => Math.Max(Count * Bytes(rows), sizeof(float) * rows * AsyncSlab.ResultPitch);
}
