using GpuCam.Kernels;

namespace GpuCam.CudaTests.Devices;

/// <summary>The staging area is the machine's memory: nothing is copied, and launches have ended when they return.</summary>
internal sealed class PtxUpload<T>(PtxDevice device, int length) : UploadBuffer<T>(length)
    where T : unmanaged
{
    private readonly PtxBuffer<T> _buffer = new(device, length);

    public override Span<T> Staging => _buffer.Span;

    public override DeviceBuffer<T> Send(int count)
    {
        CheckCount(count);
        return _buffer;
    }

    protected override void Dispose(bool disposing) => _buffer.Dispose();
}
