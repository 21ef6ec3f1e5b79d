namespace GpuCam.Kernels.SelfTests;

/// <summary>
/// Tensors and buffers for trying an op: guard cells around what it may write, so that a cell written outside is found, and values
/// that depend on a seed alone.
/// </summary>
internal sealed class GuardedTensors(IDevice device) : IDisposable
{
    private const int Guard = 64;
    private const float GuardValue = 12345.678f;
    private const int GuardInteger = -123456789;
    private readonly List<Tensor> _tensors = [];
    private readonly List<(DeviceBuffer<int> Buffer, int Count, string Name)> _integers = [];
    private readonly List<IDisposable> _owned = [];

    /// <summary>Uniform values in [low, high), the same for the same seed.</summary>
    public static float[] Uniform(int count, int seed, float low, float high)
    {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = low + ((high - low) * random.NextSingle());
        }

        return values;
    }

    /// <summary>What an op must overwrite completely starts as this.</summary>
    public static float[] Nan(int count)
    {
        float[] values = new float[count];
        Array.Fill(values, float.NaN);
        return values;
    }

    /// <summary>A tensor with these values, between guard cells.</summary>
    public Tensor Tensor(string name, Shape shape, ReadOnlySpan<float> values)
    {
        DeviceBuffer<float> buffer = Filled(shape.Count + (2 * Guard), GuardValue);
        var tensor = new Tensor(buffer, Guard, name, shape);
        _tensors.Add(tensor);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>Room for <paramref name="count"/> integers, and guard cells behind them; all hold nonsense.</summary>
    public DeviceBuffer<int> Integers(string name, int count)
    {
        DeviceBuffer<int> buffer = Filled(count + Guard, GuardInteger);
        _integers.Add((buffer, count, name));
        return buffer;
    }

    /// <summary>A buffer of these values, for an op to read.</summary>
    public DeviceBuffer<T> Values<T>(ReadOnlySpan<T> values)
        where T : unmanaged
    {
        DeviceBuffer<T> buffer = Own(device.Allocate<T>(values.Length));
        buffer.CopyFrom(values);
        return buffer;
    }

    /// <summary>The guard cells that were overwritten: whose, and where, from its first element.</summary>
    public IReadOnlyList<(string Name, int Index)> Damaged()
    {
        var damaged = new List<(string Name, int Index)>();
        foreach (Tensor tensor in _tensors)
        {
            float[] all = tensor.Buffer.ToArray();
            for (int i = 0; i < all.Length; i++)
            {
                bool inside = i >= Guard && i < Guard + tensor.Count;
                if (!inside && all[i] != GuardValue)
                {
                    damaged.Add((tensor.Name, i - Guard));
                }
            }
        }

        foreach ((DeviceBuffer<int> buffer, int count, string name) in _integers)
        {
            int[] all = buffer.ToArray();
            damaged.AddRange(Enumerable.Range(count, all.Length - count).Where(i => all[i] != GuardInteger).Select(i => (name, i)));
        }

        return damaged;
    }

    /// <summary>Frees everything.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }

    private DeviceBuffer<T> Filled<T>(int count, T value)
        where T : unmanaged
    {
        var values = new T[count];
        Array.Fill(values, value);
        return Values<T>(values);
    }

    private T Own<T>(T value)
        where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }
}
