using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine;

/// <summary>The memory of a device: real addresses, and a register of what is allocated.</summary>
/// <remarks>
/// Before and behind each allocation lies a red zone: no kernel may touch it, and what the host wrote there is found when the memory is
/// freed. Fresh memory is NaN as floats and -1 as integers. All members may be called from several threads.
/// </remarks>
public sealed unsafe class DeviceMemory : IDisposable
{
    private const int Alignment = 256;
    private const byte Fresh = 0xFF;
    private const byte Zone = 0xA5;

    private readonly Lock _lock = new();
    private readonly List<Allocation> _allocations = [];

    /// <summary>How many allocations there are.</summary>
    public int Live
    {
        get
        {
            lock (_lock)
            {
                return _allocations.Count;
            }
        }
    }

    /// <summary>At least one byte, at a multiple of 256.</summary>
    public nint Allocate(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytes, 1);
        long whole = bytes + (2 * Alignment);
        byte* block = (byte*)NativeMemory.AlignedAlloc((nuint)whole, Alignment);
        NativeMemory.Fill(block, Alignment, Zone);
        NativeMemory.Fill(block + Alignment, (nuint)bytes, Fresh);
        NativeMemory.Fill(block + Alignment + bytes, Alignment, Zone);
        var allocation = new Allocation((nint)block, (nint)block + Alignment, bytes);
        lock (_lock)
        {
            _allocations.Insert(~Search(allocation.Start), allocation);
        }

        return allocation.Start;
    }

    /// <summary>Gives it back.</summary>
    /// <exception cref="MachineFault">No allocation starts there, or the host wrote beside it.</exception>
    public void Free(nint address)
    {
        Allocation allocation;
        lock (_lock)
        {
            int index = Search(address);
            if (index < 0)
            {
                throw new MachineFault($"no allocation begins at 0x{address:X}, where one is to be freed");
            }

            allocation = _allocations[index];
            _allocations.RemoveAt(index);
        }

        Release(allocation);
    }

    /// <summary>Sees to it that all bytes lie in one allocation.</summary>
    /// <exception cref="MachineFault">They do not.</exception>
    public void Check(nint address, long bytes)
    {
        if (Find(address, bytes) is null)
        {
            throw new MachineFault(Describe(address, bytes));
        }
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            while (_allocations.Count > 0)
            {
                Allocation last = _allocations[^1];
                _allocations.RemoveAt(_allocations.Count - 1);
                Release(last);
            }
        }
    }

    /// <summary>The allocation that holds all these bytes; null if none does.</summary>
    internal Allocation? Find(nint address, long bytes)
    {
        lock (_lock)
        {
            return Before(address) is { } allocation && allocation.Holds(address, bytes) ? allocation : null;
        }
    }

    /// <summary>Why an access is outside: what lies next to it.</summary>
    internal string Describe(nint address, long bytes)
    {
        lock (_lock)
        {
            string place = Before(address) is not { } nearest ? "before all allocations"
                : address - nearest.Start < nearest.Bytes + Alignment
                    ? $"byte {address - nearest.Start} of an allocation of {nearest.Bytes}"
                    : "far from any allocation";
            return $"{bytes} bytes of global memory at 0x{address:X} are not allocated: {place}";
        }
    }

    private static void Release(Allocation allocation)
    {
        byte* block = (byte*)allocation.Block;
        bool intact = new ReadOnlySpan<byte>(block, Alignment).IndexOfAnyExcept(Zone) < 0
            && new ReadOnlySpan<byte>(block + Alignment + allocation.Bytes, Alignment).IndexOfAnyExcept(Zone) < 0;
        allocation.IsLive = false;
        NativeMemory.AlignedFree(block);
        if (!intact)
        {
            throw new MachineFault($"something was written beside an allocation of {allocation.Bytes} bytes");
        }
    }

    /// <summary>The last allocation that begins at or before an address.</summary>
    private Allocation? Before(nint address)
    {
        int index = Search(address);
        index = index >= 0 ? index : ~index - 1;
        return index < 0 ? null : _allocations[index];
    }

    /// <summary>The index of the allocation that begins there, or the complement of where it would be.</summary>
    private int Search(nint address)
    {
        int low = 0, high = _allocations.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            nint start = _allocations[middle].Start;
            if (start == address)
            {
                return middle;
            }

            (low, high) = start < address ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}
