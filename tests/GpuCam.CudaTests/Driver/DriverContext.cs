using ILGPU.Runtime.Cuda;

namespace GpuCam.CudaTests.Driver;

/// <summary>A context: what streams, modules and memory belong to, and where an error of a kernel stays.</summary>
internal sealed class DriverContext
{
    public DriverContext() => Default = new DriverStream(this);

    /// <summary>The default stream.</summary>
    public DriverStream Default { get; }

    /// <summary>All of its streams.</summary>
    public HashSet<DriverStream> Streams { get; } = [];

    /// <summary>Once a kernel has failed, every call says so.</summary>
    public CudaError Error { get; set; }

    public bool IsDestroyed { get; set; }

    /// <summary>Whether work that is not done uses host memory.</summary>
    public bool Uses(nint address, long bytes) => Default.Uses(address, bytes) || Streams.Any(stream => stream.Uses(address, bytes));

    /// <summary>Does all work.</summary>
    public void Finish()
    {
        Default.Finish();
        foreach (DriverStream stream in Streams)
        {
            stream.Finish();
        }
    }
}
