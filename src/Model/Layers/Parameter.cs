using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What training changes: a value and the gradient of the loss with respect to it, in one shape.</summary>
public sealed class Parameter : IDisposable
{
    /// <summary>A parameter with uninitialised value and gradient.</summary>
    /// <param name="device">Where both live.</param>
    /// <param name="name">As in files: <c>conv1.weight</c>.</param>
    /// <param name="shape">HWIO for a convolution, [in, out] for a linear layer, a vector for a bias.</param>
    public Parameter(IDevice device, string name, Shape shape)
    {
        Name = name;
        Value = new Tensor(device, name, shape);
        Gradient = new Tensor(device, $"gradient of {name}", shape);
    }

    /// <summary>The name in files: layer, dot, <c>weight</c> or <c>bias</c>.</summary>
    public string Name { get; }

    /// <summary>The value.</summary>
    public Tensor Value { get; }

    /// <summary>The gradient of the last backward pass, which overwrites it.</summary>
    public Tensor Gradient { get; }

    /// <summary>Extents of both.</summary>
    public Shape Shape => Value.Shape;

    /// <summary>Whether this is a bias, which starts at zero.</summary>
    public bool IsBias => Name.EndsWith(".bias", StringComparison.Ordinal);

    /// <summary>Frees both.</summary>
    public void Dispose()
    {
        Value.Dispose();
        Gradient.Dispose();
    }
}
