using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Benchmarks;

/// <summary>An op on tensors of the reference network's sizes, ready to run again and again.</summary>
/// <param name="Name">What reports call it.</param>
/// <param name="MultiplyAdds">Multiply-adds of one run by the direct formula, whatever the op really does.</param>
/// <param name="Bytes">Bytes that must be read and written at least.</param>
/// <param name="Run">Runs it once; wait for the device before looking at the clock.</param>
public sealed record OpBenchmark(string Name, long MultiplyAdds, long Bytes, Action Run);

/// <summary>The hot ops of a training step of the reference network, for <c>gpucam bench</c>.</summary>
public sealed class OpBenchmarks : IDisposable
{
    private readonly IDevice _device;
    private readonly List<IDisposable> _owned = [];
    private readonly List<OpBenchmark> _all = [];

    /// <summary>
    /// All ops on <paramref name="device"/>, for <paramref name="batch"/> images of <paramref name="size"/> pixels a side and
    /// <paramref name="channels"/> channels.
    /// </summary>
    public OpBenchmarks(IDevice device, int batch, int channels, int size = BenchmarkScale.FullSize)
    {
        _device = device;
        int half = size / 2, quarter = half / 2;
        AddConvolution("conv1", Conv2DGeometry.Same(new Shape(batch, size, size, channels), 5, 32), withData: false);
        AddPool("pool1", Pool2DGeometry.Square(new Shape(batch, size, size, 32), 2, 2, 0));
        AddConvolution("conv2", Conv2DGeometry.Same(new Shape(batch, half, half, 32), 5, 64), withData: true);
        AddPool("pool2", Pool2DGeometry.Square(new Shape(batch, half, half, 64), 2, 2, 0));
        AddRelu(new Shape(batch, half, half, 64));
        AddHead(new Shape(batch, quarter, quarter, 64), classes: 10);
        AddMap(new Shape(batch, quarter, quarter, 64), size, classes: 10);
        AddOptimizer(5 * 5 * 32 * 64);
    }

