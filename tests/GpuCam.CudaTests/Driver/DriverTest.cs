using GpuCam.Kernels;

namespace GpuCam.CudaTests.Driver;

/// <summary>A test on the CUDA driver of the tests' own; skipped where that cannot be made.</summary>
public sealed class DriverFactAttribute : FactAttribute
{
    public DriverFactAttribute() => Skip = DriverLibrary.WhyNot;
}

/// <summary>Tests of the driver, one at a time: there is one driver in the process, and a test hears all of its calls.</summary>
[Collection(nameof(CudaDriver))]
public abstract class DriverTest : IDisposable
{
    protected DriverTest() => CudaDriver.TakeFaults();

    /// <summary>No kernel did anything wrong, and nothing used memory too early or too late.</summary>
    public void Dispose()
    {
        Assert.Empty(CudaDriver.TakeFaults());
        GC.SuppressFinalize(this);
    }

    internal static IDevice Open() => DeviceCatalog.Create(Backend.Cuda, 0, 0);
}
