using GpuCam.Kernels;
using GpuCam.Kernels.Simd;

namespace GpuCam.Model;

/// <summary>
/// The reference network (<see cref="LeNetGap"/>) as one op, where the device has one: what training and inference need comes out without
/// the activations in between. Same parameters, same results up to rounding as node by node.
/// </summary>
internal sealed class WholeLeNet : IDisposable
{
    private readonly Execution _execution;
    private readonly FusedLeNet _op;
    private readonly LeNetParameters _values;
    private readonly ReusedTensor _features;
    private readonly ReusedTensor _logits;

    private WholeLeNet(Execution execution, HostDevice device, Value features)
    {
        (_execution, Features) = (execution, features);
        _op = new FusedLeNet(device);
        _values = Collect(parameter => parameter.Value);
        _features = new ReusedTensor(device, features.Name);
        _logits = new ReusedTensor(device, execution.Graph.Output.Name);
    }

    /// <summary>What is pooled; computed beside the logits.</summary>
    public Value Features { get; }

    /// <summary>Null where the device has no such op, and for networks that it does not compute.</summary>
    public static WholeLeNet? Create(Execution execution) =>
        execution.Device is HostDevice { Vectorized: true } host
        && execution.Graph is
        {
            Inputs.Count: 1, Outputs.Count: 1,
            Nodes: [Conv2DNode conv1, ReluNode, MaxPool2DNode pool1, Conv2DNode conv2, ReluNode, MaxPool2DNode pool2,
                GlobalAveragePoolNode, LinearNode]
        }
        && IsOfLeNet(conv1) && IsOfLeNet(conv2) && pool1.Rule == ConvReluMaxPoolNode.Pool && pool2.Rule == ConvReluMaxPoolNode.Pool
            ? new WholeLeNet(execution, host, pool2.Output)
            : null;

    /// <summary>Whether images of this shape can go through.</summary>
    public bool Takes(Shape x) => FusedLeNet.Supports(_execution.Device, Describe(x));

    /// <summary>The last feature maps and the logits; both valid until the next call.</summary>
    public (Tensor Features, Tensor Logits) Forward(Tensor x)
    {
        LeNetShape shape = Describe(x.Shape);
        Tensor features = _features.Get(new Shape(x.Shape.N, shape.Rows2, shape.Columns2, shape.Channels2));
        Tensor logits = _logits.Get(Shape.Matrix(x.Shape.N, shape.Classes));
        _op.Gain = _execution.PoolingGain;
        _op.Infer(x, _values, features, logits);
        return (features, logits);
    }

    /// <summary>
    /// Overwrites all gradients of the mean loss of a batch that x may be a part of; per image its loss and the class with the largest
    /// logit.
    /// </summary>
    public void Train(Tensor x, ReadOnlySpan<int> labels, Span<float> losses, Span<int> predictions, int batch)
    {
        _op.Gain = _execution.PoolingGain;
        _op.Train(x, labels, _values, Collect(parameter => parameter.Gradient), losses, predictions, batch);
    }

    /// <summary>The same shard by shard, see <see cref="FusedLeNet.TrainShards"/>.</summary>
    public void TrainShards(
        Tensor x, ReadOnlySpan<int> labels, IReadOnlyList<(int First, int Count)> shards, IReadOnlyList<LeNetShard> memory,
        Span<float> losses, Span<int> predictions, int batch, Action<int, int> done)
    {
        _op.Gain = _execution.PoolingGain;
        _op.TrainShards(x, labels, _values, shards, memory, losses, predictions, batch, done);
    }

    /// <summary>Adds to the gradients, sums over shards, what was black (<see cref="FusedLeNet.AddBlank"/>).</summary>
    public void AddBlank(Shape x, Tensor blank) => _op.AddBlank(x, _values, blank, Collect(parameter => parameter.Gradient));

    /// <summary>Tensors of the network's parameters, in their order, as the op takes them.</summary>
    public static LeNetParameters Collect(IReadOnlyList<Tensor> all) =>
        new(all[0], all[1], all[2], all[3], all[4], all.Count > 5 ? all[5] : null);

    /// <summary>Frees all memory but the parameters.</summary>
    public void Dispose()
    {
        _op.Dispose();
        _features.Dispose();
        _logits.Dispose();
    }

    private static bool IsOfLeNet(Conv2DNode convolution) =>
        convolution is { Groups: 1, AddsBias: true } && convolution.Rule == new WindowRule(5, 5) { Same = SamePadding.Upper };

    private LeNetParameters Collect(Func<Parameter, Tensor> part) => Collect([.. _execution.Parameters.Select(part)]);

    private LeNetShape Describe(Shape x) =>
        new(x.H, x.W, x.C, _values.Conv1Bias.Count, _values.Conv2Bias.Count, _values.ClassifierWeight.Shape.C);
}
