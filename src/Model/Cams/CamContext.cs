using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>What a method works with: the network after its forward pass, the layer, the classes, and memory that is reused.</summary>
public sealed class CamContext
{
    private readonly CamMemory _memory;
    private readonly int[] _classes;

    internal CamContext(Execution execution, string layer, ReadOnlySpan<int> classes, CamMemory memory)
    {
        Execution = execution;
        Layer = layer;
        _classes = classes.ToArray();
        _memory = memory;
    }

    /// <summary>The network; its last forward pass was that of the images to map, and must be again when the method returns.</summary>
    public Execution Execution { get; }

    /// <summary>The layer to map.</summary>
    public string Layer { get; }

    /// <summary>One class index per image, in range.</summary>
    public ReadOnlySpan<int> Classes => _classes;

    /// <summary>How maps are enlarged to the image.</summary>
    public ResizeMode Resize { get; init; }

    /// <summary>Number of an image of the batch in its data set: what is random depends on it, not on how batches are cut.</summary>
    public int NumberOf(int image) => image < Numbers.Count ? Numbers[image] : image;

    /// <summary>Which number of a class is explained.</summary>
    public ClassScore Score { get; init; }

    /// <summary>Ends the work; a method of many passes asks it between two of them.</summary>
    public CancellationToken Token { get; init; }

    internal IReadOnlyList<int> Numbers { get; init; } = [];

    internal Action<int, int>? Progress { get; init; }

    /// <summary>Which of the maps that are averaged this is, from 0.</summary>
    internal int Part { get; set; }

    /// <summary>How many these are.</summary>
    internal int Parts { get; set; } = 1;

    /// <summary>The images, [N, H, W, C].</summary>
    public Tensor Images => Execution.Activation(Execution.Graph.Input.Name);

    /// <summary>The layer's output, [N, h, w, K].</summary>
    public Tensor Features => Execution.Activation(Layer);

    /// <summary>The logits of the images, row by row.</summary>
    public float[] Logits() => Execution.Activation(Execution.Graph.Output.Name).ToArray();

    /// <summary>Logits of an image.</summary>
    public int LogitCount => Execution.Network.LogitCount;

    /// <summary>The weight of the linear layer behind the pooling, [K, logits]; null where the pooled channels are the logits.</summary>
    public Tensor? ClassifierWeight
    {
        get
        {
            Tensor? weight = Execution.Network.Tail?.Classifier is { } classifier ? Execution.ParameterOf(classifier).Read : null;
            return weight is null || weight.Shape.Area == 1 ? weight : weight.Reshape(Shape.Matrix(weight.Shape.W, weight.Shape.C));
        }
    }

    /// <summary>Gradient of each image's class score with respect to <see cref="Features"/>, in their shape.</summary>
    public Tensor Gradient() => Gradient(Layer, Directions());

    /// <summary>Gradient of each image's class score with respect to its logits, row by row.</summary>
    public float[] Directions()
    {
        int logitCount = LogitCount;
        float[] logits = Score.Target == CamTarget.Logit ? [] : Logits();       // a logit's slope does not depend on it
        float[] directions = new float[_classes.Length * logitCount];
        for (int n = 0; n < _classes.Length; n++)
        {
            ReadOnlySpan<float> row = logits.Length == 0 ? new float[logitCount] : logits.AsSpan(n * logitCount, logitCount);
            Score.Direction(row, _classes[n], directions.AsSpan(n * logitCount, logitCount));
        }

        return directions;
    }

    /// <summary>
    /// Gradient of <c>sum_c direction[n, c] * logits[n, c]</c>, image by image, with respect to the output of <paramref name="layer"/>.
    /// </summary>
    /// <param name="layer">A value's name.</param>
    /// <param name="direction">Row by row.</param>
    /// <param name="also">Values behind it whose gradients are read afterwards.</param>
    public Tensor Gradient(string layer, ReadOnlySpan<float> direction, params IReadOnlyList<string> also)
    {
        Tensor dLogits = Upload("gradient of the logits", Shape.Matrix(_classes.Length, LogitCount), direction);
        return Execution.BackwardTo(layer, dLogits, also);
    }

    /// <summary>The classes on the device.</summary>
    public DeviceBuffer<int> DeviceClasses() => Integers("classes", _classes);

    /// <summary>Memory under a name of the method's own, its content undefined; valid until it is asked for in another shape.</summary>
    public Tensor Memory(string name, Shape shape) => _memory.Get(name, shape);

    /// <summary>Values on the device, under a name of the method's own.</summary>
    public Tensor Upload(string name, Shape shape, ReadOnlySpan<float> values)
    {
        Tensor tensor = Memory(name, shape);
        tensor.CopyFrom(values);
        return tensor;
    }

    /// <summary>A copy of features that stays as it is while other images run through the network.</summary>
    public Tensor Keep(Tensor features)
    {
        ArgumentNullException.ThrowIfNull(features);
        Tensor kept = Memory("kept features", features.Shape);
        ScaledCopy.Forward(features, kept, 1, mirror: false);
        return kept;
    }

    /// <summary>Tells whoever waits that <paramref name="done"/> of <paramref name="total"/> copies of images have been scored.</summary>
    public void Report(int done, int total) => Progress?.Invoke((Part * total) + done, Parts * total);

    /// <summary>Integers on the device, under a name of the method's own; the buffer may be longer than what it holds.</summary>
    public DeviceBuffer<int> Integers(string name, ReadOnlySpan<int> values)
    {
        DeviceBuffer<int> buffer = _memory.Integers(name, values.Length);
        buffer.CopyFrom(values);
        return buffer;
    }
}
