using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels;

/// <summary>
/// How the ops launch their group kernels on one device: derived from its limits, and a user may set any of it in a small
/// JSON file (<see cref="LaunchFile"/>) without touching the code.
/// </summary>
public sealed record LaunchTable
{
    /// <summary>
    /// Registers per thread of a tiled product that is split, as NVIDIA's assembler reports them, rounded up to eights, as they are dealt
    /// out; a test compares.
    /// </summary>
    private const int RegistersPerThread = 168;

    /// <summary>The same where slabs are copied past the registers, and there in bfloat16.</summary>
    private const int AsyncRegistersPerThread = 128, BFloat16RegistersPerThread = 136;

    /// <summary>Registers of a multiprocessor, on every NVIDIA GPU since 2012.</summary>
    private const int Registers = 65536;

    /// <summary>A part of a split sum is at least this long: else adding the parts up costs more than it gains.</summary>
    private const int MinSplitDepth = 256;

    /// <summary>All parts of a split sum together take at most 64 MiB.</summary>
    private const int MaxPartElements = 16 << 20;

    /// <summary>How much more a product costs in the small tile: its threads fetch twice as many elements per product.</summary>
    private const double SmallTileCost = 1.3;

    /// <summary>Most threads of a group; group kernels of reductions use at most 256.</summary>
    public int MaxGroupSize { get; init; } = 256;

    /// <summary>Bytes of shared memory that a group may use.</summary>
    public int SharedMemory { get; init; } = 48 << 10;

    /// <summary>Multiprocessors of the device: work is split until each has some.</summary>
    public int Multiprocessors { get; init; } = 1;

    /// <summary>Convolution forward.</summary>
    public LaunchRow Forward { get; init; }

    /// <summary>Convolution, gradient of the input.</summary>
    public LaunchRow BackwardData { get; init; }

    /// <summary>Convolution, gradient of the weight.</summary>
    public LaunchRow BackwardWeight { get; init; }

    /// <summary>Softmax, losses, global pooling, bias gradients, normalisation; they have no tile.</summary>
    public LaunchRow Reductions { get; init; }

    /// <summary>Multiply-adds from which on a product of matrices is worth tiles: below, either kernel takes the launch alone.</summary>
    internal long LeastTiledWork { get; init; } = 1 << 18;

    /// <summary>Whether images of three channels get a fourth even where the portable kernel multiplies them: for tests.</summary>
    internal bool PadsChannels { get; init; }

    /// <summary>The same limits with one row for everything.</summary>
    public LaunchTable WithAll(LaunchRow row) => this with { Forward = row, BackwardData = row, BackwardWeight = row, Reductions = row };

    /// <summary>The tile and group size of a product that is not split.</summary>
    internal TilePlan Plan(
        LaunchRow row, int rows, int columns, int depth, ProductUnit unit = ProductUnit.Portable, int batches = 1)
    {
        unit = Allowed(row, unit);
        TileSize tile = Fitting(row.Tile, unit) ?? BestTile(rows, columns, unit, batches);
        return Plan(row, tile, batches * tile.Tiles(rows, columns), depth, 1, unit);
    }

    /// <summary>The same, and where even its tiles leave multiprocessors without a group, the sums are split.</summary>
    internal TilePlan PlanFilled(LaunchRow row, int rows, int columns, int depth, ProductUnit unit, int batches)
    {
        TilePlan whole = Plan(row, rows, columns, depth, unit, batches);
        int splits = row.Splits > 0 ? row.Splits
            : whole.Groups < Multiprocessors ? SplitsOf(whole.Tile, rows, columns, depth, whole.Unit, batches)
            : 1;
        return splits == 1 ? whole : Plan(row, whole.Tile, whole.Groups, depth, splits, whole.Unit);
    }

    /// <summary>For a product with a small result and a large depth, split until the groups fill the device once.</summary>
    internal TilePlan PlanSplit(
        LaunchRow row, int rows, int columns, int depth, ProductUnit unit = ProductUnit.Portable, int batches = 1)
    {
        unit = Allowed(row, unit);
        TileSize tile = Fitting(row.Tile, unit) ?? BestTile(rows, columns, unit, batches, canSplit: true);
        int splits = row.Splits > 0 ? row.Splits : SplitsOf(tile, rows, columns, depth, unit, batches);
        return Plan(row, tile, batches * tile.Tiles(rows, columns), depth, splits, unit);
    }

    /// <summary>Threads for a reduction over <paramref name="length"/> elements: a power of two, unless the table says otherwise.</summary>
    internal int ReductionGroup(int length)
    {
        int wanted = 1;
        while (wanted < length && wanted < GroupTree.MaxThreads)
        {
            wanted *= 2;
        }

        return Math.Min(GroupSize(Reductions, GroupTree.MaxThreads), wanted);
    }

