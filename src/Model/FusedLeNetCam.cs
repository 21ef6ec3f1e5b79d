using GpuCam.Kernels;
using GpuCam.Kernels.Simd;

namespace GpuCam.Model;

/// <summary>
/// The reference network as one op, where the device has one: what training and inference need comes out without the
/// activations in between. Same parameters, same results up to rounding as the layers.
/// </summary>
internal sealed class FusedLeNetCam : IDisposable
{
    private readonly NetworkConfig _config;
    private readonly GlobalAveragePoolLayer _pooling;
    private readonly FusedLeNet _op;
    private readonly LeNetParameters _values;
    private readonly LeNetParameters _gradients;
    private readonly ReusedTensor _features;
    private readonly ReusedTensor _logits;

    private FusedLeNetCam(HostDevice device, NetworkConfig config, GlobalAveragePoolLayer pooling, IReadOnlyList<Parameter> parameters)
    {
        _pooling = pooling;
        _config = config;
        _op = new FusedLeNet(device);
        _values = Collect(parameters, parameter => parameter.Value);
        _gradients = Collect(parameters, parameter => parameter.Gradient);
        _features = new ReusedTensor(device, "pool2");
        _logits = new ReusedTensor(device, "classifier");
    }

    /// <summary>Null where the device has no such op, and for the variants that it does not compute.</summary>
    public static FusedLeNetCam? Create(IDevice device, NetworkConfig config, Layer pooling, IReadOnlyList<Parameter> parameters) =>
        device is HostDevice { Vectorized: true } host && config is { KernelSize: 5, Pools: 2 } && pooling is GlobalAveragePoolLayer average
            ? new FusedLeNetCam(host, config, average, parameters)
            : null;

    /// <summary>Whether images of this shape can go through.</summary>
    public bool Takes(Shape x) => FusedLeNet.Supports(_values.Conv1Bias.Device, Describe(x));

    /// <summary>The last feature maps and the logits; both valid until the next call.</summary>
    public (Tensor Features, Tensor Logits) Forward(Tensor x)
    {
        LeNetShape shape = Describe(x.Shape);
        Tensor features = _features.Get(new Shape(x.Shape.N, shape.Rows2, shape.Columns2, shape.Channels2));
        Tensor logits = _logits.Get(Shape.Matrix(x.Shape.N, shape.Classes));
        _op.Gain = _pooling.Gain;
        _op.Infer(x, _values, features, logits);
        return (features, logits);
    }

    /// <summary>Overwrites all gradients of the batch's mean loss; per image its loss and the class with the largest logit.</summary>
    public void Train(Tensor x, ReadOnlySpan<int> labels, Span<float> losses, Span<int> predictions)
    {
        _op.Gain = _pooling.Gain;
        _op.Train(x, labels, _values, _gradients, losses, predictions);
    }

    /// <summary>Frees all memory but the parameters.</summary>
    public void Dispose()
    {
        _op.Dispose();
        _features.Dispose();
        _logits.Dispose();
    }

    private static LeNetParameters Collect(IReadOnlyList<Parameter> parameters, Func<Parameter, Tensor> part) => new(
        part(parameters[0]), part(parameters[1]), part(parameters[2]), part(parameters[3]), part(parameters[4]),
        parameters.Count > 5 ? part(parameters[5]) : null);

    private LeNetShape Describe(Shape x) => new(x.H, x.W, x.C, _config.Widths[0], _config.Widths[1], _config.ClassCount);
}
