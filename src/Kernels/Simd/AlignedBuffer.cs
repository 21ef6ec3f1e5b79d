using System.Runtime.InteropServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Zeroed unmanaged memory on a 64-byte boundary: one cache line, one Vector512.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* start;

    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        start = (T*)NativeMemory.AlignedAlloc((nuint)((length * sizeof(T)) + 64), 64);
        Clear();
    }

    ~AlignedBuffer() => Release();

    public long Length { get; }

    public T* Start => start;

    public void Clear() => NativeMemory.Clear(start, (nuint)(Length * sizeof(T)));

    public void Dispose()
    {
        Release();
        GC.SuppressFinalize(this);
    }

    private void Release()
    {
        NativeMemory.AlignedFree(start);
        start = null;
    }
}
