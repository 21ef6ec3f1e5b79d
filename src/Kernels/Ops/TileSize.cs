namespace GpuCam.Kernels.Ops;

/// <summary>The extents of a group's tile of a product, in rows and columns; a thread has 8x8 elements.</summary>
/// <param name="Rows">Rows, a multiple of 32.</param>
/// <param name="Columns">Columns, a multiple of 32.</param>
public sealed record TileSize(int Rows, int Columns)
{
    /// <summary>For 64 channels and more.</summary>
    public static readonly TileSize Wide = new(1 << default(Tile128x64).RowBits, 1 << default(Tile128x64).ColumnBits);

    /// <summary>For up to 32 channels.</summary>
    public static readonly TileSize Narrow = new(1 << default(Tile256x32).RowBits, 1 << default(Tile256x32).ColumnBits);

    /// <summary>For results too small for the others.</summary>
    public static readonly TileSize Small = new(1 << default(Tile64x32).RowBits, 1 << default(Tile64x32).ColumnBits);

    /// <summary>For up to 32 channels in place of <see cref="Narrow"/> where slabs are twice as deep.</summary>
    public static readonly TileSize Slim = new(1 << default(Tile128x32).RowBits, 1 << default(Tile128x32).ColumnBits);

    private static readonly IReadOnlyList<TileSize> s_async = [Wide, Slim, Small];

    /// <summary>All that a table may name.</summary>
    public static IReadOnlyList<TileSize> All { get; } = [Wide, Narrow, Small];

    /// <summary>Threads that one pass over the depth keeps busy.</summary>
    public int Fragments => Rows / 8 * (Columns / 8);

    /// <summary>Shared memory of a group: two slabs of both factors, and the places of the rows and of the slabs' depths.</summary>
    public int SharedBytes =>
        (2 * TiledSlab.Depth * (Rows + Columns + (2 * TiledSlab.Pad)) * sizeof(float)) + ((Rows + (2 * TiledSlab.Depth)) * TilePlace.Bytes);

    /// <summary>Those that there are for <paramref name="unit"/>.</summary>
    internal static IReadOnlyList<TileSize> For(ProductUnit unit) => unit == ProductUnit.Portable ? All : s_async;

    /// <summary>Tiles that cover a result.</summary>
    public int Tiles(int rows, int columns) => ((rows + Rows - 1) / Rows) * ((columns + Columns - 1) / Columns);

    /// <inheritdoc/>
    public override string ToString() => $"{Rows}x{Columns}";
}

/// <summary><see cref="TileSize.Wide"/> for kernels.</summary>
internal readonly struct Tile128x64 : ITileSize
{
    /// <inheritdoc/>
    public int RowBits => 7;

    /// <inheritdoc/>
    public int ColumnBits => 6;
}

/// <summary><see cref="TileSize.Narrow"/> for kernels.</summary>
internal readonly struct Tile256x32 : ITileSize
{
    /// <inheritdoc/>
    public int RowBits => 8;

    /// <inheritdoc/>
    public int ColumnBits => 5;
}

/// <summary><see cref="TileSize.Small"/> for kernels.</summary>
internal readonly struct Tile64x32 : ITileSize
{
    /// <inheritdoc/>
    public int RowBits => 6;

    /// <inheritdoc/>
    public int ColumnBits => 5;
}

/// <summary><see cref="TileSize.Slim"/> for kernels.</summary>
internal readonly struct Tile128x32 : ITileSize
{
    /// <inheritdoc/>
    public int RowBits => 7;

    /// <inheritdoc/>
    public int ColumnBits => 5;
}
