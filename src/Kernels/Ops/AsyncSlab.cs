using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// How the threads of a group fill the slabs of a product by copies that pass no register. Each copies the same quads of every slab, so
/// that a row of A, a column of B and all that lies in shared memory are worked out once.
/// </summary>
/// <typeparam name="TProduct">The product.</typeparam>
/// <typeparam name="TTile">The group's tile.</typeparam>
internal readonly struct AsyncSlab<TProduct, TTile>
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private const int QuadBytes = Float4.Count * sizeof(float);

    private readonly TProduct _product;
    private readonly ArrayView<TilePlace> _places, _rows;
    private readonly TilePlace _row0, _row1, _row2, _row3;
    private readonly long _left, _right;
    private readonly int _end, _leftTo, _rightTo, _rightEnd;

    /// <summary>Of the running thread.</summary>
    /// <param name="product">The factors.</param>
    /// <param name="left">Device address of A's tensor.</param>
    /// <param name="right">Device address of the tile's B.</param>
    /// <param name="places">Room for the places of two stretches of the depth, in shared memory: one for each thread.</param>
    /// <param name="rows">Room for the places of the tile's rows, if it is slim.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="end">Where the depth that the group sums ends.</param>
    public AsyncSlab(
        TProduct product, long left, long right, ArrayView<TilePlace> places, ArrayView<TilePlace> rows, int row, int column, int end)
    {
        int line = LeftLine(product);
        _product = product;
        _places = places;
        _left = left;
        _rows = rows;
        _row0 = PlaceRow(product, row + line);
        _row1 = _row2 = _row3 = TilePlace.Nowhere;
        if (product.LeftRunsAlongDepth && KeepsRows)
        {
            _row1 = PlaceRow(product, row + line + LineStep);
            _row2 = PlaceRow(product, row + line + (2 * LineStep));
            _row3 = PlaceRow(product, row + line + (3 * LineStep));
        }

        if (product.LeftRunsAlongDepth && !KeepsRows)
        {
            for (int i = Group.IdxX; i < Rows; i += Threads)
            {
                rows[i] = PlaceRow(product, row + i);
            }
        }

        int k = LeftDepth(product);
        _leftTo = sizeof(float) * (product.LeftRunsAlongDepth ? AsyncSlab.LeftRow(line) + k : (k * AsyncSlab.LeftDepthPitch) + line);
        k = Group.IdxX >> ColumnBits;
        int j = (Group.IdxX & ((Columns / 4) - 1)) * 4;
        _rightTo = AsyncSlab.LeftBytes(Rows) + (sizeof(float) * AsyncSlab.Right(k, j));
        _right = right + ((((long)k * product.RightPitch) + column + j) * sizeof(float));
        _rightEnd = column + j < product.Columns ? end - k : 0;
        _end = end;
    }

    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    private static int RowBits => default(TTile).RowBits - 2;

    private static int ColumnBits => default(TTile).ColumnBits - 2;

    private static int Threads => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <summary>Whether a thread keeps the places of its rows; those of a slim tile, eight, take too many registers.</summary>
    private static bool KeepsRows => Columns >= 64;

    /// <summary>Between two rows that a thread copies of an A that runs along the depth.</summary>
    private static int LineStep => Threads / 4;

    /// <summary>Between two depths that it copies of an A that runs along the rows.</summary>
    private static int LeftStep => Columns / 16;

    /// <summary>And of B.</summary>
    private static int RightStep => Rows / 16;

    /// <summary>Depth between two places that are worked out: where A runs along the depth, a quad has one.</summary>
    private int PlaceStep => _product.LeftRunsAlongDepth ? Float4.Count : 1;

    /// <summary>
    /// Bytes from the start of a slab to the first quad of B that the thread copies: as far behind B's start as its first quad of A is
    /// behind A's where A runs along the depth and B has 64 columns, which spares a register.
    /// </summary>
    public int RightTo => _product.LeftRunsAlongDepth && KeepsRows ? _leftTo + AsyncSlab.LeftBytes(Rows) : _rightTo;

    /// <summary>
    /// Works out the places of the stretch of the depth that <paramref name="depth"/> is in, and of the next; a barrier before they are
    /// used.
    /// </summary>
    public void PlaceFirst(int depth)
    {
        depth &= -(Threads * PlaceStep);
        Place(depth);
        Place(depth + (Threads * PlaceStep));
    }

    /// <summary>
    /// If the stretch of the depth whose places are known ends at <paramref name="depth"/>, works out the next, each thread one place; a
    /// barrier before they are used, and one since those of the stretch before the last were.
    /// </summary>
    public void PlaceNext(int depth)
    {
        if ((depth & ((Threads * PlaceStep) - 1)) == 0)
        {
            Place(depth);
        }
    }

    /// <summary>Begins to copy the slab at <paramref name="depth"/> to shared memory at <paramref name="to"/>.</summary>
    public void Copy(int to, int depth)
    {
        int leftTo = to + _leftTo;
        if (_product.LeftRunsAlongDepth)
        {
            const int RowBytes = sizeof(float) * AsyncSlab.LeftPairPitch / 2;
            TilePlace place = _places[((depth / 4) & ((2 * Threads) - 1)) + (Group.IdxX & 3)];
            CopyLeft(leftTo, Row(0, _row0), place);
            CopyLeft(leftTo + (LineStep * RowBytes), Row(1, _row1), place);
            CopyLeft(leftTo + (2 * LineStep * RowBytes), Row(2, _row2), place);
            CopyLeft(leftTo + (3 * LineStep * RowBytes), Row(3, _row3), place);
            if (Columns < 64)
            {
                CopyLeft(leftTo + (4 * LineStep * RowBytes), Row(4, _row0), place);
                CopyLeft(leftTo + (5 * LineStep * RowBytes), Row(5, _row0), place);
                CopyLeft(leftTo + (6 * LineStep * RowBytes), Row(6, _row0), place);
                CopyLeft(leftTo + (7 * LineStep * RowBytes), Row(7, _row0), place);
            }
        }
        else
        {
            const int DepthBytes = sizeof(float) * AsyncSlab.LeftDepthPitch;
            ArrayView<TilePlace> places = _places.SubView((depth & ((2 * Threads) - 1)) + (Group.IdxX >> RowBits));
            CopyLeft(leftTo, _row0, places[0]);
            CopyLeft(leftTo + (LeftStep * DepthBytes), _row0, places[LeftStep]);
            CopyLeft(leftTo + (2 * LeftStep * DepthBytes), _row0, places[2 * LeftStep]);
            CopyLeft(leftTo + (3 * LeftStep * DepthBytes), _row0, places[3 * LeftStep]);
            if (Columns < 64)
            {
                CopyLeft(leftTo + (4 * LeftStep * DepthBytes), _row0, places[4 * LeftStep]);
                CopyLeft(leftTo + (5 * LeftStep * DepthBytes), _row0, places[5 * LeftStep]);
                CopyLeft(leftTo + (6 * LeftStep * DepthBytes), _row0, places[6 * LeftStep]);
                CopyLeft(leftTo + (7 * LeftStep * DepthBytes), _row0, places[7 * LeftStep]);
            }
        }

        const int RightBytes = sizeof(float) * AsyncSlab.RightPitch;
        int rightTo = to + RightTo;
        CopyRight(rightTo, depth, 0);
        CopyRight(rightTo + (RightStep * RightBytes), depth, RightStep);
        if (Rows < 128)
        {
            CopyRight(rightTo + (2 * RightStep * RightBytes), depth, 2 * RightStep);
            CopyRight(rightTo + (3 * RightStep * RightBytes), depth, 3 * RightStep);
        }
    }

    private static int LeftLine(TProduct product) =>
        product.LeftRunsAlongDepth ? Group.IdxX >> AsyncSlab.QuadBits : (Group.IdxX & ((Rows / 4) - 1)) * 4;

    private static int LeftDepth(TProduct product) =>
        product.LeftRunsAlongDepth ? (Group.IdxX & ((1 << AsyncSlab.QuadBits) - 1)) * 4 : Group.IdxX >> RowBits;

    private static TilePlace PlaceRow(TProduct product, int row) => row < product.Rows ? product.PlaceRow(row) : TilePlace.Nowhere;

    private TilePlace Row(int number, TilePlace kept) =>
        KeepsRows ? kept : _rows[(Group.IdxX >> AsyncSlab.QuadBits) + (number * LineStep)];

    private void Place(int depth)
    {
        int at = depth + (Group.IdxX * PlaceStep);
        _places[((depth / PlaceStep) & ((2 * Threads) - 1)) + Group.IdxX] = at < _end ? _product.PlaceDepth(at) : TilePlace.Nowhere;
    }

    private void CopyLeft(int to, TilePlace row, TilePlace depth) =>
        AsyncCopy.Begin(to, _left, _product.Left(row, depth), sizeof(float), _product.Meet(row, depth) ? QuadBytes : 0);

    private void CopyRight(int to, int depth, int k) =>
        AsyncCopy.Begin(to, _right, depth + k, _product.RightPitch * sizeof(float), depth + k < _rightEnd ? QuadBytes : 0);
}

