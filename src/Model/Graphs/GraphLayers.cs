using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

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

    /// <summary>Convolution with as many cells of padding on every side; weight <c>NAME.weight</c>, HWIO.</summary>
    public static Value Conv2D(
        this GraphBuilder builder, string name, Value x, int channels, int kernelSize, int stride, int pad, bool bias = true)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(x);
        var weight = new GraphParameter(
            $"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(kernelSize, kernelSize, x.Shape.C, channels), null);
        GraphParameter? biases = bias ? Vector($"{name}.bias", ParameterKind.Bias, channels, 0) : null;
        return builder.Add(name, new Conv2DNode(x, Window(kernelSize, stride, pad), weight, biases));
    }

    /// <summary>
    /// Batch normalisation: <c>NAME.weight</c> and <c>NAME.bias</c>, which training changes, and the running statistics
    /// <c>NAME.running_mean</c> and <c>NAME.running_var</c>.
    /// </summary>
    public static Value BatchNorm(this GraphBuilder builder, string name, Value x, float epsilon = 1e-5f)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(x);
        int channels = x.Shape.C;
        return builder.Add(name, new BatchNormalizationNode(
            x, Vector($"{name}.weight", ParameterKind.Bias, channels, 1), Vector($"{name}.bias", ParameterKind.Bias, channels, 0),
            Vector($"{name}.running_mean", ParameterKind.Statistic, channels, 0),
            Vector($"{name}.running_var", ParameterKind.Statistic, channels, 1), epsilon));
    }

    /// <summary>In training, sets a share of the elements to zero at random.</summary>
    public static Value Dropout(this GraphBuilder builder, string name, Value x, float rate)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new DropoutNode(x, rate));
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

    /// <summary>
    /// The largest of each square, with steps and padding of their own; with <paramref name="ceil"/> a last square may reach past the end.
    /// </summary>
    public static Value MaxPool2D(this GraphBuilder builder, string name, Value x, int size, int stride, int pad = 0, bool ceil = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new MaxPool2DNode(x, Window(size, stride, pad) with { Ceil = ceil }));
    }

    /// <summary>Each channel's mean, or its maximum.</summary>
    public static Value GlobalPool(this GraphBuilder builder, string name, Value x, GlobalPooling pooling)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, pooling == GlobalPooling.Max ? new GlobalMaxPoolNode(x) : new GlobalAveragePoolNode(x));
    }

    /// <summary>The same, called <c>gmp</c> for a maximum, else <c>gap</c>.</summary>
    public static Value GlobalPool(this GraphBuilder builder, Value x, GlobalPooling pooling) =>
        builder.GlobalPool(pooling == GlobalPooling.Max ? "gmp" : "gap", x, pooling);

    /// <summary>The sum of two values, element by element.</summary>
    public static Value Sum(this GraphBuilder builder, string name, Value a, Value b)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new BinaryNode(a, b, BinaryFunction.Add));
    }

    /// <summary>Channels one behind the other.</summary>
    public static Value Concat(this GraphBuilder builder, string name, params IReadOnlyList<Value> values)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(name, new ConcatNode(values, Axis.C));
    }

    /// <summary>All cells as one row, channel by channel, as PyTorch flattens: the order of the next layer's weights.</summary>
    public static Value Flatten(this GraphBuilder builder, string name, Value x)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(x);
        return builder.Add(name, new PermuteNode(x, [x.Shape.Area, x.Shape.C], [0, 2, 1], Shape.Vector(x.Shape.Area * x.Shape.C)));
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

    private static GraphParameter Vector(string name, ParameterKind kind, int length, float start) =>
        new(name, kind, Shape.Vector(length), null) { Start = start };

    private static WindowRule Window(int size, int stride, int pad) =>
        new(size, size) { StrideH = stride, StrideW = stride, Pads = (pad, pad, pad, pad) };
}
