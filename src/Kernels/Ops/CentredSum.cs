using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Sums by groups, column by column of a matrix <c>[rows, columns]</c>, what lies about a centre: <c>(x - centre)^2</c>, or
/// <c>(x - centre) * dy</c>.
/// </summary>
internal static class CentredSum
{
    /// <summary>Writes <paramref name="sums"/>, a vector, over all rows of <paramref name="x"/>; squares without
    /// <paramref name="dy"/>.</summary>
    public static void Total(Tensor x, Tensor centre, Tensor? dy, Tensor sums)
    {
        int columns = sums.Count, rows = x.Count / columns;
        IDevice device = x.Device;
        int wanted = device.Launches.ReductionParts(rows, ColumnLanes.Groups(columns, ColumnLanes.Columns));
        int rowsPerPart = (rows + wanted - 1) / wanted, parts = (rows + rowsPerPart - 1) / rowsPerPart;
        int width = ColumnLanes.WidthFor(parts, columns, device);
        ArrayView<float> target = parts == 1 ? sums.View : device.Scratch(checked(parts * columns)).View;
        device.LaunchGroups(
            parts * ColumnLanes.Groups(columns, width),
            device.Launches.ReductionGroup(int.MaxValue),
            new CentredSumKernel(
                x.View, (dy ?? x).View, dy is null ? 1 : 0, centre.View, target, rows, columns, rowsPerPart, width));
        if (parts > 1)
        {
            ColumnSum.AddUp(device, target, sums.View, columns, parts);
        }
    }
}

/// <summary>One group, <paramref name="width"/> columns of one part.</summary>
internal readonly struct CentredSumKernel(
    ArrayView<float> x, ArrayView<float> dy, int squares, ArrayView<float> centre, ArrayView<float> y, int rows, int columns,
    int rowsPerPart, int width) : IGroupKernel
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
            bool isMine = column < columnEnd && mine.Line < mine.Lines;
            int rowEnd = isMine ? end : begin;
            float middle = isMine ? centre[column] : 0f;
            int row = begin + mine.Line, at = (row * columns) + column, step = mine.Lines * columns;
            float sum = 0;
            for (; row < rowEnd; row += mine.Lines, at += step)
            {
                float distance = x[at] - middle;
                sum += distance * (squares != 0 ? distance : dy[at]);
            }

            sums[Group.IdxX] = sum;
            GroupTree.Sum(sums, mine.Lanes, mine.Lines);
            if (mine.Line == 0 && column < columnEnd)
            {
                y[(part * columns) + column] = sums[mine.Lane];
            }

            Group.Barrier();
        }
    }
}
