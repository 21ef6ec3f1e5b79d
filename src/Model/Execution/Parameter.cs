using GpuCam.Kernels;

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

    internal Parameter(IDevice device, GraphParameter parameter)
    {
        (_device, Name, Kind) = (device, parameter.Name, parameter.Kind);
        Value = new Tensor(device, Name, parameter.Shape);
    }

    /// <summary>The name in files: layer, dot, <c>weight</c> or <c>bias</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>The value.</summary>
    public Tensor Value { get; }

    /// <summary>The gradient of the last backward pass, which overwrites it.</summary>
    public Tensor Gradient => _gradient ??= new Tensor(_device, $"gradient of {Name}", Shape);

    /// <summary>Extents of both.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        Value.Dispose();
        _gradient?.Dispose();
    }

    /// <summary>Writes the value; on a host several may be written at once.</summary>
    internal void Fill(ParameterData data)
    {
        if (Value.Buffer is HostBuffer<float> host)
        {
            data.CopyTo(host.Span[..Shape.Count], 0);
            return;
        }

        float[] chunk = new float[Math.Min(Chunk, Shape.Count)];
        for (int start = 0; start < Shape.Count; start += chunk.Length)
        {
            Span<float> part = chunk.AsSpan(0, Math.Min(chunk.Length, Shape.Count - start));
            data.CopyTo(part, start);
            Value.Buffer.CopyFrom(part, start);
        }
    }
}
