using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using ILGPU;

namespace GpuCam.Tests.Kernels.Groups;

/// <summary>What the host promises as a GPU: NaN in fresh shared memory, and errors where a GPU has undefined behaviour.</summary>
public class GroupHostDeviceTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    [InlineData(256)]
    public void Shared_memory_starts_as_NaN_in_every_group(int groupSize)
    {
        using var op = new OpHarness("groups-of-1");
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
        using var op = new OpHarness("groups-of-1");
        Tensor y = op.Output("y", Shape.Vector(1));
        var launch = Task.Run(() => op.Device.LaunchGroups(4, groupSize, new FaultyKernel(y.View)));
        await Assert.ThrowsAsync<TraceAssertionException>(() => launch.WaitAsync(TimeSpan.FromSeconds(30)));

        // The device is whole afterwards.
        op.Device.LaunchGroups(1, groupSize, new RowSumKernel(op.Input("x", Shape.Vector(3), [1, 2, 3]).View, y.View, 3));
        Assert.Equal([6f], y.ToArray());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(256)]
    public void A_barrier_that_a_thread_misses_is_an_error(int groupSize)
    {
        using var op = new OpHarness("groups-of-1");
        Assert.Throws<InvalidOperationException>(() => op.Device.LaunchGroups(1, groupSize, new MissedBarrierKernel()));
    }

    [Fact]
    public void Threads_come_in_both_orders()
    {
        using var op = new OpHarness("groups-of-1");
        Tensor y = op.Output("y", Shape.Vector(1));
        float[] last = [.. Enumerable.Range(0, 4).Select(_ =>
        {
            op.Device.LaunchGroups(1, 7, new LastThreadKernel(y.View));
            return y.ToArray()[0];
        })];
        Assert.Equal([0f, 6f], last.Distinct().Order());
    }

    [Fact]
    public void A_group_of_no_threads_or_too_many_is_an_error_and_no_groups_are_none()
    {
        using var op = new OpHarness("groups-of-1");
        Tensor y = op.Output("y", Shape.Vector(1));
        Assert.Throws<ArgumentOutOfRangeException>(() => op.Device.LaunchGroups(1, 0, new FirstLookKernel(y.View)));
        Assert.Throws<ArgumentOutOfRangeException>(
            () => op.Device.LaunchGroups(1, op.Device.MaxGroupSize + 1, new FirstLookKernel(y.View)));
        op.Device.LaunchGroups(0, 4, new FirstLookKernel(y.View));
        Assert.Equal([float.NaN], y.ToArray());
    }

    [Fact]
    public void Outside_a_group_kernel_there_is_no_group()
    {
        using var op = new OpHarness("groups-of-1");
        op.Device.LaunchGroups(1, 1, new RowSumKernel(op.Input("x", Shape.Vector(1), [1]).View, op.Output("y", Shape.Vector(1)).View, 1));
        Assert.Throws<TraceAssertionException>(() => Group.IdxX);
    }

    [Fact]
    public void A_kernel_that_reads_outside_is_an_error_on_the_callers_thread()
    {
        using var op = new OpHarness("plain-2-threads");
        Tensor x = op.Output("x", Shape.Vector(5));
        Assert.Throws<TraceAssertionException>(() => op.Device.Launch(6, new ReluKernel(x.View, x.View)));
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
            y[(Grid.IdxX * 8) + i] = float.IsNaN(shared[i]) ? 1f : 0f;
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
        {
            y[1] = 0;
        }

        Group.Barrier();
    }
}

/// <summary>All threads but the first wait.</summary>
public readonly struct MissedBarrierKernel : IGroupKernel
{
    public void Execute()
    {
        if (Group.IdxX > 0)
        {
            Group.Barrier();
        }
    }
}

/// <summary>Writes the number of the thread that ran last: a race, for nothing waits.</summary>
public readonly struct LastThreadKernel(ArrayView<float> y) : IGroupKernel
{
    public void Execute() => y[0] = Group.IdxX;
}
