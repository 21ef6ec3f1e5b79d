namespace GpuCam.CudaTests.Machine;

/// <summary>The memory of a device: real addresses, and a register of what is allocated.</summary>
public sealed class DeviceMemory : IDisposable
{
    /// <summary>How many allocations there are.</summary>
    public int Live => throw new NotImplementedException();

    /// <summary>Memory of at least one byte, filled with NaN, at a multiple of 256.</summary>
    public nint Allocate(long bytes) => throw new NotImplementedException();

    /// <summary>Gives it back.</summary>
    /// <exception cref="MachineFault">No allocation starts there, or something wrote beside it.</exception>
    public void Free(nint address) => throw new NotImplementedException();

    /// <summary>Sees to it that all bytes lie in one allocation.</summary>
    /// <exception cref="MachineFault">They do not.</exception>
    public void Check(nint address, long bytes) => throw new NotImplementedException();

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
    }
}
