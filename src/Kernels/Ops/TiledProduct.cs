using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Launches tiled products.</summary>
internal static class TiledProduct
{
    /// <summary>Every group of <paramref name="plan"/>, which was made for this product.</summary>
    public static void Launch<TProduct>(IDevice device, TilePlan plan, TProduct product)
        where TProduct : struct, ITiledProduct
    {
        if (plan.Tile == TileSize.Wide)
        {
            Launch<TProduct, Tile128x64>(device, plan, product);
        }
        else if (plan.Tile == TileSize.Narrow)
        {
            Launch<TProduct, Tile256x32>(device, plan, product);
        }
        else
        {
            Launch<TProduct, Tile64x32>(device, plan, product);
        }
    }

    private static void Launch<TProduct, TTile>(IDevice device, TilePlan plan, TProduct product)
        where TProduct : struct, ITiledProduct
        where TTile : struct, ITileSize =>
        device.LaunchGroups(plan.Groups, plan.GroupSize, new TiledProductKernel<TProduct, TTile>(product, plan.SplitDepth));
}

/// <summary>
/// One group, one tile of C, in slabs of 8 along the depth: while the threads multiply a slab out of shared memory they
/// fetch the next one into the other half of it, so one barrier per slab is enough.
/// </summary>
/// <remarks>
/// A thread owns four blocks of 4x4 elements, half a tile apart, so that the four floats it reads at a time lie next to its
/// neighbour's: no bank conflicts. A group with fewer threads than the tile has fragments goes over the depth several times;
/// spare threads repeat the last fragment and do not store it, so that the inner loop has no branch.
/// </remarks>
/// <param name="product">The factors and the result.</param>
/// <param name="splitDepth">Depth that a group sums, a multiple of 8; the groups of one tile sum one part each.</param>
public readonly struct TiledProductKernel<TProduct, TTile>(TProduct product, int splitDepth) : IGroupKernel
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private static int Rows => default(TTile).Rows;

    private static int Columns => default(TTile).Columns;

    private static int LeftPitch => default(TTile).Rows + TiledSlab.Pad;

    private static int RightPitch => default(TTile).Columns + TiledSlab.Pad;

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<TilePlace> rowPlaces = SharedMemory.Allocate<TilePlace>(default(TTile).Rows);
        ArrayView<TilePlace> depthPlaces = SharedMemory.Allocate<TilePlace>(2 * TiledSlab.Depth);
        ArrayView<Float4> left = SharedMemory.Allocate<Float4>(2 * TiledSlab.Depth * (default(TTile).Rows + TiledSlab.Pad) / 4);
        ArrayView<Float4> right = SharedMemory.Allocate<Float4>(2 * TiledSlab.Depth * (default(TTile).Columns + TiledSlab.Pad) / 4);

        int columnTiles = (product.Columns + Columns - 1) / Columns;
        int rowTiles = (product.Rows + Rows - 1) / Rows;
        int column = Grid.IdxX % columnTiles * Columns;
        int row = Grid.IdxX / columnTiles % rowTiles * Rows;
        int split = Grid.IdxX / columnTiles / rowTiles;
        int begin = split * splitDepth;
        int end = Math.Min(product.Depth, begin + splitDepth);

        for (int i = Group.IdxX; i < Rows; i += Group.DimX)
        {
            rowPlaces[i] = row + i < product.Rows ? product.PlaceRow(row + i) : TilePlace.Nowhere;
        }

        int across = Columns / 8, fragments = Rows / 8 * across;
        for (int first = 0; first < fragments; first += Group.DimX)
        {
            PlaceDepths(depthPlaces, 0, begin, end);
            PlaceDepths(depthPlaces, TiledSlab.Depth, begin + TiledSlab.Depth, end);
            Group.Barrier();
            LoadLeft(left.Cast<float>(), 0, rowPlaces, depthPlaces);
            LoadRight(right.Cast<float>(), 0, depthPlaces, column);
            Group.Barrier();

            int fragment = Math.Min(first + Group.IdxX, fragments - 1);
            int i = fragment / across, j = fragment % across;
            Tile4x4 topLeft = default, topRight = default, bottomLeft = default, bottomRight = default;
            int half = 0;
            for (int depth = begin; depth < end; depth += TiledSlab.Depth)
            {
                int other = TiledSlab.Depth - half;
                if (depth + TiledSlab.Depth < end)
                {
                    LoadLeft(left.Cast<float>(), other, rowPlaces, depthPlaces);
                    LoadRight(right.Cast<float>(), other, depthPlaces, column);
                    PlaceDepths(depthPlaces, half, depth + (2 * TiledSlab.Depth), end);
                }

                int leftAt = (half * (LeftPitch / 4)) + i, rightAt = (half * (RightPitch / 4)) + j;
                for (int k = 0; k < TiledSlab.Depth; k++)
                {
                    Float4 top = left[leftAt], bottom = left[leftAt + (Rows / 8)];
                    Float4 near = right[rightAt], far = right[rightAt + across];
                    topLeft = topLeft.Plus(top, near);
                    topRight = topRight.Plus(top, far);
                    bottomLeft = bottomLeft.Plus(bottom, near);
                    bottomRight = bottomRight.Plus(bottom, far);
                    leftAt += LeftPitch / 4;
                    rightAt += RightPitch / 4;
                }

                half = other;
                Group.Barrier();
            }

            if (first + Group.IdxX < fragments)
            {
                int r = row + (4 * i), c = column + (4 * j);
                Store(r, c, split, topLeft);
                Store(r, c + (Columns / 2), split, topRight);
                Store(r + (Rows / 2), c, split, bottomLeft);
                Store(r + (Rows / 2), c + (Columns / 2), split, bottomRight);
            }
        }
    }

    /// <summary>Works out the places of a slab's depths, one slab before they are used.</summary>
    private void PlaceDepths(ArrayView<TilePlace> places, int half, int depth, int end)
    {
        for (int k = Group.IdxX; k < TiledSlab.Depth; k += Group.DimX)
        {
            places[half + k] = depth + k < end ? product.PlaceDepth(depth + k) : TilePlace.Nowhere;
        }
    }

    /// <summary>The thread's share of a slab of A; past the last depth it becomes zeros.</summary>
    private void LoadLeft(ArrayView<float> slab, int half, ArrayView<TilePlace> rowPlaces, ArrayView<TilePlace> depthPlaces)
    {
        var share = new TiledSlab(Group.IdxX, Group.DimX, product.LeftRunsAlongDepth, Rows);
        for (int k = share.K; k < TiledSlab.Depth; k += share.KStep)
        {
            TilePlace depth = depthPlaces[half + k];
            for (int i = share.Line; i < Rows; i += share.LineStep)
            {
                slab[((half + k) * LeftPitch) + i] = product.Left(rowPlaces[i], depth);
            }
        }
    }

    /// <summary>The thread's share of a slab of B; past the last depth and column it becomes zeros.</summary>
    private void LoadRight(ArrayView<float> slab, int half, ArrayView<TilePlace> depthPlaces, int column)
    {
        var share = new TiledSlab(Group.IdxX, Group.DimX, product.RightRunsAlongDepth, Columns);
        for (int k = share.K; k < TiledSlab.Depth; k += share.KStep)
        {
            TilePlace depth = depthPlaces[half + k];
            int columnEnd = depth.H >= 0 ? product.Columns - column : 0;
            for (int j = share.Line; j < Columns; j += share.LineStep)
            {
                slab[((half + k) * RightPitch) + j] = j < columnEnd ? product.Right(depth, column + j) : 0;
            }
        }
    }

    private void Store(int row, int column, int split, Tile4x4 sum)
    {
        if (row < product.Rows && column < product.Columns)
        {
            product.Store(row, column, split, sum);
        }
    }
}
