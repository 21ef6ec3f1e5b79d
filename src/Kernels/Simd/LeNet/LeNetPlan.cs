namespace GpuCam.Kernels.Simd;

/// <summary>
/// What follows from the image size alone. Tiles of the second convolution that meet the image's border in the same way
/// form a kind: on a black image all tiles of one kind hold the same numbers, since SAME zeros around the input equal black.
/// </summary>
internal sealed class LeNetPlan
{
    public LeNetPlan(LeNetShape shape)
    {
        Shape = shape;
        AllTiles = [.. Enumerable.Range(0, shape.Tiles)];
        KindOf = new int[shape.Tiles];
        var kinds = new Dictionary<(Extent Rows, Extent Columns), int>();
        var representatives = new List<int>();
        foreach (int tile in AllTiles)
        {
            (Extent, Extent) key = (
                Meet(tile / shape.TileColumns, shape.Rows1, shape.Rows2),
                Meet(tile % shape.TileColumns, shape.Columns1, shape.Columns2));
            if (!kinds.TryGetValue(key, out int kind))
            {
                kind = kinds.Count;
                kinds.Add(key, kind);
                representatives.Add(tile);
            }

            KindOf[tile] = kind;
        }

        Representatives = [.. representatives];
    }

    public LeNetShape Shape { get; }

    /// <summary>All tiles, row after row.</summary>
    public int[] AllTiles { get; }

    /// <summary>Tile to kind.</summary>
    public int[] KindOf { get; }

    /// <summary>Kind to its first tile.</summary>
    public int[] Representatives { get; }

    /// <summary>Pooled cells of a tile that lie in the image: 1 or 2 rows.</summary>
    public int CellRows(int tile) => Math.Min(2, Shape.Rows2 - (2 * (tile / Shape.TileColumns)));

    /// <summary>Pooled cells of a tile that lie in the image: 1 or 2 columns.</summary>
    public int CellColumns(int tile) => Math.Min(2, Shape.Columns2 - (2 * (tile % Shape.TileColumns)));

    /// <summary>First pooled cell of a tile, in cells.</summary>
    public int FirstCell(int tile) => (2 * (tile / Shape.TileColumns) * Shape.Columns2) + (2 * (tile % Shape.TileColumns));

    private static Extent Meet(int position, int inputs, int cells)
    {
        int first = (Winograd.Tile * position) - LeNetShape.Border;
        return new Extent(Math.Max(0, -first), Math.Max(0, first + Winograd.Window - inputs), Math.Min(2, cells - (2 * position)));
    }

    private readonly record struct Extent(int Before, int Behind, int Cells);
}
