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

    /// <summary>B is rounded where it lies, by the thread that copied it: several warps read it.</summary>
    public void Prepare(GroupTile tile, int copied)
    {
        MatrixUnit.RoundRight(tile.Address + copied);
        if (tile.RowBits < 7)
        {
            MatrixUnit.RoundRight(tile.Address + copied + (4 * TensorLanes.RightDepth));
        }
    }

    /// <inheritdoc/>
    public Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right)
    {
        TensorLanes.LoadLeft(tile, left, 0);
        MatrixUnit.MultiplyAsTF32(tile.Address + right, TensorLanes.AreWide(tile));
        TensorLanes.LoadLeft(tile, left, 1);
        MatrixUnit.MultiplyAsTF32(tile.Address + right + (4 * TensorLanes.RightDepth), TensorLanes.AreWide(tile));
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
    public void Prepare(GroupTile tile, int copied)
    {
    }

    /// <inheritdoc/>
    public Tile8x8 Multiply(Tile8x8 sum, GroupTile tile, int left, int right)
    {
        TensorLanes.LoadLeft(tile, left, 0);
        MatrixUnit.PackAsBFloat16(second: false, TensorLanes.AreWide(tile));
        TensorLanes.LoadLeft(tile, left, 1);
        MatrixUnit.PackAsBFloat16(second: true, TensorLanes.AreWide(tile));
        MatrixUnit.MultiplyAsBFloat16(tile.Address + right, TensorLanes.AreWide(tile));
        return sum;
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, GroupTile tile) => TensorLanes.Store(tile);
}

/// <summary>
/// Where a lane of <see cref="MatrixUnit"/> reads and writes, in bytes. Bits are cut out by masks: the driver's compiler divides by a
/// constant as by anything else, and does it again in each slab.
/// </summary>
internal static class TensorLanes
{
    /// <summary>Between two depths of B.</summary>
    public const int RightDepth = sizeof(float) * AsyncSlab.RightPitch;

    private static int Lane => Group.IdxX & 31;

    /// <summary>Whether a warp has 32 rows by 64 columns, else 64 by 32.</summary>
    public static bool AreWide(GroupTile tile) => tile.ColumnBits > 5;

    /// <summary>A row of 16 and depth 0 or 8 where A runs along the depth, else four rows and depth 0, 1, 2 or 3.</summary>
    public static int LeftStart(GroupTile tile) => sizeof(float) * (tile.AlongDepth
        ? AsyncSlab.LeftRow(WarpRow(tile) + (Lane & 15)) + ((Lane >> 4) * 8)
        : ((Lane & 3) * AsyncSlab.LeftDepthPitch) + WarpRow(tile) + ((Lane >> 2) * 4));

    /// <summary>Four columns and depth 0, 1, 2 or 3.</summary>
    public static int RightStart(GroupTile tile) => ((Lane & 3) * RightDepth) + ((Lane >> 2) * 4 * sizeof(float));

    /// <summary>Loads A of one half of a slab: these depths and those 8 behind or, of the second half, those 4 behind both.</summary>
    public static void LoadLeft(GroupTile tile, int left, int half) => MatrixUnit.LoadLeft(
        tile.Address + left + (half * 4 * sizeof(float) * (tile.AlongDepth ? 1 : AsyncSlab.LeftDepthPitch)), tile.AlongDepth,
        AreWide(tile));

    /// <summary>From row g, or 4g, and column 8q of the warp on.</summary>
    public static void Store(GroupTile tile)
    {
        int row = WarpRow(tile) + (tile.AlongDepth ? Lane >> 2 : (Lane >> 2) * 4), column = (Lane & 3) * 8;
        MatrixUnit.Store(
            tile.Address + (((row * AsyncSlab.ResultPitch) + column) * sizeof(float)), tile.AlongDepth, AreWide(tile));
    }

    private static int WarpRow(GroupTile tile) => (Group.IdxX >> 5) << (AreWide(tile) ? 5 : 6);
}
