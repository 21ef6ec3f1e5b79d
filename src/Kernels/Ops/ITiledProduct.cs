namespace GpuCam.Kernels.Ops;

/// <summary>
/// A matrix product C = A * B whose factors are gathered from tensors: what <see cref="TiledProductKernel{TProduct, TTile}"/>
/// tiles. All members run inside a kernel.
/// </summary>
public interface ITiledProduct
{
    /// <summary>Rows of A and C.</summary>
    int Rows { get; }

    /// <summary>Columns of B and C.</summary>
    int Columns { get; }

    /// <summary>Columns of A, rows of B.</summary>
    int Depth { get; }

    /// <summary>Whether neighbours in memory are, in A, neighbours along the depth (else along the rows).</summary>
    bool LeftRunsAlongDepth { get; }

    /// <summary>Whether neighbours in memory are, in B, neighbours along the depth (else along the columns).</summary>
    bool RightRunsAlongDepth { get; }

    /// <summary>What <see cref="Left"/> needs to know of a row that exists; computed once per tile.</summary>
    TilePlace PlaceRow(int row);

    /// <summary>
    /// What <see cref="Left"/> and <see cref="Right"/> need to know of a depth that exists; computed once per slab. Its H is not
    /// negative.
    /// </summary>
    TilePlace PlaceDepth(int depth);

    /// <summary>
    /// An element of A; zero if the depth is <see cref="TilePlace.Nowhere"/>. If the row is, its sum is not stored, and anything
    /// may be read that exists.
    /// </summary>
    float Left(TilePlace row, TilePlace depth);

    /// <summary>An element of B, whose column exists and whose depth is not <see cref="TilePlace.Nowhere"/>.</summary>
    float Right(TilePlace depth, int column);

    /// <summary>
    /// Takes 4x4 elements of C, the first at (row, column), which exists; <paramref name="split"/> tells of which part of the
    /// depth.
    /// </summary>
    void Store(int row, int column, int split, Tile4x4 sum);
}

/// <summary>The extents of a group's tile as constants of the compiled kernel: see <see cref="TileSize"/>.</summary>
public interface ITileSize
{
    /// <summary>Rows, a multiple of 32.</summary>
    int Rows { get; }

    /// <summary>Columns, a multiple of 32.</summary>
    int Columns { get; }
}

/// <summary>
/// Where a row or a depth of a product lies in its tensors, worked out once, so that no element costs a division. Four words:
/// shared memory gives them in one load.
/// </summary>
/// <param name="at">An index into the tensor of A.</param>
/// <param name="h">A row of the image or a distance in rows.</param>
/// <param name="w">A column of the image or a distance in columns.</param>
/// <param name="right">An index into the tensor of B.</param>
public readonly struct TilePlace(int at, int h, int w, int right)
{
    /// <summary>Size in shared memory.</summary>
    public const int Bytes = 16;

    private const int FarAway = int.MinValue / 2;

    /// <summary>An index into the tensor of A; which one is the product's business.</summary>
    public int At { get; } = at;

    /// <summary>A row of the image or a distance in rows.</summary>
    public int H { get; } = h;

    /// <summary>A column of the image or a distance in columns.</summary>
    public int W { get; } = w;

    /// <summary>An index into the tensor of B.</summary>
    public int Right { get; } = right;

    /// <summary>Past the last row or depth: so far away that, from there, no place that exists meets an image.</summary>
    public static TilePlace Nowhere => new(0, FarAway, 0, 0);
}
