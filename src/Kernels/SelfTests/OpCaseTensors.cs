namespace GpuCam.Kernels.SelfTests;

/// <summary>
/// The tensors of one <see cref="OpCase"/> on one device: the same inputs everywhere, outputs that start as NaN between guard
/// cells, so that a cell left out and a cell written outside are both found.
/// </summary>
public sealed class OpCaseTensors(IDevice device) : IDisposable
{
    private readonly GuardedTensors _memory = new(device);
    private readonly List<(Tensor Tensor, float[] Start)> _outputs = [];
    private readonly List<(DeviceBuffer<int> Buffer, int Count, string Name)> _winners = [];
    private readonly List<(DeviceBuffer<byte> Buffer, string Name)> _pixels = [];
    private int _seed;

    /// <summary>
    /// Whether inputs are multiples of 1/128: no precision rounds those, and float32 holds their products and the sums of 1,000 of them.
    /// </summary>
    public bool ShortFactors { get; set; }

    /// <summary>Where the tensors are.</summary>
    public IDevice Device => device;

    /// <summary>Uniform values in [low, high), the same for the same place in the order of calls.</summary>
    public Tensor Input(string name, Shape shape, float low = -1, float high = 1)
    {
        float[] values = GuardedTensors.Uniform(shape.Count, ++_seed, low, high);
        return _memory.Tensor(name, shape, ShortFactors ? Array.ConvertAll(values, value => MathF.Floor(128 * value) / 128) : values);
    }

    /// <summary>A tensor that the op must overwrite completely.</summary>
    public Tensor Output(string name, Shape shape) => Written(name, shape, GuardedTensors.Nan(shape.Count));

    /// <summary>A tensor that the op reads and changes, such as a parameter; uniform in [low, high) before every run.</summary>
    public Tensor State(string name, Shape shape, float low = -1, float high = 1) =>
        Written(name, shape, GuardedTensors.Uniform(shape.Count, ++_seed, low, high));

    /// <summary>Integers that the op must write: which element won.</summary>
    public DeviceBuffer<int> Winners(string name, int count)
    {
        DeviceBuffer<int> buffer = _memory.Integers(name, count);
        _winners.Add((buffer, count, name));
        return buffer;
    }

    /// <summary>Bytes that the op must write.</summary>
    public DeviceBuffer<byte> Pixels(string name, int count)
    {
        DeviceBuffer<byte> buffer = _memory.Values<byte>(new byte[count]);
        _pixels.Add((buffer, name));
        return buffer;
    }

    /// <summary>A buffer of these values, for the op to read.</summary>
    public DeviceBuffer<T> Values<T>(params T[] values)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(values);
        return _memory.Values<T>(values);
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

        foreach ((DeviceBuffer<int> buffer, int count, _) in _winners)
        {
            buffer.CopyFrom([.. Enumerable.Repeat(-1, count)]);
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
        .. _winners.Select(winners => (winners.Name, Array.ConvertAll(winners.Buffer.ToArray()[..winners.Count], i => (float)i))),
        .. _pixels.Select(pixels => (pixels.Name, Array.ConvertAll(pixels.Buffer.ToArray(), level => (float)level))),
    ];

    /// <summary>The tensors and buffers whose guard cells were overwritten.</summary>
    public IReadOnlyList<string> Damaged() => [.. _memory.Damaged().Select(cell => cell.Name).Distinct()];

    /// <summary>Frees everything.</summary>
    public void Dispose() => _memory.Dispose();

    private Tensor Written(string name, Shape shape, float[] start)
    {
        Tensor tensor = _memory.Tensor(name, shape, start);
        _outputs.Add((tensor, start));
        return tensor;
    }
}
