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
}

/// <summary>What training changes: a value and the gradient of the loss with respect to it, in one shape.</summary>
public sealed class Parameter : IDisposable
{
    /// <summary>A parameter with uninitialised value and gradient.</summary>
    /// <param name="device">Where both live.</param>
    /// <param name="name">As in files: <c>conv1.weight</c>.</param>
    /// <param name="kind">Decides what the extents of <paramref name="shape"/> mean.</param>
    /// <param name="shape">HWIO for a convolution, [in, out] for a linear layer, a vector for a bias.</param>
    public Parameter(IDevice device, string name, ParameterKind kind, Shape shape)
    {
        Name = name;
        Kind = kind;
        Value = new Tensor(device, name, shape);
        Gradient = new Tensor(device, $"gradient of {name}", shape);
    }

    /// <summary>The name in files: layer, dot, <c>weight</c> or <c>bias</c>.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public ParameterKind Kind { get; }

    /// <summary>The value.</summary>
    public Tensor Value { get; }

    /// <summary>The gradient of the last backward pass, which overwrites it.</summary>
    public Tensor Gradient { get; }

    /// <summary>Extents of both.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
    }
}