    /// <summary>The ops, in the network's order.</summary>
    public IReadOnlyList<OpBenchmark> All => _all;

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        foreach (IDisposable owned in _owned)
        {
            owned.Dispose();
        }
    }

    private void AddConvolution(string name, Conv2DGeometry g, bool withData)
    {
        Tensor x = Random(name + " x", g.X), weight = Random(name + " weight", g.Weight), bias = Random(name + " bias", Shape.Vector(g.OC));
        Tensor y = Random(name + " y", g.Y), dy = Random(name + " dy", g.Y), dWeight = Random(name + " dWeight", g.Weight);
        long work = (long)g.Y.Count * g.KH * g.KW * g.X.C;
        Add($"{name} forward", work, () => Conv2D.Forward(x, weight, bias, y, g, Activation.Relu), x, weight, y);
        Tensor dBias = Random(name + " dBias", Shape.Vector(g.OC));
        Add($"{name} backward bias", 0, () => Conv2D.BackwardBias(dy, dBias), dy, dBias);
        Add($"{name} backward weight", work, () => Conv2D.BackwardWeight(x, dy, dWeight, g), x, dy, dWeight);
        if (!withData)
        {
            return;
        }

        Tensor dx = Random(name + " dx", g.X);
        Add($"{name} backward data", work, () => Conv2D.BackwardData(dy, weight, dx, g), dy, weight, dx);
    }

    private void AddPool(string name, Pool2DGeometry g)
    {
        Tensor x = Random(name + " x", g.X), y = Random(name + " y", g.Y), dx = Random(name + " dx", g.X);
        DeviceBuffer<int> argmax = Own(_device.Allocate<int>(g.Y.Count));
        Add($"{name} forward", 0, () => MaxPool2D.Forward(x, y, argmax, g), x, y, y);
        Add($"{name} backward", 0, () => MaxPool2D.Backward(y, argmax, dx, g), dx, y, y);
    }

    private void AddRelu(Shape shape)
    {
        Tensor x = Random("relu x", shape), y = Random("relu y", shape);
        Add("relu forward", 0, () => Relu.Forward(x, y), x, y);
        Tensor dx = Random("relu dx", shape);
        Add("relu backward", 0, () => Relu.Backward(y, x, dx), x, y, dx);
    }

    private void AddHead(Shape features, int classes)
    {
        Tensor x = Random("features", features), pooled = Random("pooled", Shape.Matrix(features.N, features.C));
        Tensor weight = Random("classifier", Shape.Matrix(features.C, classes)),
            logits = Random("logits", Shape.Matrix(features.N, classes));
        Tensor losses = Random("losses", Shape.Matrix(features.N, 1)), dLogits = Random("dLogits", logits.Shape);
        DeviceBuffer<int> labels = Labels(features.N, classes);
        Add("gap forward", 0, () => GlobalAveragePool.Forward(x, pooled), x, pooled);
        Tensor dx = Random("dFeatures", features), dPooled = Random("dPooled", pooled.Shape), dWeight = Random("dClassifier", weight.Shape);
        Add("gap backward", 0, () => GlobalAveragePool.Backward(pooled, dx), pooled, dx);
        DeviceBuffer<int> argmax = Own(_device.Allocate<int>(pooled.Count));
        Add("global max forward", 0, () => GlobalMaxPool.Forward(x, pooled, argmax), x, pooled, pooled);
        Add("global max backward", 0, () => GlobalMaxPool.Backward(pooled, argmax, dx), pooled, pooled, dx);
        Add("linear forward", (long)logits.Count * features.C, () => Linear.Forward(pooled, weight, null, logits), pooled, weight, logits);
        Add("linear backward data", (long)logits.Count * features.C, () => Linear.BackwardData(logits, weight, dPooled), dPooled, weight,
            logits);
        Add("linear backward weight", (long)logits.Count * features.C, () => Linear.BackwardWeight(pooled, logits, dWeight), pooled,
            dWeight, logits);
        Add("softmax forward", 0, () => Softmax.Forward(logits, dLogits), logits, dLogits);
        Add("softmax cross-entropy", 0, () => SoftmaxCrossEntropy.Forward(logits, labels, losses, dLogits, logits.Shape.N), logits, losses,
            dLogits);
    }

    private void AddMap(Shape features, int size, int classes)
    {
        Tensor x = Random("map features", features), weight = Random("map weight", Shape.Matrix(features.C, classes));
        Tensor cam = Random("cam", features.WithC(1)), heatmap = Random("heatmap", new Shape(features.N, size, size, 1));
        DeviceBuffer<int> labels = Labels(features.N, classes);
        Add("class activation map", x.Count, () => ClassActivationMap.Forward(x, weight, labels, cam), x, cam);
        Add($"resize to {size}x{size}", 4L * heatmap.Count, () => BilinearResize.Forward(cam, heatmap, ResizeMode.HalfPixel), cam, heatmap);
        Tensor stretched = Random("stretched", heatmap.Shape);
        Add("min-max normalize", 0, () => MinMaxNormalize.Forward(heatmap, stretched), heatmap, heatmap, stretched);
    }

    private void AddOptimizer(int count)
    {
        Tensor value = Random("value", Shape.Vector(count)), gradient = Random("gradient", Shape.Vector(count));
        Tensor m = Random("m", Shape.Vector(count)), v = Random("v", Shape.Vector(count), low: 0);
        Add("sgd step, momentum", 0, () => Sgd.Step(value, gradient, m, 1e-6f, 0.9f, 0), value, value, gradient, m, m);
        Add("adam step", 0, () => Adam.Step(value, gradient, m, v, 10, 1e-6f, 0.9f, 0.999f, 1e-8f, 0), value, value, gradient, m, m, v, v);
    }

    private void Add(string name, long multiplyAdds, Action run, params ReadOnlySpan<Tensor> touched)
    {
        long bytes = 0;
        foreach (Tensor tensor in touched)
        {
            bytes += (long)tensor.Count * sizeof(float);
        }

        _all.Add(new OpBenchmark(name, multiplyAdds, bytes, run));
    }

    private DeviceBuffer<int> Labels(int count, int classes)
    {
        DeviceBuffer<int> labels = Own(_device.Allocate<int>(count));
        labels.CopyFrom([.. Enumerable.Range(0, count).Select(n => n % classes)]);
        return labels;
    }

    private Tensor Random(string name, Shape shape, float low = -1)
    {
        var random = new Random(1);
        float[] values = new float[shape.Count];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = low + ((1 - low) * random.NextSingle());
        }

        Tensor tensor = Own(new Tensor(_device, name, shape));
        tensor.CopyFrom(values);
        return tensor;
    }

    private T Own<T>(T value) where T : IDisposable
    {
        _owned.Add(value);
        return value;
    }
}
