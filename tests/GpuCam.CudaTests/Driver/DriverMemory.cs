using GpuCam.CudaTests.Machine;

namespace GpuCam.CudaTests.Driver;

/// <summary>Which memory is the device's, and which of the host's is page-locked. Both have one range of addresses.</summary>
internal sealed class DriverMemory
{
    private readonly SortedList<nint, (long Bytes, DriverContext Context)> _device = [], _locked = [];

    public DeviceMemory Device { get; } = new();

    /// <summary>Bytes that are allocated on the device.</summary>
    public long Allocated { get; private set; }

    public nint Allocate(long bytes, DriverContext context)
    {
        nint address = Device.Allocate(bytes);
        _device.Add(address, (bytes, context));
        Allocated += bytes;
        return address;
    }

    /// <summary>False where nothing was allocated at this address.</summary>
    public bool Free(nint address)
    {
        if (!_device.Remove(address, out (long Bytes, DriverContext Context) gone))
        {
            return false;
        }

        Allocated -= gone.Bytes;
        Device.Free(address);
        return true;
    }

    /// <summary>Frees what a context has left.</summary>
    public void FreeAll(DriverContext context)
    {
        foreach (nint address in _device.Where(entry => entry.Value.Context == context).Select(entry => entry.Key).ToArray())
        {
            Free(address);
        }
    }

    /// <summary>False where some of it is page-locked already.</summary>
    public bool Lock(nint address, long bytes, DriverContext context)
    {
        if (IsIn(_locked, address) || IsIn(_locked, address + (nint)bytes - 1))
        {
            return false;
        }

        _locked.Add(address, (bytes, context));
        return true;
    }

    /// <summary>How many bytes were locked there; 0 where none were.</summary>
    public long Unlock(nint address) => _locked.Remove(address, out (long Bytes, DriverContext Context) gone) ? gone.Bytes : 0;

    public bool IsDevice(nint address) => IsIn(_device, address);

    public bool IsLocked(nint address) => IsIn(_locked, address);

    private static bool IsIn(SortedList<nint, (long Bytes, DriverContext Context)> ranges, nint address)
    {
        int low = 0, high = ranges.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = ranges.Keys[middle] <= address ? (middle + 1, high) : (low, middle);
        }

        return low > 0 && address - ranges.Keys[low - 1] < ranges.Values[low - 1].Bytes;
    }
}
