using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Launches tiled products.</summary>
internal static class TiledProduct
{
    /// <summary>What multiplies on <paramref name="device"/> if the factors are as wide as <paramref name="wide"/> says.</summary>
    public static ProductUnit UnitOf(IDevice device, TiledWidth wide) => device.Precision switch
    {
        _ when wide.Left == 0 || wide.Right == 0 => ProductUnit.Portable,
        Precision.TF32 => ProductUnit.TF32,
        Precision.BFloat16 => ProductUnit.BFloat16,
        _ => device.Backend == Backend.Cuda ? ProductUnit.Float32 : ProductUnit.Portable,
    };

    /// <summary>Every group of <paramref name="plan"/>, which was made for this product.</summary>
    /// <param name="device">Where.</param>
    /// <param name="plan">How.</param>
    /// <param name="product">The factors and the result.</param>
    /// <param name="left">What A is gathered from.</param>
    /// <param name="right">B.</param>
    public static void Launch<TProduct>(IDevice device, TilePlan plan, TProduct product, Tensor left, Tensor right)
        where TProduct : struct, ITiledProduct
    {
        if (plan.Tile == TileSize.Wide)
        {
            Launch<TProduct, Tile128x64>(device, plan, product, left, right);
        }
        else if (plan.Tile == TileSize.Narrow)
        {
            Launch<TProduct, Tile256x32>(device, plan, product, left, right);
        }
        else if (plan.Tile == TileSize.Slim)
        {
            Launch<TProduct, Tile128x32>(device, plan, product, left, right);
        }
        else
        {
            Launch<TProduct, Tile64x32>(device, plan, product, left, right);
        }
    }

    private static void Launch<TProduct, TTile>(IDevice device, TilePlan plan, TProduct product, Tensor left, Tensor right)
        where TProduct : struct, ITiledProduct
        where TTile : struct, ITileSize
    {
        if (plan.Unit == ProductUnit.Portable)
        {
            device.LaunchGroups(plan.Groups, plan.GroupSize, new TiledProductKernel<TProduct, TTile>(product, plan.SplitDepth));
            return;
        }

        long a = left.Address, b = right.Address;
        if (plan.Unit == ProductUnit.Float32)
        {
            device.LaunchGroups(
                plan.Groups, plan.GroupSize, new AsyncProductKernel<TProduct, TTile, FloatMultiplier>(product, a, b, plan.SplitDepth));
        }
        else if (plan.Unit == ProductUnit.TF32)
        {
            device.LaunchGroups(
                plan.Groups, plan.GroupSize, new AsyncProductKernel<TProduct, TTile, TF32Multiplier>(product, a, b, plan.SplitDepth));
        }
        else
        {
            device.LaunchGroups(
                plan.Groups, plan.GroupSize, new AsyncProductKernel<TProduct, TTile, BFloat16Multiplier>(product, a, b, plan.SplitDepth));
        }
    }
}

