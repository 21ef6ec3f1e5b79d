using GpuCam.Kernels;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Tests.Kernels;

public class DeviceCatalogTests
{
    [Fact]
    public void Every_backend_is_listed_in_order_with_a_device_or_a_reason()
    {
        IReadOnlyList<DeviceInfo> devices = DeviceCatalog.List();
        Assert.Equal([Backend.Cuda, Backend.OpenCL, Backend.Cpu, Backend.Simd], devices.Select(d => d.Backend).Distinct());
        Assert.All(devices, d => Assert.Equal(d.Available, d.Reason is null));
        Assert.All(devices.Where(d => d.Backend is Backend.Cpu or Backend.Simd), d => Assert.True(d.Available));
    }

    [Fact]
    public void Everything_listed_as_available_opens()
    {
        foreach (DeviceInfo info in DeviceCatalog.List().Where(d => d.Available))
        {
            using IDevice device = DeviceCatalog.Create(info.Backend, info.Index, 2);
            Assert.Equal(info.Backend, device.Backend);
        }
    }

    [Fact]
    public void Everything_else_says_why_and_what_there_is()
    {
        foreach (DeviceInfo info in DeviceCatalog.List().Where(d => !d.Available))
        {
            GpuCamException error = Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(info.Backend, info.Index, 1));
            Assert.Contains(info.Reason!, error.Message, StringComparison.Ordinal);
            Assert.Contains("; available: ", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Who_looks_for_drivers_first_misses_no_GPU()
    {
        bool isThere = DeviceCatalog.List().Any(d => d.Backend is Backend.Cuda or Backend.OpenCL && d.Available);
        Assert.True(!isThere || IlgpuDrivers.MayHaveGpu());
    }

    [Theory]
    [InlineData(Backend.Simd, 1, "backend simd has no device 1; available: ")]
    [InlineData(Backend.Cpu, -1, "backend cpu has no device -1; available: ")]
    [InlineData(Backend.Auto, 99, "no GPU has device number 99; available: ")]
    public void A_device_number_that_is_not_there_is_never_ignored(Backend backend, int index, string message)
    {
        GpuCamException error = Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(backend, index, 1));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1025)]
    public void A_thread_count_out_of_range_is_an_error(int threads)
    {
        GpuCamException error = Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(Backend.Simd, 0, threads));
        Assert.Equal($"{threads} threads: give a number from 1 to 1024, or 0 for one per core", error.Message);
    }

    [Fact]
    public void Every_device_opens_with_the_precision_that_is_asked_for_or_not_at_all()
    {
        foreach (DeviceInfo info in DeviceCatalog.List().Where(d => d.Available))
        {
            using IDevice device = DeviceCatalog.Create(info.Backend, info.Index, 2);
            Assert.Equal(Precision.Float32, device.Precision);
            if (info.Backend != Backend.Cuda)
            {
                GpuCamException error =
                    Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(info.Backend, info.Index, 2, Precision.TF32));
                Assert.Equal($"--precision tf32 is for CUDA devices only, not for --backend {DeviceCatalog.NameOf(info.Backend)}; "
                    + "give --backend cuda, or --precision fp32", error.Message);
            }
        }
    }

    [Theory]
    [InlineData(Backend.Auto)]
    [InlineData(Backend.Cuda)]
    public void Rounding_asks_for_a_CUDA_device_and_nothing_takes_its_place(Backend backend)
    {
        DeviceInfo cuda = DeviceCatalog.List().First(d => d.Backend == Backend.Cuda);
        if (cuda.Available)
        {
            using IDevice device = DeviceCatalog.Create(backend, 0, 1, Precision.BFloat16);
            Assert.Equal((Backend.Cuda, Precision.BFloat16), (device.Backend, device.Precision));
            return;
        }

        GpuCamException error = Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(backend, 0, 1, Precision.BFloat16));
        Assert.Equal(
            $"--precision bf16 is for CUDA devices only, and none is available: {cuda.Reason}; give --precision fp32 to do without",
            error.Message);
    }

    [Fact]
    public void A_card_without_tensor_cores_for_it_is_named()
    {
        IlgpuDevices.CheckTensorCores(Precision.Float32, CudaArchitecture.SM_75, "old");
        IlgpuDevices.CheckTensorCores(Precision.TF32, CudaArchitecture.SM_80, "new");
        IlgpuDevices.CheckTensorCores(Precision.BFloat16, CudaArchitecture.SM_90, "newer");
        GpuCamException error = Assert.Throws<GpuCamException>(() =>
            IlgpuDevices.CheckTensorCores(Precision.TF32, CudaArchitecture.SM_75, "Tesla T4"));
        Assert.Equal("--precision tf32 needs compute capability 8.0 or newer, Tesla T4 has 7.5; give another --device, or --precision fp32",
            error.Message);
    }

    [Fact]
    public void Simd_takes_the_thread_count()
    {
        using IDevice device = DeviceCatalog.Create(Backend.Simd, 0, 3);
        Assert.Equal(3, Assert.IsType<HostDevice>(device).Threads.Count);
    }

    [Fact]
    public void The_engine_says_its_version() => Assert.Equal("ILGPU 1.5.3", DeviceCatalog.Engine);
}
