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
        int wanted = device.Launches.ReductionParts(rows, ColumnLanes.Groups(columns, ColumnLanes.Columns));
        int rowsPerPart = (rows + wanted - 1) / wanted, parts = (rows + rowsPerPart - 1) / rowsPerPart;
        if (parts == 1)
        {
            Parts(device, x.View, sums.View, rows, columns, rows, 1);
            return;
        }

        ArrayView<float> partSums = device.Scratch(checked(parts * columns)).View;
        Parts(device, x.View, partSums, rows, columns, rowsPerPart, 1);
        AddUp(device, partSums, sums.View, columns, parts);
    }

    /// <summary>Writes <paramref name="y"/>, the sum of the <paramref name="count"/> parts of a split sum, one a row.</summary>
    public static void AddUp(IDevice device, ArrayView<float> parts, ArrayView<float> y, int columns, int count) =>
        Parts(device, parts, y, count, columns, count, 1);

    /// <summary>Writes <c>y[p, c] = scale * sum of x[r, c]</c> over the <paramref name="rowsPerPart"/> rows of part p.</summary>
    public static void Parts(
        IDevice device, ArrayView<float> x, ArrayView<float> y, int rows, int columns, int rowsPerPart, float scale)
    {
        int parts = (rows + rowsPerPart - 1) / rowsPerPart;
        int width = ColumnLanes.WidthFor(parts, columns, device);
        device.LaunchGroups(
            parts * ColumnLanes.Groups(columns, width),
            device.Launches.ReductionGroup(int.MaxValue),
            new ColumnSumKernel(x, y, rows, columns, rowsPerPart, width, scale));
    }
}

/// <summary>One group, <paramref name="width"/> columns of one part.</summary>
internal readonly struct ColumnSumKernel(
    ArrayView<float> x, ArrayView<float> y, int rows, int columns, int rowsPerPart, int width, float scale) : IGroupKernel
{
    /// <inheritdoc/>
    public void Execute()
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(GroupTree.MaxThreads);
        var mine = new ColumnLanes(Group.IdxX, Group.DimX, width);
        int tiles = ColumnLanes.Groups(columns, width);
        int part = Grid.IdxX / tiles, first = Grid.IdxX % tiles * width;
        int begin = part * rowsPerPart, end = Math.Min(rows, begin + rowsPerPart);
        int columnEnd = Math.Min(columns, first + width);
        for (int left = first; left < columnEnd; left += mine.Lanes)
        {
            int column = left + mine.Lane;
            int rowEnd = column < columnEnd && mine.Line < mine.Lines ? end : begin;
            int row = begin + mine.Line, at = (row * columns) + column, step = mine.Lines * columns;
            float sum = 0;

            // Four loads under way at a time: a loop of single ones waits for memory in each round.
            for (; row + (3 * mine.Lines) < rowEnd; row += 4 * mine.Lines, at += 4 * step)
            {
                float a = x[at], b = x[at + step], c = x[at + (2 * step)], d = x[at + (3 * step)];
                sum += a + b + (c + d);
            }

            for (; row < rowEnd; row += mine.Lines, at += step)
            {
                sum += x[at];
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
