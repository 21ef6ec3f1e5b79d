using ILGPU;
using ILGPU.Runtime.CPU;

namespace GpuCam.Kernels;

/// <summary>Wraps host memory as a view of ILGPU's own type, so that <see cref="HostDevice"/> runs the kernels as they are.</summary>
internal sealed unsafe class HostMemory<T> : CPUMemoryBuffer
    where T : unmanaged
{
    // A buffer of no accelerator: its view is an address and a length, which is all that host code asks of it.
    public HostMemory(T* pointer, int length) : base(null!, length, sizeof(T)) => NativePtr = (nint)pointer;

    public ArrayView<T> View => new(this, 0, Length);

    /// <summary>Nothing to free: the memory belongs to <see cref="HostBuffer{T}"/>.</summary>
    protected override void DisposeAcceleratorObject(bool disposing)
    {
    }
}
