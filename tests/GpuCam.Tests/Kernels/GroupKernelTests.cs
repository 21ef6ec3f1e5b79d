using GpuCam.Kernels;
using ILGPU;

namespace GpuCam.Tests.Kernels;

/// <summary>The group runner of the portable build: barriers, shared memory, any group size.</summary>
public class GroupKernelTests
{
    /// <summary>Devices that run group kernels, with group sizes they take. (Where a device has none the theory has no row for it.)</summary>
    public static TheoryData<string, int> Cases
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (string row in TestDevices.All)
            {
                using IDevice device = TestDevices.Create(row);
                foreach (int size in new[] { 1, 2, 7, 16, 256 })
                {
                    if (size <= device.MaxGroupSize)
                        cases.Add(row, size);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_reduction_in_shared_memory_sums_every_row(string device, int groupSize)
    {
        const int Rows = 5;
        const int Columns = 37;
        using var op = new OpHarness(device);
        float[] x = [.. OpHarness.Random(Rows * Columns, 1).Select(v => MathF.Round(v * 100))];
        Tensor sums = op.Output("sums", Shape.Vector(Rows));
        op.Device.LaunchGroups(Rows, groupSize, new RowSumKernel(op.Input("x", Shape.Matrix(Rows, Columns), x).View, sums.View, Columns));
        Assert.Equal(Enumerable.Range(0, Rows).Select(r => x.Skip(r * Columns).Take(Columns).Sum()), sums.ToArray());
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_tiled_transpose_moves_every_element(string device, int groupSize)
    {
        const int Rows = 21;
        const int Columns = 13;
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(Rows * Columns, 2);
        Tensor y = op.Output("y", Shape.Matrix(Columns, Rows));
        int groups = ((Rows + TransposeKernel.Tile - 1) / TransposeKernel.Tile) * ((Columns + TransposeKernel.Tile - 1) / TransposeKernel.Tile);
        op.Device.LaunchGroups(groups, groupSize, new TransposeKernel(op.Input("x", Shape.Matrix(Rows, Columns), x).View, y.View, Rows, Columns));
        Assert.Equal(Enumerable.Range(0, Rows * Columns).Select(i => x[(i % Rows * Columns) + (i / Rows)]), y.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(256)]
    public void Shared_memory_starts_as_NaN_in_every_group(int groupSize)
    {
        using var op = new OpHarness("plain-2-threads");
        Tensor y = op.Output("y", Shape.Matrix(3, 8));
        op.Device.LaunchGroups(3, groupSize, new FirstLookKernel(y.View));
        Assert.Equal(Enumerable.Repeat(1f, 24), y.ToArray());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(256)]
    public async Task An_exception_in_one_thread_surfaces_and_does_not_hang(int groupSize)
    {
        using var op = new OpHarness("plain-2-threads");
        Tensor y = op.Output("y", Shape.Vector(1));
        Task launch = Task.Run(() => op.Device.LaunchGroups(4, groupSize, new FaultyKernel(y.View)));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => launch.WaitAsync(TimeSpan.FromSeconds(30)));

        // The device is whole afterwards.
        op.Device.LaunchGroups(1, groupSize, new RowSumKernel(op.Input("x", Shape.Vector(3), [1, 2, 3]).View, y.View, 3));
        Assert.Equal([6f], y.ToArray());
    }

    [Fact]
    public void A_group_of_no_threads_or_too_many_is_an_error_and_no_groups_are_none()
    {
        using var op = new OpHarness("plain");
        Tensor y = op.Output("y", Shape.Vector(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => op.Device.LaunchGroups(1, 0, new FirstLookKernel(y.View)));
        Assert.Throws<ArgumentOutOfRangeException>(() => op.Device.LaunchGroups(1, op.Device.MaxGroupSize + 1, new FirstLookKernel(y.View)));
        op.Device.LaunchGroups(0, 4, new FirstLookKernel(y.View));
        Assert.Equal([float.NaN], y.ToArray());
    }

    [Fact]
    public void Outside_a_group_kernel_there_is_no_group()
    {
        using var op = new OpHarness("plain");
        op.Device.LaunchGroups(1, 1, new RowSumKernel(op.Input("x", Shape.Vector(1), [1]).View, op.Output("y", Shape.Vector(1)).View, 1));
        Assert.Throws<InvalidOperationException>(() => Group.IdxX);
    }
}

/// <summary>One group, one row: every thread sums its share, then the tree halves the threads, odd counts included.</summary>
public readonly struct RowSumKernel(ArrayView<float> x, ArrayView<float> sums, int columns) : IGroupKernel
{
    public void Execute()
    {
        ArrayView<float> partial = SharedMemory.Allocate<float>(256);
        int thread = Group.IdxX;
        float sum = 0;
        for (int i = thread; i < columns; i += Group.DimX)
            sum += x[(Grid.IdxX * columns) + i];
        partial[thread] = sum;
        Group.Barrier();
        for (int active = Group.DimX; active > 1; active = (active + 1) / 2)
        {
            int half = (active + 1) / 2;
            if (thread < active / 2)
                partial[thread] += partial[thread + half];
            Group.Barrier();
        }

        if (thread == 0)
            sums[Grid.IdxX] = partial[0];
    }
}

/// <summary>One group, one tile of the transpose, by way of shared memory.</summary>
public readonly struct TransposeKernel(ArrayView<float> x, ArrayView<float> y, int rows, int columns) : IGroupKernel
{
    public const int Tile = 8;

    public void Execute()
    {
        ArrayView<float> tile = SharedMemory.Allocate<float>(Tile * Tile);
        int tilesAcross = (columns + Tile - 1) / Tile;
        int top = Grid.IdxX / tilesAcross * Tile;
        int left = Grid.IdxX % tilesAcross * Tile;
        for (int i = Group.IdxX; i < Tile * Tile; i += Group.DimX)
        {
            int row = top + (i / Tile);
            int column = left + (i % Tile);
            if (row < rows && column < columns)
                tile[i] = x[(row * columns) + column];
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < Tile * Tile; i += Group.DimX)
        {
            int row = top + (i % Tile);
            int column = left + (i / Tile);
            if (row < rows && column < columns)
                y[(column * rows) + row] = tile[(i % Tile * Tile) + (i / Tile)];
        }
    }
}

/// <summary>Writes 1 where fresh shared memory is NaN, then leaves other values behind for the next group.</summary>
public readonly struct FirstLookKernel(ArrayView<float> y) : IGroupKernel
{
    public void Execute()
    {
        ArrayView<float> shared = SharedMemory.Allocate<float>(8);
        for (int i = Group.IdxX; i < 8; i += Group.DimX)
        {
            y[(Grid.IdxX * 8) + i] = float.IsNaN(shared[i]) ? 1 : 0;
            shared[i] = 0;
        }
    }
}

/// <summary>The last thread of group 1 writes outside, while the others wait for it.</summary>
public readonly struct FaultyKernel(ArrayView<float> y) : IGroupKernel
{
    public void Execute()
    {
        if (Grid.IdxX == 1 && Group.IdxX == Group.DimX - 1)
            y[1] = 0;
        Group.Barrier();
    }
}
