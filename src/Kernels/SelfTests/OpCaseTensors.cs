namespace GpuCam.Kernels.SelfTests;

/// <summary>
/// The tensors of one <see cref="OpCase"/> on one device: the same inputs everywhere, outputs that start as NaN between guard
/// cells, so that a cell left out and a cell written outside are both found.
/// </summary>
public sealed class OpCaseTensors(IDevice device) : IDisposable
{
    private const int Guard = 64;
    private const float GuardValue = 12345.678f;
    private readonly List<(Tensor Tensor, float[] Start)> _outputs = [];
    private readonly List<(DeviceBuffer<int> Buffer, string Name)> _winners = [];
    private readonly List<(DeviceBuffer<byte> Buffer, string Name)> _pixels = [];
    private readonly List<Tensor> _guarded = [];
    private readonly List<IDisposable> _owned = [];
    private int _seed;

    /// <summary>Where the tensors are.</summary>
    public IDevice Device => device;

    /// <summary>Uniform values in [low, high), the same for the same place in the order of calls.</summary>
    public Tensor Input(string name, Shape shape, float low = -1, float high = 1)
    {
        Tensor tensor = Guarded(name, shape);
        tensor.CopyFrom(Uniform(shape.Count, low, high));
        return tensor;
    }

    /// <summary>A tensor that the op must overwrite completely.</summary>
    public Tensor Output(string name, Shape shape)
    {
        float[] nan = new float[shape.Count];
        Array.Fill(nan, float.NaN);
        Tensor tensor = Guarded(name, shape);
        _outputs.Add((tensor, nan));
        return tensor;
    }

    /// <summary>A tensor that the op reads and changes, such as a parameter; uniform in [low, high) before every run.</summary>
    public Tensor State(string name, Shape shape, float low = -1, float high = 1)
    {
        Tensor tensor = Guarded(name, shape);
        _outputs.Add((tensor, Uniform(shape.Count, low, high)));
        return tensor;
    }

    /// <summary>Integers that the op must write: which element won.</summary>
    public DeviceBuffer<int> Winners(string name, int count)
    {
        DeviceBuffer<int> buffer = Own(device.Allocate<int>(count));
        _winners.Add((buffer, name));
        return buffer;
    }

    /// <summary>Bytes that the op must write.</summary>
    public DeviceBuffer<byte> Pixels(string name, int count)
    {
        DeviceBuffer<byte> buffer = Own(device.Allocate<byte>(count));
        _pixels.Add((buffer, name));
        return buffer;
    }

    /// <summary>A buffer of these values, for the op to read.</summary>
    public DeviceBuffer<T> Values<T>(params T[] values) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        DeviceBuffer<T> buffer = Own(device.Allocate<T>(values.Length));
        buffer.CopyFrom(values);
        return buffer;
    }

    /// <summary>Class indices, every class in turn.</summary>
    public DeviceBuffer<int> Labels(int count, int classes) => Values([.. Enumerable.Range(0, count).Select(n => (n * 7) % classes)]);

    /// <summary>Sets all that the op writes to what it was before the first run.</summary>
    public void Reset()
    {
        foreach ((Tensor tensor, float[] start) in _outputs)
        {
            tensor.CopyFrom(start);
        }

        foreach ((DeviceBuffer<int> buffer, _) in _winners)
        {
            buffer.CopyFrom([.. Enumerable.Repeat(-1, buffer.Length)]);
        }

        foreach ((DeviceBuffer<byte> buffer, _) in _pixels)
        {
            buffer.CopyFrom([.. Enumerable.Repeat((byte)77, buffer.Length)]);
        }
    }

    /// <summary>All that the op wrote; integers as floats, which hold them exactly.</summary>
    public IReadOnlyList<(string Name, float[] Values)> Read() =>
    [
        .. _outputs.Select(output => (output.Tensor.Name, output.Tensor.ToArray())),
        .. _winners.Select(winners => (winners.Name, Array.ConvertAll(winners.Buffer.ToArray(), i => (float)i))),
        .. _pixels.Select(pixels => (pixels.Name, Array.ConvertAll(pixels.Buffer.ToArray(), level => (float)level))),
    ];

    /// <summary>The tensors whose guard cells were overwritten.</summary>
    public IReadOnlyList<string> Damaged()
    {
        var damaged = new List<string>();
        foreach (Tensor tensor in _guarded)
        {
            ReadOnlySpan<float> all = tensor.Buffer.ToArray();
            if (all[..Guard].ContainsAnyExcept(GuardValue) || all[(Guard + tensor.Count)..].ContainsAnyExcept(GuardValue))
            {
                damaged.Add(tensor.Name);
            }
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

    private Tensor Guarded(string name, Shape shape)
    {
        DeviceBuffer<float> buffer = Own(device.Allocate<float>(shape.Count + (2 * Guard)));
        float[] guard = new float[buffer.Length];
        Array.Fill(guard, GuardValue);
        buffer.CopyFrom(guard);
        var tensor = new Tensor(buffer, Guard, name, shape);
        _guarded.Add(tensor);
        return tensor;
    }

    private float[] Uniform(int count, float low, float high)
    {
        var random = new Random(++_seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = low + ((high - low) * random.NextSingle());
        }

        return values;
    }

    private T Own<T>(T value) where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }
}
