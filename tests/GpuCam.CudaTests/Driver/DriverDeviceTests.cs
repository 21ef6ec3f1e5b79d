using GpuCam.Kernels;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.CudaTests.Driver;

public sealed class DriverDeviceTests : DriverTest
{
    [DriverFact]
    public void The_driver_is_found_as_any_other()
    {
        DeviceInfo cuda = Assert.Single(DeviceCatalog.List(), device => device.Backend == Backend.Cuda);
        Assert.True(cuda.Available, cuda.Reason);
        Assert.Equal("PTX machine, 80.0 GiB, 132 multiprocessors", cuda.Name);
        Assert.Equal("SM_90", cuda.Facts["architecture"]);
        Assert.Equal("13.0", cuda.Facts["driver_supports_cuda"]);
        Assert.Contains(cuda.Name, Gpucam.Call("devices").Succeeded().Output, StringComparison.Ordinal);
    }

    [DriverFact]
    public void A_device_gives_back_all_that_it_took()
    {
        long before = CudaDriver.Memory.Allocated;
        using (IDevice device = Open())
        {
            using DeviceBuffer<float> buffer = device.Allocate<float>(1000);
            buffer.CopyFrom([1, 2, 3], 5);
            buffer.Clear();
            Assert.All(buffer.ToArray(), value => Assert.Equal(0, value));
            Assert.True(CudaDriver.Memory.Allocated > before);
        }

        Assert.Equal(before, CudaDriver.Memory.Allocated);
    }
}
