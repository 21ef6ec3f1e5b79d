using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// A matrix product C = A * B whose left factor is gathered from a tensor and whose right factor is a row-major matrix: what
/// <see cref="TiledProductKernel{TProduct, TTile}"/> tiles. All members run inside a kernel.
/// </summary>
internal interface ITiledProduct
{
    /// <summary>Rows of A and C, of all products of the launch (<see cref="ProductBatches"/>).</summary>
    int Rows { get; }

    /// <summary>Columns of B and C.</summary>
    int Columns { get; }

    /// <summary>Columns of A, rows of B.</summary>
    int Depth { get; }

    /// <summary>The tensor that A is gathered from.</summary>
    ArrayView<float> LeftValues { get; }

    /// <summary>What B lies in, row after row.</summary>
    ArrayView<float> RightValues { get; }

    /// <summary>Floats between two rows of B.</summary>
    int RightPitch { get; }

    /// <summary>Whether neighbours in memory are, in A, neighbours along the depth (else along the rows).</summary>
    bool LeftRunsAlongDepth { get; }

    /// <summary>
    /// Whether four neighbours of A in that direction, the first at a multiple of 4, are 16 aligned bytes or, outside of the tensor,
    /// nothing. Then the place of the first tells of all four.
    /// </summary>
    bool LeftIsWide { get; }

    /// <summary>Whether that holds for the rows of B.</summary>
    bool RightIsWide { get; }

    /// <summary>Where B begins in <see cref="RightValues"/> for the tile whose first row is <paramref name="row"/>.</summary>
    int RightStart(int row);

    /// <summary>What <see cref="Meet"/> and <see cref="Left"/> need to know of a row that exists; computed once per tile.</summary>
    TilePlace PlaceRow(int row);

    /// <summary>What they need to know of a depth that exists; computed once for all rows of a tile. Its H is not negative.</summary>
    TilePlace PlaceDepth(int depth);

    /// <summary>
    /// Whether A has an element there; else A is zero there. If the row is <see cref="TilePlace.Nowhere"/>, its sum is not stored, and
    /// any element will do.
    /// </summary>
    bool Meet(TilePlace row, TilePlace depth);

    /// <summary>Where that element lies in <see cref="LeftValues"/>, if there is one; any number else.</summary>
    int Left(TilePlace row, TilePlace depth);

    /// <summary>
    /// Takes 4x4 elements of C, the first at (row, column), which exists; <paramref name="split"/> tells of which part of the
    /// depth. Rows that only fill up a tile are left out.
    /// </summary>
    void Store(int row, int column, int split, Tile4x4 sum);
}

/// <summary>The extents of a group's tile as constants of the compiled kernel: see <see cref="TileSize"/>.</summary>
internal interface ITileSize
{
    /// <summary>Rows as a power of two, at least 5.</summary>
    int RowBits { get; }

    /// <summary>Columns as a power of two, at least 5.</summary>
    int ColumnBits { get; }
}

/// <summary>
/// Where a row or a depth of a product lies in the tensor of A, worked out once. Four words: shared memory gives them in one load.
/// </summary>
/// <param name="at">An index into the tensor.</param>
/// <param name="h">A row of the image or a distance in rows.</param>
/// <param name="w">A column of the image or a distance in columns.</param>
internal readonly struct TilePlace(int at, int h, int w)
{
    /// <summary>Size in shared memory.</summary>
    public const int Bytes = 16;

    private const int FarAway = int.MinValue / 2;

    /// <summary>An index into the tensor; which one is the product's business.</summary>
    public int At { get; } = at;

    /// <summary>A row of the image or a distance in rows.</summary>
    public int H { get; } = h;

    /// <summary>A column of the image or a distance in columns.</summary>
    public int W { get; } = w;

    /// <summary>Fills the fourth word.</summary>
    public int Fill { get; } = 0;

    /// <summary>Past the last row or depth: so far away that, from there, no place that exists meets an image.</summary>
    public static TilePlace Nowhere => new(0, FarAway, 0);
}

/// <summary>
/// Which tile of C a group computes: tiles go along the columns first, then down the rows, then through the parts of the depth.
/// </summary>
internal readonly struct TilePart
{
    /// <summary>The tile's first row, its first column, and the part of the depth.</summary>
    public readonly int Row, Column, Split;

    /// <summary>For the group that is running, of a C and of tiles with these extents.</summary>
    public TilePart(int rows, int columns, int tileRows, int tileColumns)
    {
        int across = (columns + tileColumns - 1) / tileColumns, down = (rows + tileRows - 1) / tileRows;
        Column = Grid.IdxX % across * tileColumns;
        Row = Grid.IdxX / across % down * tileRows;
        Split = Grid.IdxX / across / down;
    }
}
