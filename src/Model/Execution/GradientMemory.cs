using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Memory for gradients on their way back: each is given back when its node has sent it on, and the next that fits takes it. Every pass
/// asks for the same in the same order, so that later ones allocate nothing.
/// </summary>
internal sealed class GradientMemory(IDevice device, int values) : IDisposable
{
    private readonly List<DeviceBuffer<float>> _free = [];
    private readonly Tensor?[] _lent = new Tensor?[values];
    private readonly Tensor?[] _last = new Tensor?[values];

    /// <summary>Memory for the gradient of a value.</summary>
    public Tensor Take(Value value, Shape shape)
    {
        int best = -1;
        for (int i = 0; i < _free.Count; i++)
        {
            // The smallest that is large enough; else the largest makes room for one that is.
            bool fits = _free[i].Length >= shape.Count;
            if (best < 0 || (fits ? _free[best].Length < shape.Count || _free[i].Length < _free[best].Length
                : _free[best].Length < shape.Count && _free[i].Length > _free[best].Length))
            {
                best = i;
            }
        }

        DeviceBuffer<float>? buffer = null;
        if (best >= 0)
        {
            buffer = _free[best];
            _free.RemoveAt(best);
            if (buffer.Length < shape.Count)
            {
                buffer.Dispose();
                buffer = null;
            }
        }

        buffer ??= device.Allocate<float>(Math.Max(1, shape.Count));
        Tensor? last = _last[value.Index];
        Tensor tensor = last?.Buffer == buffer && last.Shape == shape ? last : new Tensor(buffer, 0, $"gradient of {value.Name}", shape);
        return _last[value.Index] = _lent[value.Index] = tensor;
    }

    /// <summary>Whether a value's gradient lies here.</summary>
    public bool Has(Value value) => _lent[value.Index] is not null;

    /// <summary>Takes back the memory of a value's gradient.</summary>
    public void Return(Value value)
    {
        if (_lent[value.Index] is { } tensor)
        {
            _free.Add(tensor.Buffer);
            _lent[value.Index] = null;
        }
    }

    /// <summary>Takes back all.</summary>
    public void ReturnAll()
    {
        for (int i = 0; i < _lent.Length; i++)
        {
            if (_lent[i] is { } tensor)
            {
                _free.Add(tensor.Buffer);
                _lent[i] = null;
            }
        }
    }

    /// <summary>Frees all.</summary>
    public void Dispose()
    {
        ReturnAll();
        foreach (DeviceBuffer<float> buffer in _free)
        {
            buffer.Dispose();
        }

        _free.Clear();
    }
}
