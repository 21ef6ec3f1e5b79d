using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>The layers that architectures are made of; each returns its output, and names its parameters as PyTorch does.</summary>
public static class GraphLayers
{
    /// <summary>The name of the image among the values of this program's own architectures.</summary>
    public const string Image = "input";

    /// <summary>Convolution with bias, stride 1, padded so that the image keeps its size; weight <c>NAME.weight</c>, HWIO.</summary>
    public static Value Conv2D(this GraphBuilder builder, string name, Value x, int channels, int kernelSize)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(x);
        var weight = new GraphParameter(
            $"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(kernelSize, kernelSize, x.Shape.C, channels), null);
        var bias = new GraphParameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(channels), null);
        return builder.Add(name, new Conv2DNode(x, new WindowRule(kernelSize, kernelSize) { Same = SamePadding.Upper }, weight, bias));
    }

    /// <summary>max(x, 0).</summary>
    public static Value Relu(this GraphBuilder builder, string name, Value x)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new ReluNode(x));
    }

    /// <summary>
    /// The largest of each square of <paramref name="size"/> x <paramref name="size"/> cells; squares touch, what is left over at the end
    /// is dropped.
    /// </summary>
    public static Value MaxPool2D(this GraphBuilder builder, string name, Value x, int size)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new MaxPool2DNode(x, new WindowRule(size, size) { StrideH = size, StrideW = size }));
    }

    /// <summary>Each channel's mean, or its maximum.</summary>
    public static Value GlobalPool(this GraphBuilder builder, string name, Value x, GlobalPooling pooling)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, pooling == GlobalPooling.Max ? new GlobalMaxPoolNode(x) : new GlobalAveragePoolNode(x));
    }

    /// <summary>A linear layer; weight <c>NAME.weight</c>, [in, out].</summary>
    public static Value Linear(this GraphBuilder builder, string name, Value x, int outputs, bool bias)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(x);
        var weight = new GraphParameter($"{name}.weight", ParameterKind.LinearWeight, Shape.Matrix(x.Shape.C, outputs), null);
        GraphParameter? biases = bias ? new GraphParameter($"{name}.bias", ParameterKind.Bias, Shape.Vector(outputs), null) : null;
        return builder.Add(name, new LinearNode(x, weight, biases));
    }
}
