using ILGPU.Runtime;

namespace GpuCam.Kernels;

/// <summary>
/// Page-locked staging memory, and two device buffers that are filled on a stream of their own while the compute stream works.
/// A buffer is written again only when every launch that could read it has ended; a launch follows only when the copy has ended.
/// </summary>
internal sealed class IlgpuUpload<T>(IlgpuDevice device, PageLockedArray1D<T> staging, IlgpuBuffer<T> first, IlgpuBuffer<T> second)
    : UploadBuffer<T>(first.Length)
    where T : unmanaged
{
    private IlgpuBuffer<T> _current = first;
    private IlgpuBuffer<T> _other = second;
    private ProfilingMarker? _currentRead;
    private ProfilingMarker? _otherRead;

    public override Span<T> Staging => staging.Span;

    public override DeviceBuffer<T> Send(int count)
    {
        CheckCount(count);
        (_current, _other) = (_other, _current);
        (_currentRead, _otherRead) = (_otherRead, _currentRead);
        Wait(ref _currentRead);
        _current.Upload(staging.Span[..count], device.UploadStream);
        device.UploadStream.Synchronize();
        _otherRead = device.MarkCompute();      // all that was launched so far, and nothing launched later, reads the other one
        return _current;
    }

    protected override void Dispose(bool disposing)
    {
        IlgpuDevice.Release(() => Wait(ref _currentRead));
        IlgpuDevice.Release(() => Wait(ref _otherRead));
        _current.Dispose();
        _other.Dispose();
        IlgpuDevice.Release(staging.Dispose);
    }

    private static void Wait(ref ProfilingMarker? marker)
    {
        marker?.Synchronize();
        marker?.Dispose();
        marker = null;
    }
}
