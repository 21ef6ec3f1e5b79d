using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels.Portable;

public class IlgpuDevicesTests
{
    [Theory]
    [InlineData(Backend.Cuda, "cuda")]
    [InlineData(Backend.OpenCL, "opencl")]
    public void A_backend_that_needs_ILGPU_says_so_and_lists_what_there_is(Backend backend, string name)
    {
        foreach (int index in new[] { 0, 3 })
        {
            var error = Assert.Throws<GpuCamException>(() => DeviceCatalog.Create(backend, index, 1));
            Assert.StartsWith($"backend {name} is not available: this binary was built without the ILGPU package; ", error.Message, StringComparison.Ordinal);
            Assert.Contains("; available: cpu 0 (host, ", error.Message, StringComparison.Ordinal);
            Assert.Contains(", simd 0 (host, ", error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public void This_build_has_portable_kernels_and_the_hosts_own_devices()
    {
        Assert.Equal("portable kernels", DeviceCatalog.BuildKind);
        Assert.Equal([Backend.Cpu, Backend.Simd], DeviceCatalog.List().Where(d => d.Available).Select(d => d.Backend));
    }

    [Fact]
    public void Auto_falls_back_to_simd()
    {
        using IDevice device = DeviceCatalog.Create(Backend.Auto, 0, 1);
        Assert.Equal(Backend.Simd, device.Backend);
    }
}
