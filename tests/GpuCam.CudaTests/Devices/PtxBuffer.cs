using GpuCam.Kernels;
using ILGPU;

namespace GpuCam.CudaTests.Devices;

/// <summary>Memory of the machine. Launches have ended when they return, so that it is always up to date.</summary>
internal sealed unsafe class PtxBuffer<T> : DeviceBuffer<T>
    where T : unmanaged
{
    private readonly PtxDevice _device;
    private readonly HostMemory<T> _memory;
    private nint _address;

    public PtxBuffer(PtxDevice device, int length) : base(device, length)
    {
        _device = device;
        _address = device.Memory.Allocate((long)length * sizeof(T));
        _memory = new HostMemory<T>((T*)_address, length);
    }

    public override ArrayView<T> View => _address != 0 ? _memory.View : throw new ObjectDisposedException(nameof(PtxBuffer<T>));

    internal override long Address => _address;

    /// <summary>All elements.</summary>
    public Span<T> Span => _address != 0 ? new Span<T>((T*)_address, Length) : throw new ObjectDisposedException(nameof(PtxBuffer<T>));

    public override void CopyFrom(ReadOnlySpan<T> source, int offset = 0)
    {
        CheckRange(offset, source.Length);
        source.CopyTo(Span[offset..]);
    }

    public override void CopyTo(Span<T> target, int offset = 0)
    {
        CheckRange(offset, target.Length);
        Span.Slice(offset, target.Length).CopyTo(target);
    }

    public override void Clear() => Span.Clear();

    protected override void Dispose(bool disposing)
    {
        if (_address != 0)
        {
            nint address = _address;
            _address = 0;
            _device.Memory.Free(address);
        }
    }
}
