using System.Runtime.InteropServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Unmanaged memory on a 64-byte boundary: one cache line, one Vector512.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    /// <summary>Bytes from which on a buffer has at least one huge page: transforms stride through it, from plane to plane.</summary>
    private const int Large = 128 << 10;

    private T* _start;

    /// <summary>So many elements, zeros unless they need not be.</summary>
    public AlignedBuffer(long length, bool cleared = true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        long bytes = (length * sizeof(T)) + 64;
        _start = (T*)HostPages.Allocate((nuint)(bytes < Large ? bytes : Math.Max(bytes, HostPages.HugePage)));
        if (cleared)
        {
            Clear();
        }
    }

    ~AlignedBuffer() => Release();

    public long Length { get; }

    public T* Start => _start;

    public void Clear() => NativeMemory.Clear(_start, (nuint)(Length * sizeof(T)));

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(_start);
        _start = null;
    }
}

/// <summary>What 64-byte alignment asks for elsewhere.</summary>
internal static unsafe class AlignedBuffer
{
    /// <summary>Floats in a cache line.</summary>
    public const int Line = 16;

    /// <summary>The first 64-byte boundary at or behind <paramref name="room"/>: a vector that straddles two lines costs double.</summary>
    public static float* Align(float* room) => (float*)(((nuint)room + 63) & ~(nuint)63);
}
