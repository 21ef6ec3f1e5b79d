using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Tests.Kernels;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>Devices that are not hosts: the device is the only lane, and what is sent goes through memory of the host.</summary>
public class DeviceShardTests
{
    [Theory]
    [InlineData("ilgpu-cpu", "layers")]
    [InlineData("groups-of-1", "layers")]
    public void Ranks_change_no_bit_and_sums_come_back_to_the_device(string device, string network)
    {
        var of = new ShardCase(network, "momentum", Backend.Cpu, Batch: 5);
        ShardCase.Outcome alone = of.Train(1, 4, GradientReduction.Ordered, () => TestDevices.Create(device))[0];
        Assert.All(of.Train(3, 4, GradientReduction.Ordered, () => TestDevices.Create(device)), one => ShardCase.Same(alone, one, device));
    }

    [Theory]
    [InlineData("ilgpu-cpu")]
    [InlineData("groups-of-1")]
    public void Both_ways_to_add_up_give_what_the_whole_batch_gives(string device)
    {
        var of = new ShardCase("layers", "momentum", Backend.Cpu, Batch: 6);
        using IDevice whole = TestDevices.Create(device);
        ShardCase.Outcome uncut = of.Train(whole, null);
        ShardCase.Close(uncut, of.Train(1, 3, GradientReduction.Ordered, () => TestDevices.Create(device))[0], 2e-5);
        ShardCase.Close(uncut, of.Train(2, 2, GradientReduction.Fast, () => TestDevices.Create(device))[1], 2e-5);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("ilgpu-cpu")]
    public void Floats_go_through_staging_and_back(string device)
    {
        using var op = new OpHarness(device);
        Tensor from = op.Input("from", Shape.Vector(7), [1, 2, 3, 4, 5, 6, 7]), to = op.Output("to", Shape.Vector(4));
        using StagingBuffer staging = op.Device.CreateStaging(9);
        staging.Mark(3);
        staging.Await(3);
        staging.Download(from, 2);
        staging.Upload(4, to);
        staging.Finish();
        Assert.Equal([3, 4, 5, 6], to.ToArray());
        Assert.Equal(0, staging.CudaAddress(from));
        Assert.Throws<ArgumentOutOfRangeException>(() => staging.Download(from, 3));
    }
}
