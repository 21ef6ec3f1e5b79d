using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A tensor that is asked for again every step. Its memory only grows: a smaller last batch is a view of the same
/// buffer, and once the largest shape has been seen, nothing is allocated on the device any more.
/// </summary>
internal sealed class ReusedTensor(IDevice device, string name) : IDisposable
{
    private DeviceBuffer<float>? _buffer;
    private Tensor? _current;
    private Tensor? _other;

    /// <summary>The tensor in this shape, its content undefined unless the shape is the one asked for last.</summary>
    public Tensor Get(Shape shape)
    {
        if (_current?.Shape == shape)
        {
            return _current;
        }

        if (_buffer is null || _buffer.Length < shape.Count)
        {
            Dispose();
            _buffer = device.Allocate<float>(Math.Max(1, shape.Count));
        }

        (_current, _other) = (_other?.Shape == shape ? _other : new Tensor(_buffer, 0, name, shape), _current);
        return _current;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        (_buffer, _current, _other) = (null, null, null);
    }
}

/// <summary>The same without a shape. The buffer may be longer than what is asked for.</summary>
internal sealed class ReusedBuffer<T>(IDevice device) : IDisposable
    where T : unmanaged
{
    private DeviceBuffer<T>? _buffer;

    public DeviceBuffer<T> Get(int length)
    {
        if (_buffer is null || _buffer.Length < length)
        {
            Dispose();
            _buffer = device.Allocate<T>(Math.Max(1, length));
        }

        return _buffer;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }
}