/// <summary>
/// Such slabs in dynamic shared memory: A, behind it B. Pitches are in floats; <see cref="MatrixUnit"/> has them in its code.
/// </summary>
internal static class AsyncSlab
{
    /// <summary>
    /// Between two pairs of rows of an A that runs along the depth; the two follow each other. Two rows' words of 16 bytes meet all 32
    /// banks, as a copy writes them, and so do words of eight rows, as they are read.
    /// </summary>
    public const int LeftPairPitch = (2 * Depth) + 4;

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

    /// <summary>Where a row begins of an A that runs along the depth, in floats.</summary>
    public static int LeftRow(int row) => ((row >> 1) * LeftPairPitch) + ((row & 1) * Depth);

    /// <summary>Where an element of B lies behind B's start, in floats: columns from 32 on have a gap of a quad before them.</summary>
    public static int Right(int depth, int column) => (depth * RightPitch) + column + ((column >> 5) * Float4.Count);

    /// <summary>Bytes of A in a slab, whichever way it lies.</summary>
    public static int LeftBytes(int rows) => sizeof(float) * Math.Max(rows / 2 * LeftPairPitch, Depth * LeftDepthPitch);

    /// <summary>Bytes of a slab.</summary>
    public static int Bytes(int rows) => LeftBytes(rows) + (sizeof(float) * Depth * RightPitch);

    /// <summary>Dynamic shared memory of a group: the slabs or, later, C.</summary>
    public static int SharedBytes(int rows) => Math.Max(Count * Bytes(rows), sizeof(float) * rows * ResultPitch);
}
