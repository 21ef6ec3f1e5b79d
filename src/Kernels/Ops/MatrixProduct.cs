using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// One group, one tile of C by tensor cores, a warp for each 64x32 of it; the factors come in slabs of 16 along the depth, of which
/// three lie in dynamic shared memory: one is multiplied while the next two are on their way.
/// </summary>
/// <remarks>For CUDA alone, since sm_80, and for products whose factors are wide (<see cref="ITiledProduct.LeftIsWide"/>).</remarks>
/// <param name="product">The factors and the result.</param>
/// <param name="left">Device address of <see cref="ITiledProduct.LeftValues"/>.</param>
/// <param name="right">Device address of <see cref="ITiledProduct.RightValues"/>.</param>
/// <param name="splitDepth">Depth that a group sums, a multiple of 16; the groups of one tile sum one part each.</param>
/// <param name="half">Not 0 for bfloat16 in place of TF32.</param>
public readonly struct MatrixProductKernel<TProduct, TTile>(TProduct product, long left, long right, int splitDepth, int half) : IGroupKernel
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
{
    private static int ColumnBits => default(TTile).ColumnBits;

    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    private static int Threads => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <inheritdoc/>
    public int DynamicBytes => MatrixSlab.SharedBytes(Rows);

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<TilePlace> rowPlaces = SharedMemory.Allocate<TilePlace>(1 << default(TTile).RowBits);
        ArrayView<TilePlace> depthPlaces = SharedMemory.Allocate<TilePlace>(2 * MatrixSlab.Depth);
        ArrayView<float> result = SharedMemory.GetDynamic<float>();
        CudaAsm.Emit("mov.u32 %0, __dyn_shared_alloca;", out int address);
        int slabs = address;
        MatrixUnit.Clear();

        int columnTiles = (product.Columns + Columns - 1) / Columns;
        int rowTiles = (product.Rows + Rows - 1) / Rows;
        int column = Grid.IdxX % columnTiles * Columns;
        int row = Grid.IdxX / columnTiles % rowTiles * Rows;
        int split = Grid.IdxX / columnTiles / rowTiles;
        int begin = split * splitDepth;
        int end = Math.Min(product.Depth, begin + splitDepth);

        for (int i = Group.IdxX; i < Rows; i += Threads)
        {
            rowPlaces[i] = row + i < product.Rows ? product.PlaceRow(row + i) : TilePlace.Nowhere;
        }

        var slab = new MatrixSlab<TProduct, TTile>(product, left, right, rowPlaces, depthPlaces, column, end);
        slab.Place(0, begin);
        slab.Place(1, begin + MatrixSlab.Depth);
        Group.Barrier();
        slab.Copy(0, slabs, begin);
        AsyncCopy.Commit();
        slab.Copy(1, slabs + MatrixSlab.Bytes(Rows), begin + MatrixSlab.Depth);
        AsyncCopy.Commit();
        Group.Barrier();
        slab.Place(0, begin + (2 * MatrixSlab.Depth));

        // Bytes from the slab's start to what the lane reads first.
        int lane = Group.IdxX % 32, warp = Group.IdxX / 32;
        int warpRow = (warp >> (ColumnBits - 5)) * MatrixUnit.Rows, warpColumn = (warp & ((Columns / 32) - 1)) * MatrixUnit.Columns;
        int group = lane / 4, member = lane % 4;
        int leftAt = 4 * (product.LeftRunsAlongDepth
            ? ((warpRow + (lane % 16)) * MatrixUnit.LeftRowPitch) + (lane / 16 * 4)
            : (member * MatrixUnit.LeftDepthPitch) + warpRow + group);
        int rightAt = MatrixSlab.LeftBytes(Rows) + (4 * ((member * MatrixUnit.RightPitch) + warpColumn + group));
        int leftStep = 4 * MatrixUnit.Depth * (product.LeftRunsAlongDepth ? 1 : MatrixUnit.LeftDepthPitch);

        int now = 0, free = 2 * MatrixSlab.Bytes(Rows), parity = 0;
        for (int depth = begin; depth < end; depth += MatrixSlab.Depth)
        {
            AsyncCopy.WaitForAllButOne();
            Group.Barrier();
            slab.Copy(parity, slabs + free, depth + (2 * MatrixSlab.Depth));
            AsyncCopy.Commit();
            parity = 1 - parity;
            slab.Place(parity, depth + (3 * MatrixSlab.Depth));
            Step(slabs + now + leftAt, slabs + now + rightAt);
            Step(slabs + now + leftAt + leftStep, slabs + now + rightAt + (4 * MatrixUnit.Depth * MatrixUnit.RightPitch));

            now = now == 2 * MatrixSlab.Bytes(Rows) ? 0 : now + MatrixSlab.Bytes(Rows);
            free = free == 2 * MatrixSlab.Bytes(Rows) ? 0 : free + MatrixSlab.Bytes(Rows);
        }

        // C goes through shared memory: a thread stores blocks of 4x4 and has other elements in its registers.
        AsyncCopy.WaitForAll();
        Group.Barrier();
        MatrixUnit.Store(slabs + (4 * (((warpRow + group) * MatrixUnit.ResultPitch) + warpColumn + (2 * member))));
        Group.Barrier();
        for (int block = Group.IdxX; block < Rows * Columns / 16; block += Threads)
        {
            int i = (block >> (ColumnBits - 2)) * 4, j = (block & ((Columns / 4) - 1)) * 4, at = (i * MatrixUnit.ResultPitch) + j;
            if (row + i < product.Rows && column + j < product.Columns)
            {
                product.Store(row + i, column + j, split, new Tile4x4(
                    Float4.Load(result, at), Float4.Load(result, at + MatrixUnit.ResultPitch),
                    Float4.Load(result, at + (2 * MatrixUnit.ResultPitch)), Float4.Load(result, at + (3 * MatrixUnit.ResultPitch))));
            }
        }
    }

    private void Step(int leftAt, int rightAt)
    {
        MatrixUnit.LoadLeft(leftAt, product.LeftRunsAlongDepth);
        MatrixUnit.LoadRight(rightAt);
        MatrixUnit.Multiply(half != 0);
    }
}
