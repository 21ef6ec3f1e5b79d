namespace GpuCam.Kernels;

/// <summary>Memory of a device's own that only grows: see <see cref="IDevice.Scratch"/>.</summary>
internal sealed class DeviceScratch(IDevice device) : IDisposable
{
    private DeviceBuffer<float>? _buffer;

    /// <summary>How many of the device's live buffers are this one.</summary>
    public int Buffers => _buffer is null ? 0 : 1;

    public DeviceBuffer<float> Get(int length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            Dispose();
            _buffer = device.Allocate<float>(length);
        }

        return _buffer;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
