using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Sums the rows of a matrix <c>[rows, columns]</c> by groups: bias gradients and the global average. In NHWC a row is a pixel
/// and a column a channel.
/// </summary>
internal static class ColumnSum
{
    /// <summary>
    /// Writes <paramref name="dBias"/>, the sum of all rows of <paramref name="dy"/>: vectorised, by groups, or with
    /// <paramref name="plain"/> on so many <paramref name="threads"/>.
    /// </summary>
    public static void Bias<TKernel>(Tensor dy, Tensor dBias, int threads, TKernel plain)
        where TKernel : struct, IKernel
    {
        if (HostBias.TryBackward(dy, dBias))
        {
            return;
        }

        if (dy.Device.PrefersGroups)
        {
            Total(dy, dBias);
        }
        else
        {
            dy.Device.Launch(threads, plain);
        }
    }

    /// <summary>Writes <paramref name="sums"/>, a vector, the sum of all rows of <paramref name="x"/>.</summary>
    public static void Total(Tensor x, Tensor sums)
    {
        int columns = sums.Count, rows = x.Count / columns;
        IDevice device = x.Device;
        int wanted = device.Launches.ReductionParts(rows, ColumnLanes.Groups(columns));
        int rowsPerPart = (rows + wanted - 1) / wanted, parts = (rows + rowsPerPart - 1) / rowsPerPart;
        if (parts == 1)
        {
            Parts(device, x.View, sums.View, rows, columns, rows, 1);
            return;
        }

        ArrayView<float> partSums = device.Scratch(checked(parts * columns)).View;
        Parts(device, x.View, partSums, rows, columns, rowsPerPart, 1);
        device.Launch(columns, new SumPartsKernel(partSums, sums.View, columns, parts));
    }

    /// <summary>Writes <c>y[p, c] = scale * sum of x[r, c]</c> over the <paramref name="rowsPerPart"/> rows of part p.</summary>
    public static void Parts(
        IDevice device, ArrayView<float> x, ArrayView<float> y, int rows, int columns, int rowsPerPart, float scale)
    {
        int parts = (rows + rowsPerPart - 1) / rowsPerPart;
        device.LaunchGroups(
            parts * ColumnLanes.Groups(columns),
            device.Launches.ReductionGroup(int.MaxValue),
            new ColumnSumKernel(x, y, rows, columns, rowsPerPart, scale));
    }
}

/// <summary>One group, 32 columns of one part.</summary>
public readonly struct ColumnSumKernel(
    ArrayView<float> x, ArrayView<float> y, int rows, int columns, int rowsPerPart, float scale) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX);
        int tiles = ColumnLanes.Groups(columns);
        int part = Grid.IdxX / tiles, first = Grid.IdxX % tiles * ColumnLanes.Columns;
        int begin = part * rowsPerPart, end = Math.Min(rows, begin + rowsPerPart);
        int columnEnd = Math.Min(columns, first + ColumnLanes.Columns);
        for (int left = first; left < columnEnd; left += mine.Lanes)
        {
            int column = left + mine.Lane;
            int rowEnd = column < columnEnd && mine.Line < mine.Lines ? end : begin;
            float sum = 0;
            for (int row = begin + mine.Line; row < rowEnd; row += mine.Lines)
            {
                sum += x[(row * columns) + column];
            }

            sums[Group.IdxX] = sum;
            GroupTree.Sum(sums, mine.Lanes, mine.Lines);
            if (mine.Line == 0 && column < columnEnd)
            {
                y[(part * columns) + column] = sums[mine.Lane] * scale;
            }

            Group.Barrier();
        }
    }
}

/// <summary>One thread, one element: the parts that groups have summed, added up from the first to the last.</summary>
public readonly struct SumPartsKernel(ArrayView<float> parts, ArrayView<float> y, int count, int partCount) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float sum = 0;
        for (int part = 0; part < partCount; part++)
        {
            sum += parts[(part * count) + index];
        }

        y[index] = sum;
    }
}
