using GpuCam.Kernels;
using GpuCam.Tests.Kernels.Groups;
using ILGPU;

namespace GpuCam.Tests.Kernels;

/// <summary>Barriers, shared memory and any group size, on every device that runs group kernels.</summary>
public class GroupKernelTests
{
    /// <summary>Every device with some of the group sizes that it takes.</summary>
    public static TheoryData<string, int> Cases => new()
    {
        { TestDevices.HostGroups, 1 }, { TestDevices.HostGroups, 2 }, { TestDevices.HostGroups, 7 }, { TestDevices.HostGroups, 16 },
        { TestDevices.HostGroups, GroupHostDevice.LargestGroup },
        { TestDevices.IlgpuGroups, 1 }, { TestDevices.IlgpuGroups, 2 }, { TestDevices.IlgpuGroups, 7 }, { TestDevices.IlgpuGroups, 16 },
        { TestDevices.IlgpuGroups, TestDevices.LargestIlgpuGroup },
        { "ilgpu-cpu", 1 }, { "ilgpu-cpu", 2 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_reduction_in_shared_memory_sums_every_row(string device, int groupSize)
    {
        const int Rows = 5;
        const int Columns = 37;
        using OpHarness op = Harness(device);
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
        using OpHarness op = Harness(device);
        float[] x = OpHarness.Random(Rows * Columns, 2);
        Tensor y = op.Output("y", Shape.Matrix(Columns, Rows));
        int groups =
            ((Rows + TransposeKernel.Tile - 1) / TransposeKernel.Tile) * ((Columns + TransposeKernel.Tile - 1) / TransposeKernel.Tile);
        op.Device.LaunchGroups(
            groups, groupSize, new TransposeKernel(op.Input("x", Shape.Matrix(Rows, Columns), x).View, y.View, Rows, Columns));
        Assert.Equal(Enumerable.Range(0, Rows * Columns).Select(i => x[(i % Rows * Columns) + (i / Rows)]), y.ToArray());
    }

    // Large enough for any of the groups: most leave some of its threads idle.
    private static OpHarness Harness(string device) => new(device == "ilgpu-cpu"
        ? TestDevices.Create(device) : TestDevices.WithGroups(device, new LaunchRow(TestDevices.LargestIlgpuGroup)));
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
        {
            sum += x[(Grid.IdxX * columns) + i];
        }

        partial[thread] = sum;
        Group.Barrier();
        for (int active = Group.DimX; active > 1; active = (active + 1) / 2)
        {
            int half = (active + 1) / 2;
            if (thread < active / 2)
            {
                partial[thread] += partial[thread + half];
            }

            Group.Barrier();
        }

        if (thread == 0)
        {
            sums[Grid.IdxX] = partial[0];
        }
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
            {
                tile[i] = x[(row * columns) + column];
            }
        }

        Group.Barrier();
        for (int i = Group.IdxX; i < Tile * Tile; i += Group.DimX)
        {
            int row = top + (i % Tile);
            int column = left + (i / Tile);
            if (row < rows && column < columns)
            {
                y[(column * rows) + row] = tile[(i % Tile * Tile) + (i / Tile)];
            }
        }
    }
}
