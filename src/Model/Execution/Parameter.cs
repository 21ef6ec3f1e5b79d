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
}

/// <summary>A parameter's value on a device and, once it is asked for, the gradient of the loss with respect to it, in one shape.</summary>
public sealed class Parameter : IDisposable
{
    /// <summary>Elements that go to a device at a time, where they cannot be written in its memory.</summary>
    private const int Chunk = 1 << 20;

    private readonly IDevice _device;
    private Tensor? _gradient;
    private ConvWeight? _weight;

    internal Parameter(IDevice device, GraphParameter parameter)
    {
        (_device, Name, Kind) = (device, parameter.Name, parameter.Kind);
        Read = new Tensor(device, Name, parameter.Shape);
    }

    /// <summary>The name in files: layer, dot, <c>weight</c> or <c>bias</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>
    /// The value. Whoever asks for it may change it until the next pass, so what a device has made of it (<see cref="Weight"/>) is
    /// forgotten: ask again for every change.
    /// </summary>
    public Tensor Value
    {
        get
        {
            _weight?.Forget();
            return Read;
        }
    }

    /// <summary>The gradient of the last backward pass, which overwrites it.</summary>
    public Tensor Gradient => _gradient ??= new Tensor(_device, $"gradient of {Name}", Shape);

    /// <summary>Extents of both.</summary>
    public Shape Shape => Read.Shape;

    /// <summary>The value for those who leave it as it is.</summary>
    internal Tensor Read { get; }

    /// <summary>
    /// The value as the weight of a convolution, a matrix [in, out] as that of one of 1x1; what a device makes of it is kept from pass to
    /// pass.
    /// </summary>
    internal ConvWeight Weight => _weight ??= Kind == ParameterKind.LinearWeight
        ? AsConvolution(Read.Reshape(new Shape(1, 1, Shape.N, Shape.C)))
        : AsConvolution(Read);

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        _weight?.Dispose();
        Read.Dispose();
        _gradient?.Dispose();
    }

    /// <summary>Writes the value; on a host several may be written at once.</summary>
    internal void Fill(ParameterData data)
    {
        if (Read.Buffer is HostBuffer<float> host)
        {
            data.CopyTo(host.Span[..Shape.Count], 0);
            return;
        }

        float[] chunk = new float[Math.Min(Chunk, Shape.Count)];
        for (int start = 0; start < Shape.Count; start += chunk.Length)
        {
            Span<float> part = chunk.AsSpan(0, Math.Min(chunk.Length, Shape.Count - start));
            data.CopyTo(part, start);
            Read.Buffer.CopyFrom(part, start);
        }
    }
    private static ConvWeight AsConvolution(Tensor tensor) => new(tensor.Shape, () => tensor);
}
