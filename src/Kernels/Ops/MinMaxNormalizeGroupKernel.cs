using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>One group, one map of y; <see cref="MinMaxNormalizeKernel"/> by groups, with the same bits.</summary>
internal readonly struct MinMaxNormalizeGroupKernel(ArrayView<float> x, ArrayView<float> y, int area) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        int start = Grid.IdxX * area;
        float lowest = float.PositiveInfinity, highest = float.NegativeInfinity, unusual = 0;
        for (int i = Group.IdxX; i < area; i += Group.DimX)
        {
            float value = x[start + i];
            lowest = value < lowest ? value : lowest;
            highest = value > highest ? value : highest;

            // Counted, because a comparison with NaN is false and min and max would pass over it.
            unusual = XMath.Abs(value) <= float.MaxValue ? unusual : 1;
        }

        float min = -GroupTree.MaxOf(-lowest, shared);
        float max = GroupTree.MaxOf(highest, shared);
        float range = max - min;
        int usable = GroupTree.MaxOf(unusual, shared) == 0 && range > 0 && range <= float.MaxValue ? 1 : 0;
        for (int i = Group.IdxX; i < area; i += Group.DimX)
        {
            y[start + i] = usable != 0 ? (x[start + i] - min) / range : 0;
        }
    }
}
