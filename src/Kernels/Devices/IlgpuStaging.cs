using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using ILGPU.Runtime;

namespace GpuCam.Kernels;

/// <summary>Page-locked memory, copied on the stream beside the launches.</summary>
internal sealed unsafe class IlgpuStaging(IlgpuDevice device, PageLockedArray1D<float> memory) : StagingBuffer((int)memory.Length)
{
    private readonly Dictionary<int, ProfilingMarker?> _marks = [];

    /// <summary>Not managed memory: it stays.</summary>
    public override nint Address => (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(memory.Span));

    public override void Mark(int number)
    {
        Forget(number);
        _marks[number] = device.MarkCompute();
    }

    public override void Await(int number)
    {
        _marks.GetValueOrDefault(number)?.Synchronize();
        Forget(number);
    }

    public override void Download(Tensor source, int place)
    {
        ((IlgpuBuffer<float>)source.Buffer).Download(Place(place, source), device.UploadStream, source.Offset);
        device.UploadStream.Synchronize();
    }

    public override void Upload(int place, Tensor target) =>
        ((IlgpuBuffer<float>)target.Buffer).Upload(Place(place, target), device.UploadStream, target.Offset);

    public override void Finish() => device.UploadStream.Synchronize();

    public override nint CudaAddress(Tensor tensor) => device.IsCuda ? (nint)tensor.Address : 0;

    protected override void Dispose(bool disposing)
    {
        foreach (int number in _marks.Keys.ToArray())
        {
            Forget(number);
        }

        IlgpuDevice.Release(memory.Dispose);
    }

    private void Forget(int number)
    {
        if (_marks.Remove(number, out ProfilingMarker? mark))
        {
            IlgpuDevice.Release(() => mark?.Dispose());
        }
    }
}
