using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Combines what the threads of a group have found, pair by pair, in an order that depends on the group's size alone. All
/// threads call it, after writing their own element; the result lies in the first of each lane when it returns.
/// </summary>
/// <remarks>Element <c>line * lanes + lane</c> is of thread <c>line * lanes + lane</c>; lanes are not combined with each other.</remarks>
internal static class GroupTree
{
    /// <summary>Most threads of a group, and elements of its shared memory.</summary>
    public const int MaxThreads = 256;

    /// <summary>Sums the lines of every lane.</summary>
    public static void Sum(ArrayView<float> values, int lanes, int lines)
    {
        Group.Barrier();
        for (int active = lines; active > 1; active = (active + 1) / 2)
        {
            int half = (active + 1) / 2 * lanes;
            if (Group.IdxX + half < active * lanes)
            {
                values[Group.IdxX] += values[Group.IdxX + half];
            }

            Group.Barrier();
        }
    }

    /// <summary>The same for four values per thread.</summary>
    public static void Sum(ArrayView<Float4> values, int lanes, int lines)
    {
        Group.Barrier();
        for (int active = lines; active > 1; active = (active + 1) / 2)
        {
            int half = (active + 1) / 2 * lanes;
            if (Group.IdxX + half < active * lanes)
            {
                values[Group.IdxX] = values[Group.IdxX].Plus(values[Group.IdxX + half]);
            }

            Group.Barrier();
        }
    }

    /// <summary>The largest of all threads; a NaN is passed over.</summary>
    public static void Max(ArrayView<float> values)
    {
        Group.Barrier();
        for (int active = Group.DimX; active > 1; active = (active + 1) / 2)
        {
            int half = (active + 1) / 2;
            if (Group.IdxX + half < active && values[Group.IdxX + half] > values[Group.IdxX])
            {
                values[Group.IdxX] = values[Group.IdxX + half];
            }

            Group.Barrier();
        }
    }

    /// <summary>The sum over all threads of one value each; <paramref name="values"/> is free again afterwards.</summary>
    public static float SumOf(float value, ArrayView<float> values)
    {
        values[Group.IdxX] = value;
        Sum(values, 1, Group.DimX);
        float sum = values[0];
        Group.Barrier();
        return sum;
    }

    /// <summary>The largest over all threads of one value each; <paramref name="values"/> is free again afterwards.</summary>
    public static float MaxOf(float value, ArrayView<float> values)
    {
        values[Group.IdxX] = value;
        Max(values);
        float max = values[0];
        Group.Barrier();
        return max;
    }
}

/// <summary>
/// Which columns of a matrix a thread works on when a group takes some of them: neighbouring threads, lanes, have neighbouring
/// columns, and lines of threads share out the rows.
/// </summary>
internal readonly struct ColumnLanes
{
    /// <summary>Columns per group: 128 bytes of floats, what a warp reads at a time.</summary>
    public const int Columns = 32;

    /// <summary>The same where there are few groups: 32 bytes, the least that memory gives.</summary>
    private const int FewColumns = 8;

    public readonly int Lanes, Lines, Lane, Line;

    /// <summary>For a thread of the group that is running; threads beyond the last full line have no rows.</summary>
    public ColumnLanes(int thread, int threads, int columns)
    {
        Lanes = Math.Min(threads, columns);
        Lines = threads / Lanes;
        Lane = thread % Lanes;
        Line = thread / Lanes;
    }

    /// <summary>Groups for <paramref name="columns"/>, <paramref name="width"/> each.</summary>
    public static int Groups(int columns, int width) => (columns + width - 1) / width;

    /// <summary>Columns per group for so many times <paramref name="columns"/>: narrow groups, if wide ones left multiprocessors idle.</summary>
    public static int WidthFor(int times, int columns, IDevice device) =>
        (long)times * Groups(columns, Columns) < 2 * device.Launches.Multiprocessors ? FewColumns : Columns;
}