/// <summary>
/// One group, one tile of C, in slabs of 8 along the depth. Both factors have two slabs in shared memory: while the threads multiply
/// one, the next is on its way into their registers, and one barrier per slab is enough.
/// </summary>
/// <remarks>
/// A thread owns four blocks of 4x4 elements, half a tile apart, so that the four floats it reads at a time lie next to its
/// neighbour's: no bank conflicts. A group of another size than the tile has fragments is right but slow: it fills the slabs without
/// registers between, goes over the depth several times if it is smaller, and spare threads repeat the last fragment and do not
/// store it.
/// </remarks>
/// <param name="product">The factors and the result.</param>
/// <param name="splitDepth">Depth that a group sums, a multiple of 8; the groups of one tile sum one part each.</param>
internal readonly struct TiledProductKernel<TProduct, TTile>(TProduct product, int splitDepth) : IGroupKernel
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    private static int LeftPitch => ((1 << default(TTile).RowBits) + TiledSlab.Pad) / 4;

    private static int RightPitch => ((1 << default(TTile).ColumnBits) + TiledSlab.Pad) / 4;

    private static int Fragments => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<TilePlace> rowPlaces = SharedMemory.Allocate<TilePlace>(1 << default(TTile).RowBits);
        ArrayView<TilePlace> depthPlaces = SharedMemory.Allocate<TilePlace>(2 * TiledSlab.Depth);
        ArrayView<Float4> left = SharedMemory.Allocate<Float4>(2 * TiledSlab.Depth * ((1 << default(TTile).RowBits) + TiledSlab.Pad) / 4);
        ArrayView<Float4> right =
            SharedMemory.Allocate<Float4>(2 * TiledSlab.Depth * ((1 << default(TTile).ColumnBits) + TiledSlab.Pad) / 4);

        var part = new TilePart(product.Rows, product.Columns, Rows, Columns);
        int row = part.Row, column = part.Column, split = part.Split, begin = split * splitDepth;
        int end = Math.Min(product.Depth, begin + splitDepth);

        for (int i = Group.IdxX; i < Rows; i += Group.DimX)
        {
            rowPlaces[i] = row + i < product.Rows ? product.PlaceRow(row + i) : TilePlace.Nowhere;
        }

        var slab = new TiledSlab<TProduct, TTile>(product, rowPlaces, depthPlaces, column, end, product.RightStart(row));
        int half = 0;
        for (int first = 0; first < Fragments; first += Group.DimX)
        {
            half = Multiply(slab, left, right, half, begin, end, Math.Min(first + Group.IdxX, Fragments - 1), row, column, split,
                first + Group.IdxX < Fragments);
        }
    }

    /// <summary>One pass over the depth for one fragment of each thread; returns which slab comes next.</summary>
    private int Multiply(
        TiledSlab<TProduct, TTile> slab, ArrayView<Float4> left, ArrayView<Float4> right, int half, int begin, int end, int fragment,
        int row, int column, int split, bool stores)
    {
        const int Slab = TiledSlab.Depth;
        bool ahead = Group.DimX == Fragments;
        int across = Columns / 8, i = fragment / across, j = fragment % across;
        slab.Place(half, begin);
        slab.Place(1 - half, begin + Slab);
        Group.Barrier();
        TiledQuads next = default;
        if (ahead)
        {
            next = slab.Fetch(half, begin);
        }

        Tile8x8 sum = default;
        for (int depth = begin; depth < end; depth += Slab)
        {
            if (ahead)
            {
                slab.Put(left, right, half, next);
            }
            else
            {
                slab.Fill(left, right, half, depth);
            }

            Group.Barrier();
            slab.Place(half, depth + (2 * Slab));
            if (ahead && depth + Slab < end)
            {
                next = slab.Fetch(1 - half, depth + Slab);
            }

            // One after the other: as a loop it stays one on the device.
            ArrayView<Float4> column4 = left.SubView((half * Slab * LeftPitch) + i), row4 = right.SubView((half * Slab * RightPitch) + j);
            sum = Step(Step(Step(Step(sum, column4, row4, 0), column4, row4, 1), column4, row4, 2), column4, row4, 3);
            sum = Step(Step(Step(Step(sum, column4, row4, 4), column4, row4, 5), column4, row4, 6), column4, row4, 7);
            half = 1 - half;
        }

        if (stores)
        {
            int r = row + (4 * i), c = column + (4 * j);
            Store(r, c, split, sum.TopLeft);
            Store(r, c + (Columns / 2), split, sum.TopRight);
            Store(r + (Rows / 2), c, split, sum.BottomLeft);
            Store(r + (Rows / 2), c + (Columns / 2), split, sum.BottomRight);
        }

        return half;
    }

    private static Tile8x8 Step(Tile8x8 sum, ArrayView<Float4> left, ArrayView<Float4> right, int k) => sum.Plus(
        left[k * LeftPitch], left[(k * LeftPitch) + (Rows / 8)], right[k * RightPitch], right[(k * RightPitch) + (Columns / 8)]);

    private void Store(int row, int column, int split, Tile4x4 sum)
    {
        if (row < product.Rows && column < product.Columns)
        {
            product.Store(row, column, split, sum);
        }
    }
}
