using System.Runtime.InteropServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Zeroed unmanaged memory on a 64-byte boundary: one cache line, one Vector512.</summary>
internal sealed unsafe class AlignedBuffer<T> : IDisposable
    where T : unmanaged
{
    private T* _start;

    public AlignedBuffer(long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        Length = length;
        _start = (T*)NativeMemory.AlignedAlloc((nuint)((length * sizeof(T)) + 64), 64);
        Clear();
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
