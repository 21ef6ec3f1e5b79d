using System.Runtime.CompilerServices;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Tensor cores with factors of 10 bits of mantissa: <see cref="Precision.TF32"/>.</summary>
internal readonly struct TF32Multiplier : IMultiplier
{
    /// <inheritdoc/>
    public void Clear() => MatrixUnit.Clear();

    /// <inheritdoc/>
    public int LeftStart(GroupTile tile) => TensorLanes.LeftStart(tile);

    /// <inheritdoc/>
    public int RightStart(GroupTile tile) => TensorLanes.RightStart(tile);

    /// <inheritdoc/>
    public Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right)
    {
        TensorLanes.Load(tile, left, right, 0);
        MatrixUnit.MultiplyAsTF32();
        TensorLanes.Load(tile, left, right, 1);
        MatrixUnit.MultiplyAsTF32();
        return sum;
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, GroupTile tile) => TensorLanes.Store(tile);
}

/// <summary>Tensor cores with factors of 7 bits of mantissa: <see cref="Precision.BFloat16"/>.</summary>
internal readonly struct BFloat16Multiplier : IMultiplier
{
    /// <inheritdoc/>
    public void Clear() => MatrixUnit.Clear();

    /// <inheritdoc/>
    public int LeftStart(GroupTile tile) => TensorLanes.LeftStart(tile);

    /// <inheritdoc/>
    public int RightStart(GroupTile tile) => TensorLanes.RightStart(tile);

    /// <inheritdoc/>
    public Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right)
    {
        TensorLanes.Load(tile, left, right, 0);
        MatrixUnit.MultiplyAsBFloat16();
        TensorLanes.Load(tile, left, right, 1);
        MatrixUnit.MultiplyAsBFloat16();
        return sum;
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, GroupTile tile) => TensorLanes.Store(tile);
}

/// <summary>
/// Where a lane of <see cref="MatrixUnit"/> reads and writes, in bytes: a warp has 64 rows by 32 columns of the group's tile, and C in
/// registers of the unit's own.
/// </summary>
internal static class TensorLanes
{
    private static int Lane => Group.IdxX % 32;

    public static int LeftStart(GroupTile tile) => sizeof(float) * (tile.AlongDepth
        ? ((WarpRow(tile) + (Lane % 16)) * AsyncSlab.LeftRowPitch) + (Lane / 16 * 4)
        : (Lane % 4 * AsyncSlab.LeftDepthPitch) + WarpRow(tile) + (Lane / 4));

    public static int RightStart(GroupTile tile) => sizeof(float) * ((Lane % 4 * AsyncSlab.RightPitch) + WarpColumn(tile) + (Lane / 4));

    /// <summary>Loads the factors of one of the steps of a slab.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(GroupTile tile, int left, int right, int step)
    {
        step *= sizeof(float) * MatrixUnit.Depth;
        MatrixUnit.LoadLeft(tile.Address + left + (step * (tile.AlongDepth ? 1 : AsyncSlab.LeftDepthPitch)), tile.AlongDepth);
        MatrixUnit.LoadRight(tile.Address + right + (step * AsyncSlab.RightPitch));
    }

    public static void Store(GroupTile tile)
    {
        int words = ((WarpRow(tile) + (Lane / 4)) * AsyncSlab.ResultPitch) + WarpColumn(tile) + (Lane % 4 * 2);
        MatrixUnit.Store(tile.Address + (words * sizeof(float)));
    }

    private static int WarpRow(GroupTile tile) => ((Group.IdxX / 32) >> (tile.ColumnBits - 5)) * MatrixUnit.Rows;

    private static int WarpColumn(GroupTile tile) => ((Group.IdxX / 32) & ((1 << (tile.ColumnBits - 5)) - 1)) * MatrixUnit.Columns;
}
