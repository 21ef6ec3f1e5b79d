using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>How the threads of a group fill the slabs of a product by tensor cores.</summary>
/// <param name="product">The factors.</param>
/// <param name="left">Device address of A's tensor.</param>
/// <param name="right">Device address of B.</param>
/// <param name="rowPlaces">Where the tile's rows lie, in shared memory.</param>
/// <param name="depthPlaces">Where the depths of two slabs lie, in shared memory.</param>
/// <param name="column">The tile's first column.</param>
/// <param name="end">Where the depth that the group sums ends.</param>
internal readonly struct MatrixSlab<TProduct, TTile>(
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
        if (k < MatrixSlab.Depth)
        {
            depthPlaces[(parity * MatrixSlab.Depth) + k] = depth + k < end ? product.PlaceDepth(depth + k) : TilePlace.Nowhere;
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

        to += MatrixSlab.LeftBytes(Rows);
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
            line = quad >> MatrixSlab.QuadBits;
            k = (quad & ((1 << MatrixSlab.QuadBits) - 1)) * 4;
            words = (line * MatrixUnit.LeftRowPitch) + k;
        }
        else
        {
            line = (quad & ((Rows / 4) - 1)) * 4;
            k = quad >> RowBits;
            words = (k * MatrixUnit.LeftDepthPitch) + line;
        }

        int at = product.Left(rowPlaces[line], depthPlaces[(parity * MatrixSlab.Depth) + k]);
        AsyncCopy.Begin(to + (words * sizeof(float)), left + ((long)Math.Max(at, 0) * sizeof(float)), at >= 0 ? QuadBytes : 0);
    }

    private void CopyRight(int to, int depth, int quad)
    {
        int k = quad >> ColumnBits, j = (quad & ((Columns / 4) - 1)) * 4;
        bool inside = depth + k < end && column + j < product.Columns;
        int at = inside ? ((depth + k) * product.Columns) + column + j : 0;
        AsyncCopy.Begin(to + (((k * MatrixUnit.RightPitch) + j) * sizeof(float)), right + ((long)at * sizeof(float)), inside ? QuadBytes : 0);
    }
}

/// <summary>The slabs of a product by tensor cores in shared memory.</summary>
internal static class MatrixSlab
{
    /// <summary>Depth of a slab.</summary>
    public const int Depth = 16;

    /// <summary>Quads along the depth, as a shift.</summary>
    public const int QuadBits = 2;

    /// <summary>Slabs of a group.</summary>
    public const int Count = 3;

    /// <summary>Bytes of A in a slab, whichever way it lies.</summary>
    public static int LeftBytes(int rows) => sizeof(float) * Math.Max(rows * MatrixUnit.LeftRowPitch, Depth * MatrixUnit.LeftDepthPitch);

    /// <summary>Bytes of a slab.</summary>
    public static int Bytes(int rows) => LeftBytes(rows) + (sizeof(float) * Depth * MatrixUnit.RightPitch);

    /// <summary>Dynamic shared memory of a group: the slabs or, later, C.</summary>
    public static int SharedBytes(int rows) => Math.Max(Count * Bytes(rows), sizeof(float) * rows * MatrixUnit.ResultPitch);
}
