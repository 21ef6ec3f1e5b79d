using ILGPU;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// One group, one tile of C; the factors come in slabs of 16 along the depth, of which three lie in dynamic shared memory: one is
/// multiplied while the next two are on their way.
/// </summary>
/// <remarks>
/// For CUDA alone, since sm_80, for products whose factors are wide (<see cref="ITiledProduct.LeftIsWide"/>), and in groups of a thread for
/// 64 elements of C.
/// </remarks>
/// <param name="product">The factors and the result.</param>
/// <param name="left">Device address of <see cref="ITiledProduct.LeftValues"/>.</param>
/// <param name="right">Device address of <see cref="ITiledProduct.RightValues"/>.</param>
/// <param name="splitDepth">Depth that a group sums, a multiple of 16; the groups of one tile sum one part each.</param>
internal readonly struct AsyncProductKernel<TProduct, TTile, TMultiplier>(TProduct product, long left, long right, int splitDepth)
    : IGroupKernel
    where TProduct : struct, ITiledProduct
    where TTile : struct, ITileSize
    where TMultiplier : struct, IMultiplier
{
    private static int RowBits => default(TTile).RowBits;

    private static int ColumnBits => default(TTile).ColumnBits;

    private static int Rows => 1 << default(TTile).RowBits;

    private static int Columns => 1 << default(TTile).ColumnBits;

    private static int Threads => 1 << (default(TTile).RowBits + default(TTile).ColumnBits - 6);

    /// <inheritdoc/>
    static int IGroupKernel.DynamicBytes => AsyncSlab.SharedBytes(Rows);

    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<TilePlace> places = SharedMemory.Allocate<TilePlace>(1 << (default(TTile).RowBits + default(TTile).ColumnBits - 5));
        ArrayView<TilePlace> rows = SharedMemory.Allocate<TilePlace>(default(TTile).ColumnBits < 6 ? 1 << default(TTile).RowBits : 1);
        ArrayView<float> shared = SharedMemory.GetDynamic<float>();
        CudaAsm.Emit("mov.u32 %0, __dyn_shared_alloca;", out int start);
        int address = start;
        TMultiplier multiplier = default;
        multiplier.Clear();

        var part = new TilePart(product.Rows, product.Columns, Rows, Columns);
        int row = part.Row, column = part.Column, split = part.Split, begin = split * splitDepth;
        int end = Math.Min(product.Depth, begin + splitDepth);

        long b = right + ((long)product.RightStart(row) * sizeof(float));
        var slab = new AsyncSlab<TProduct, TTile>(product, left, b, places, rows, row, column, end);
        slab.PlaceFirst(begin);
        Group.Barrier();
        slab.Copy(address, begin);
        AsyncCopy.Commit();
        slab.Copy(address + AsyncSlab.Bytes(Rows), begin + AsyncSlab.Depth);
        AsyncCopy.Commit();

        var tile = new GroupTile(shared, address, product.LeftRunsAlongDepth, RowBits, ColumnBits);
        int leftAt = multiplier.LeftStart(tile), rightAt = AsyncSlab.LeftBytes(Rows) + multiplier.RightStart(tile);
        int now = 0, free = 2 * AsyncSlab.Bytes(Rows);
        Tile8x8 sum = default;
        for (int depth = begin; depth < end; depth += AsyncSlab.Depth)
        {
            AsyncCopy.WaitForAllButOne();
            multiplier.Prepare(tile, now + slab.RightTo);
            Group.Barrier();
            slab.Copy(address + free, depth + (2 * AsyncSlab.Depth));
            AsyncCopy.Commit();
            slab.PlaceNext(depth + (3 * AsyncSlab.Depth));
            sum = multiplier.Multiply(sum, tile, now + leftAt, now + rightAt);
            free = now;
            now = now == 2 * AsyncSlab.Bytes(Rows) ? 0 : now + AsyncSlab.Bytes(Rows);
        }

        // C goes through shared memory: a product stores blocks of 4x4, and the thread may have other elements.
        AsyncCopy.WaitForAll();
        Group.Barrier();
        multiplier.Store(sum, tile);
        Group.Barrier();
        for (int block = Group.IdxX; block < Rows * Columns / 16; block += Threads)
        {
            int i = (block >> (ColumnBits - 2)) * 4, j = (block & ((Columns / 4) - 1)) * 4, at = (i * AsyncSlab.ResultPitch) + j;
            if (row + i < product.Rows && column + j < product.Columns)
            {
                product.Store(row + i, column + j, split, new Tile4x4(
                    Float4.Load(shared, at), Float4.Load(shared, at + AsyncSlab.ResultPitch),
                    Float4.Load(shared, at + (2 * AsyncSlab.ResultPitch)), Float4.Load(shared, at + (3 * AsyncSlab.ResultPitch))));
            }
        }
    }
}
