namespace GpuCam.Kernels;

/// <summary>On the host the staging area is the device's memory: nothing is copied, and launches have ended when they return.</summary>
internal sealed class HostUpload<T>(HostDevice device, int length) : UploadBuffer<T>(length)
    where T : unmanaged
{
    private readonly HostBuffer<T> _buffer = new(device, length);

    public override Span<T> Staging => _buffer.Span;

    public override DeviceBuffer<T> Send(int count)
    {
        CheckCount(count);
        return _buffer;
    }

    protected override void Dispose(bool disposing) => _buffer.Dispose();
}
