using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Device memory by name, which only grows: the methods' scratch.</summary>
internal sealed class CamMemory(IDevice device) : IDisposable
{
    private readonly Dictionary<string, ReusedTensor> _tensors = [];
    private readonly Dictionary<string, ReusedBuffer<int>> _integers = [];

    public Tensor Get(string name, Shape shape)
    {
        if (!_tensors.TryGetValue(name, out ReusedTensor? tensor))
        {
            _tensors[name] = tensor = new ReusedTensor(device, name);
        }

        return tensor.Get(shape);
    }

    public DeviceBuffer<int> Integers(string name, int length)
    {
        if (!_integers.TryGetValue(name, out ReusedBuffer<int>? integers))
        {
            _integers[name] = integers = new ReusedBuffer<int>(device);
        }

        return integers.Get(length);
    }

    public void Dispose()
    {
        foreach (ReusedTensor tensor in _tensors.Values)
        {
            tensor.Dispose();
        }

        foreach (ReusedBuffer<int> integers in _integers.Values)
        {
            integers.Dispose();
        }
    }
}
