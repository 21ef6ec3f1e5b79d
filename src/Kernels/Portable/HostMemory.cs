using ILGPU;

namespace GpuCam.Kernels;

/// <summary>Wraps host memory as a view for kernels (the package build has its own version of this type).</summary>
internal sealed unsafe class HostMemory<T>(T* pointer, int length)
    where T : unmanaged
{
    public ArrayView<T> View => new(pointer, length);
}
