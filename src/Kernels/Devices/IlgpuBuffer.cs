using ILGPU;
using ILGPU.Runtime;

namespace GpuCam.Kernels;

/// <summary>Memory of an ILGPU accelerator.</summary>
internal sealed class IlgpuBuffer<T> : DeviceBuffer<T>
    where T : unmanaged
{
    private readonly IlgpuDevice _device;
    private MemoryBuffer1D<T, Stride1D.Dense>? _memory;

    public IlgpuBuffer(IlgpuDevice device, MemoryBuffer1D<T, Stride1D.Dense> memory) : base(device, memory.IntExtent)
    {
        _device = device;
        _memory = memory;
        _device.BufferAllocated();
    }

    public override ArrayView<T> View => Memory.View;

    internal override long Address => Memory.NativePtr;

    private MemoryBuffer1D<T, Stride1D.Dense> Memory => _memory ?? throw new ObjectDisposedException(nameof(IlgpuBuffer<T>));

    public override unsafe void CopyFrom(ReadOnlySpan<T> source, int offset = 0)
    {
        CheckRange(offset, source.Length);
        if (source.IsEmpty)
        {
            return;
        }

        fixed (T* first = source)
        {
            View.SubView(offset, source.Length).CopyFromCPU(ref *first, source.Length);
        }
    }

    /// <summary>
    /// Begins to copy to the elements from <paramref name="offset"/> on, on <paramref name="stream"/>; <paramref name="source"/> must
    /// stay where it is until that has ended.
    /// </summary>
    public unsafe void Upload(ReadOnlySpan<T> source, AcceleratorStream stream, int offset = 0)
    {
        CheckRange(offset, source.Length);
        if (source.IsEmpty)
        {
            return;
        }

        // Not ILGPU's copy from a page-locked array: on OpenCL that one copies the whole array whatever the view's length.
        fixed (T* first = source)
        {
            View.SubView(offset, source.Length).CopyFromCPUUnsafeAsync(stream, ref *first, source.Length);
        }
    }

    /// <summary>Begins to copy the elements from <paramref name="offset"/> on; the same holds for <paramref name="target"/>.</summary>
    public unsafe void Download(Span<T> target, AcceleratorStream stream, int offset)
    {
        CheckRange(offset, target.Length);
        if (target.IsEmpty)
        {
            return;
        }

        fixed (T* first = target)
        {
            View.SubView(offset, target.Length).CopyToCPUUnsafeAsync(stream, ref *first, target.Length);
        }
    }

    public override unsafe void CopyTo(Span<T> target, int offset = 0)
    {
        CheckRange(offset, target.Length);
        if (target.IsEmpty)
        {
            return;
        }

        fixed (T* first = target)
        {
            View.SubView(offset, target.Length).CopyToCPU(ref *first, target.Length);
        }
    }

    public override void Clear() => Memory.MemSetToZero();

    protected override void Dispose(bool disposing)
    {
        if (_memory is null)
        {
            return;
        }

        IlgpuDevice.Release(_memory.Dispose);
        _memory = null;
        _device.BufferFreed();
    }
}
