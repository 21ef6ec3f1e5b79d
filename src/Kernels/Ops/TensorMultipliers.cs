using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>Tensor cores with factors of 10 bits of mantissa: <see cref="Precision.TF32"/>.</summary>
public readonly struct TF32Multiplier : IMultiplier
{
    /// <inheritdoc/>
    public void Clear() => MatrixUnit.Clear();

    /// <inheritdoc/>
    public int LeftStart(bool alongDepth, int columnBits) => TensorLanes.LeftStart(alongDepth, columnBits);

    /// <inheritdoc/>
    public int RightStart(int columnBits) => TensorLanes.RightStart(columnBits);

    /// <inheritdoc/>
    public Tile8x8 Multiply(
        Tile8x8 sum, ArrayView<float> shared, int address, int left, int right, bool alongDepth, int rowBits, int columnBits)
    {
        MatrixUnit.LoadLeft(address + left, alongDepth);
        MatrixUnit.LoadRight(address + right);
        MatrixUnit.MultiplyAsTF32();
        MatrixUnit.LoadLeft(address + left + TensorLanes.LeftStep(alongDepth), alongDepth);
        MatrixUnit.LoadRight(address + right + TensorLanes.RightStep);
        MatrixUnit.MultiplyAsTF32();
        return sum;
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, ArrayView<float> shared, int address, bool alongDepth, int rowBits, int columnBits) =>
        MatrixUnit.Store(address + TensorLanes.ResultStart(columnBits));
}

/// <summary>Tensor cores with factors of 7 bits of mantissa: <see cref="Precision.BFloat16"/>.</summary>
public readonly struct BFloat16Multiplier : IMultiplier
{
    /// <inheritdoc/>
    public void Clear() => MatrixUnit.Clear();

    /// <inheritdoc/>
    public int LeftStart(bool alongDepth, int columnBits) => TensorLanes.LeftStart(alongDepth, columnBits);

    /// <inheritdoc/>
    public int RightStart(int columnBits) => TensorLanes.RightStart(columnBits);

    /// <inheritdoc/>
    public Tile8x8 Multiply(
        Tile8x8 sum, ArrayView<float> shared, int address, int left, int right, bool alongDepth, int rowBits, int columnBits)
    {
        MatrixUnit.LoadLeft(address + left, alongDepth);
        MatrixUnit.LoadRight(address + right);
        MatrixUnit.MultiplyAsBFloat16();
        MatrixUnit.LoadLeft(address + left + TensorLanes.LeftStep(alongDepth), alongDepth);
        MatrixUnit.LoadRight(address + right + TensorLanes.RightStep);
        MatrixUnit.MultiplyAsBFloat16();
        return sum;
    }

    /// <inheritdoc/>
    public void Store(Tile8x8 sum, ArrayView<float> shared, int address, bool alongDepth, int rowBits, int columnBits) =>
        MatrixUnit.Store(address + TensorLanes.ResultStart(columnBits));
}

/// <summary>Where a lane of <see cref="MatrixUnit"/> reads and writes, in bytes: a warp has 64 rows by 32 columns of the group's tile.</summary>
internal static class TensorLanes
{
    /// <summary>From one step's part of B to the next one's.</summary>
    public const int RightStep = sizeof(float) * MatrixUnit.Depth * AsyncSlab.RightPitch;

    private static int Lane => Group.IdxX % 32;

    public static int LeftStart(bool alongDepth, int columnBits) => sizeof(float) * (alongDepth
        ? ((WarpRow(columnBits) + (Lane % 16)) * AsyncSlab.LeftRowPitch) + (Lane / 16 * 4)
        : (Lane % 4 * AsyncSlab.LeftDepthPitch) + WarpRow(columnBits) + (Lane / 4));

    public static int RightStart(int columnBits) => sizeof(float) * ((Lane % 4 * AsyncSlab.RightPitch) + WarpColumn(columnBits) + (Lane / 4));

    /// <summary>From one step's part of A to the next one's.</summary>
    public static int LeftStep(bool alongDepth) => sizeof(float) * MatrixUnit.Depth * (alongDepth ? 1 : AsyncSlab.LeftDepthPitch);

    public static int ResultStart(int columnBits) =>
        sizeof(float) * (((WarpRow(columnBits) + (Lane / 4)) * AsyncSlab.ResultPitch) + WarpColumn(columnBits) + (Lane % 4 * 2));

    private static int WarpRow(int columnBits) => ((Group.IdxX / 32) >> (columnBits - 5)) * MatrixUnit.Rows;

    private static int WarpColumn(int columnBits) => ((Group.IdxX / 32) & ((1 << (columnBits - 5)) - 1)) * MatrixUnit.Columns;
}