    /// <summary>
    /// Into how many parts a sum over <paramref name="rows"/> rows is cut when each part makes <paramref name="groups"/> groups.
    /// </summary>
    internal int ReductionParts(int rows, int groups) =>
        Reductions.Splits > 0 ? Math.Min(Reductions.Splits, rows) : Math.Clamp(8 * Multiprocessors / groups, 1, Math.Max(1, rows / 256));

    /// <summary>How many groups of a tiled product find registers on a multiprocessor at once.</summary>
    internal static int GroupsPerMultiprocessor(TileSize tile, ProductUnit unit)
    {
        int registers = unit switch
        {
            ProductUnit.Portable => RegistersPerThread,
            ProductUnit.BFloat16 => BFloat16RegistersPerThread,
            _ => AsyncRegistersPerThread,
        };
        return Math.Max(1, Registers / (registers * tile.Fragments));
    }

    private int GroupSize(LaunchRow row, int wanted) => Math.Min(row.GroupSize > 0 ? row.GroupSize : wanted, MaxGroupSize);

    /// <summary>Parts that let the groups fill the device once.</summary>
    private int SplitsOf(TileSize tile, int rows, int columns, int depth, ProductUnit unit, int batches)
    {
        int resident = Multiprocessors * GroupsPerMultiprocessor(tile, unit);
        int most = (int)Math.Clamp(MaxPartElements / ((long)batches * rows * columns), 1, Math.Max(1, depth / MinSplitDepth));
        return Math.Clamp(resident / (batches * tile.Tiles(rows, columns)), 1, most);
    }

    private TilePlan Plan(LaunchRow row, TileSize tile, int tiles, int depth, int splits, ProductUnit unit)
    {
        int slab = unit == ProductUnit.Portable ? TiledSlab.Depth : AsyncSlab.Depth;
        int slabs = (depth + slab - 1) / slab;
        int splitDepth = (slabs + splits - 1) / splits * slab;
        splits = (depth + splitDepth - 1) / splitDepth;

        int threads = unit == ProductUnit.Portable ? GroupSize(row, tile.Fragments) : tile.Fragments;
        return new TilePlan(tile, checked(tiles * splits), threads, splits, splitDepth, unit);
    }

    /// <summary>A group of the table's size is for the kernel that takes any, unless the factors are to be rounded.</summary>
    private static ProductUnit Allowed(LaunchRow row, ProductUnit unit) =>
        row.GroupSize > 0 && unit == ProductUnit.Float32 ? ProductUnit.Portable : unit;

    /// <summary>The tile that a table names, or what stands for it where slabs are deeper.</summary>
    private static TileSize? Fitting(TileSize? tile, ProductUnit unit) => tile is null || TileSize.For(unit).Contains(tile)
        ? tile
        : tile == TileSize.Narrow ? TileSize.Slim : TileSize.Narrow;

    /// <summary>
    /// The tile that computes least beyond the edge. The small one costs more traffic per product; it is for results that would
    /// leave most of a larger one empty, or multiprocessors without a group.
    /// </summary>
    private TileSize BestTile(int rows, int columns, ProductUnit unit, int batches, bool canSplit = false)
    {
        TileSize best = TileSize.Small;
        double least = double.MaxValue;
        foreach (TileSize tile in TileSize.For(unit))
        {
            int tiles = batches * tile.Tiles(rows, columns);
            double work = (double)tiles * tile.Rows * tile.Columns * (tile == TileSize.Small ? SmallTileCost : 1);
            bool fills = canSplit || tiles >= Multiprocessors || tile == TileSize.Small;
            if (tile.SharedBytes <= SharedMemory && fills && work < least)
            {
                (best, least) = (tile, work);
            }
        }

        return best;
    }
}

/// <summary>One row of a <see cref="LaunchTable"/>; zero and null leave the choice to it.</summary>
/// <param name="GroupSize">Threads per group; any number is right, the tile's own is the fast one.</param>
/// <param name="Tile">Rows and columns of the result that a group computes.</param>
/// <param name="Splits">Parts of a long sum that groups compute one by one and a second launch adds up in order.</param>
public readonly record struct LaunchRow(int GroupSize = 0, TileSize? Tile = null, int Splits = 0);

/// <summary>How a product is launched: which tile, how many groups of how many threads, how deep each sums.</summary>
internal readonly record struct TilePlan(TileSize Tile, int Groups, int GroupSize, int Splits, int SplitDepth, ProductUnit Unit);
