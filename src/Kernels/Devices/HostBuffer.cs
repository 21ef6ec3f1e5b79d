using System.Runtime.InteropServices;
using ILGPU;

namespace GpuCam.Kernels;

/// <summary>Host memory on a 64-byte boundary: a cache line, and the widest vector.</summary>
public sealed unsafe class HostBuffer<T> : DeviceBuffer<T>
    where T : unmanaged
{
    private readonly HostDevice _device;
    private readonly HostMemory<T> _memory;
    private readonly bool _owns;

    internal HostBuffer(HostDevice device, int length) : base(device, length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        _device = device;
        Pointer = (T*)HostPages.Allocate((nuint)length * (nuint)sizeof(T));
        _memory = new HostMemory<T>(Pointer, length);
        _owns = true;
        _device.BufferAllocated();
    }

    internal HostBuffer(HostDevice device, HostBuffer<T> owner) : base(device, owner.Length)
    {
        _device = device;
        Pointer = owner.HostPointer();
        _memory = new HostMemory<T>(Pointer, Length);
    }

    /// <summary>The first element; null once disposed.</summary>
    public T* Pointer { get; private set; }

    /// <summary>All elements. The device runs synchronously, so they are always up to date.</summary>
    public Span<T> Span => Pointer == null ? throw new ObjectDisposedException(nameof(HostBuffer<T>)) : new Span<T>(Pointer, Length);

    /// <inheritdoc/>
    public override ArrayView<T> View => Pointer == null ? throw new ObjectDisposedException(nameof(HostBuffer<T>)) : _memory.View;

    /// <inheritdoc/>
    public override void CopyFrom(ReadOnlySpan<T> source, int offset = 0)
    {
        CheckRange(offset, source.Length);
        source.CopyTo(Span[offset..]);
    }

    /// <inheritdoc/>
    public override void CopyTo(Span<T> target, int offset = 0)
    {
        CheckRange(offset, target.Length);
        Span.Slice(offset, target.Length).CopyTo(target);
    }

    /// <inheritdoc/>
    public override void Clear() => Span.Clear();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (Pointer == null)
        {
            return;
        }

        if (_owns)
        {
            NativeMemory.AlignedFree(Pointer);
            _device.BufferFreed();
        }

        Pointer = null;
    }
}

/// <summary>Plain pointers into host buffers, for the vectorised ops.</summary>
internal static unsafe class HostBufferPointers
{
    /// <summary>The first element on a host device; an error on any other and on a disposed buffer.</summary>
    public static T* HostPointer<T>(this DeviceBuffer<T> buffer)
        where T : unmanaged
    {
        T* pointer = ((HostBuffer<T>)buffer).Pointer;
        return pointer == null ? throw new ObjectDisposedException(nameof(HostBuffer<T>)) : pointer;
    }
}
