using System.Runtime.InteropServices;

namespace GpuCam.Kernels;

/// <summary>
/// Host memory on a cache line's boundary, 64 bytes. Large pieces are in huge pages where Linux has them: a network's weights would else
/// be a page fault for every 4 KB and miss the translation buffers wherever a kernel strides through them.
/// </summary>
internal static unsafe partial class HostPages
{
    /// <summary>Bytes of a huge page.</summary>
    public const int HugePage = 2 << 20;

    private const int Line = 64;

    /// <summary>Uninitialised memory; <see cref="NativeMemory.AlignedFree"/> frees it.</summary>
    public static void* Allocate(nuint bytes)
    {
        if (bytes < HugePage || !OperatingSystem.IsLinux())
        {
            return NativeMemory.AlignedAlloc(bytes, Line);
        }

        void* start = NativeMemory.AlignedAlloc(bytes, HugePage);
        // Advice, for whole pages only, so that no memory is taken that was not asked for; where it is not heard, nothing is lost but time.
        const int AdviseHugePages = 14;
        _ = MemoryAdvise(start, bytes / HugePage * HugePage, AdviseHugePages);
        return start;
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int MemoryAdvise(void* address, nuint length, int advice);
}
