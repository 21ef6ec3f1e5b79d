using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>What a parameter is, which decides its layout in memory and in files and how it starts.</summary>
public enum ParameterKind
{
    /// <summary>A convolution's weight: HWIO in memory, OIHW in files; starts random.</summary>
    ConvolutionWeight,

    /// <summary>A linear layer's weight: [in, out] in memory, [out, in] in files; starts random.</summary>
    LinearWeight,

    /// <summary>A vector; starts at zero.</summary>
    Bias,

    /// <summary>What training leaves as it is.</summary>
    Constant,

    /// <summary>A vector that training measures, and no optimizer changes: the running mean or variance of a batch normalisation. It is
    /// saved with the weights.</summary>
    Statistic,
}

/// <summary>
/// A parameter's value on a device and the gradient of the loss with respect to it, in one shape; both are made once they are asked for.
/// </summary>
public sealed class Parameter : IDisposable
{
    /// <summary>Elements that go to a device at a time, where they cannot be written in its memory.</summary>
    private const int Chunk = 1 << 20;

    private readonly IDevice _device;
    private readonly ParameterData? _data;
    private readonly Func<Tensor> _newValue, _newGradient;
    private readonly Lock _gate = new();
    private volatile Tensor? _value;
    private Tensor? _gradient;
    private ConvWeight? _weight;
    private readonly bool _borrows;
    private bool _disposed, _isLent, _isOpen;

    /// <summary>A parameter of a graph on a device; value and gradient in memory of their own or where these two say.</summary>
    internal Parameter(IDevice device, GraphParameter parameter, Func<Tensor>? newValue = null, Func<Tensor>? newGradient = null)
    {
        (_device, Name, Kind, Shape, _data) = (device, parameter.Name, parameter.Kind, parameter.Shape, parameter.Data);
        Start = parameter.Start;
        _newValue = newValue ?? (() => new Tensor(_device, Name, Shape));
        _newGradient = newGradient ?? (() => new Tensor(_device, $"gradient of {Name}", Shape));
    }

    /// <summary>
    /// Another one's value, borrowed by a host, and what that one makes of it, with a gradient of its own. The value is asked for as
    /// <see cref="Value"/>, so that its memory stays where it is.
    /// </summary>
    internal Parameter(HostDevice device, GraphParameter parameter, Parameter source)
        : this(device, parameter with { Data = null })
    {
        Tensor value = source.Value;
        _value = new Tensor(device.Borrow((HostBuffer<float>)value.Buffer), value.Offset, value.Name, value.Shape);
        (_weight, _borrows) = (source.Weight, true);
    }

    /// <summary>The name in files: layer, dot, <c>weight</c> or <c>bias</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>The number that an initialisation fills a vector with.</summary>
    public float Start { get; }

    /// <summary>
    /// The value, read from where its numbers are when it is first asked for; uninitialised if they are nowhere. Whoever asks may change
    /// it until the next pass, so what a device has made of it (<see cref="Weight"/>) is forgotten: ask again for every change.
    /// </summary>
    /// <exception cref="GpuCamException">The numbers cannot be had as float32.</exception>
    public Tensor Value
    {
        get
        {
            _isOpen = true;
            _weight?.Forget();
            return Read;
        }
    }

    /// <summary>The gradient of the last backward pass, which overwrites it.</summary>
    public Tensor Gradient => _gradient ??= _newGradient();

    /// <summary>Has gradients go to <paramref name="gradient"/>, somebody else's, from now on; null for memory of its own.</summary>
    internal void PutGradient(Tensor? gradient)
    {
        _gradient?.Dispose();
        _gradient = gradient;
    }

    /// <summary>Extents of both.</summary>
    public Shape Shape { get; }

    /// <summary>The value for those who leave it as it is.</summary>
    internal Tensor Read => _value ?? Load();

    /// <summary>
    /// The value as the weight of a convolution, a matrix [in, out] as that of one of 1x1. What a device makes of it is kept from pass to
    /// pass; whoever computes with that alone needs no <see cref="Value"/> in memory.
    /// </summary>
    internal ConvWeight Weight => _weight ??= Kind == ParameterKind.LinearWeight
        ? new ConvWeight(new Shape(1, 1, Shape.N, Shape.C), () => Read.Reshape(new Shape(1, 1, Shape.N, Shape.C)), Lend)
        : new ConvWeight(Shape, () => Read, Lend);

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        if (!_borrows)
        {
            _weight?.Dispose();
        }

        lock (_gate)
        {
            _disposed = true;
            _value?.Dispose();
        }

        _gradient?.Dispose();
    }

    /// <summary>Reads the value before it is needed, unless a weight was made of it already.</summary>
    internal void Preload()
    {
        lock (_gate)
        {
            if (!_isLent && !_disposed)
            {
                _value ??= _data is { } data ? Filled(data) : null;
            }
        }
    }

    /// <summary>
    /// The value for a short use after which the caller disposes it: read for that, or what was in memory and is from now on only read
    /// again if somebody asks. Null where it has been handed out as <see cref="Value"/>, or its numbers are nowhere else.
    /// </summary>
    internal Tensor? Lend()
    {
        lock (_gate)
        {
            if (_isOpen || _data is not { } data)
            {
                return null;
            }

            Tensor value = _value ?? Filled(data);
            (_value, _isLent) = (null, true);
            return value;
        }
    }

    /// <summary>Several threads may ask at once; one of them reads, the others wait.</summary>
    private Tensor Load()
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _value ??= _data is { } data ? Filled(data) : _newValue();
        }
    }

    private Tensor Filled(ParameterData data)
    {
        Tensor value = _newValue();
        try
        {
            Fill(value, data);
            return value;
        }
        catch
        {
            value.Dispose();
            throw;
        }
    }

    private void Fill(Tensor value, ParameterData data)
    {
        if (value.Buffer is HostBuffer<float> host)
        {
            data.CopyTo(host.Span.Slice(value.Offset, Shape.Count), 0);
            return;
        }

        float[] chunk = new float[Math.Min(Chunk, Shape.Count)];
        for (int start = 0; start < Shape.Count; start += chunk.Length)
        {
            Span<float> part = chunk.AsSpan(0, Math.Min(chunk.Length, Shape.Count - start));
            data.CopyTo(part, start);
            value.Buffer.CopyFrom(part, value.Offset + start);
        }
    }
}
