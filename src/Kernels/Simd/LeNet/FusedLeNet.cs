namespace GpuCam.Kernels.Simd;

/// <summary>The parameters of the network, or their gradients, as tensors on a host device.</summary>
/// <param name="Conv1Weight">[5, 5, image channels, channels 1].</param>
/// <param name="Conv1Bias">[channels 1].</param>
/// <param name="Conv2Weight">[5, 5, channels 1, channels 2].</param>
/// <param name="Conv2Bias">[channels 2].</param>
/// <param name="ClassifierWeight">[channels 2, classes].</param>
/// <param name="ClassifierBias">[classes], or null.</param>
public sealed record LeNetParameters(
    Tensor Conv1Weight, Tensor Conv1Bias, Tensor Conv2Weight, Tensor Conv2Bias, Tensor ClassifierWeight, Tensor? ClassifierBias)
{
    internal unsafe LeNetTensors Tensors => new(
        Conv1Weight.HostPointer, Conv1Bias.HostPointer, Conv2Weight.HostPointer, Conv2Bias.HostPointer,
        ClassifierWeight.HostPointer, ClassifierBias == null ? null : ClassifierBias.HostPointer);
}

/// <summary>
/// The whole reference network as one op on a vectorised host device, see <see cref="LeNetShape"/>: a training step up to
/// the gradients, and inference. Image sizes may change from call to call.
/// </summary>
public sealed unsafe class FusedLeNet(HostDevice device) : IDisposable
{
    private readonly Dictionary<LeNetShape, Engine> _engines = [];

    /// <summary>
    /// Whether parts of an image that are black are left out of the computation; exact up to rounding. On unless a measurement
    /// wants the dense work and sets GPUCAM_SKIP_BLANK=0, or this.
    /// </summary>
    public bool SkipBlank { get; set; } = Environment.GetEnvironmentVariable("GPUCAM_SKIP_BLANK") != "0";

    /// <summary>Factor on the pooled features, as <see cref="Ops.GlobalAveragePool"/> has it.</summary>
    public float Gain { get; set; } = 1;

    /// <summary>Whether this device and network can run fused; otherwise the ops run one by one.</summary>
    public static bool Supports(IDevice device, LeNetShape shape) => device is HostDevice { Vectorized: true } && shape.IsSupported;

    /// <summary>
    /// Forward and backward on a batch: overwrites every gradient (of the mean loss), and per image its loss and the class with the
    /// largest logit.
    /// </summary>
    /// <param name="x">Images [N, H, W, C].</param>
    /// <param name="labels">N classes.</param>
    /// <param name="values">Parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="losses">N losses.</param>
    /// <param name="predictions">N classes.</param>
    public void Train(
        Tensor x, ReadOnlySpan<int> labels, LeNetParameters values, LeNetParameters gradients, Span<float> losses, Span<int> predictions)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(gradients);
        int count = labels.Length;
        if (x.Shape.N != count || losses.Length < count || predictions.Length < count)
        {
            throw new ArgumentException(
                $"{count} labels for {x.Shape.N} images, with room for {losses.Length} losses and {predictions.Length} classes");
        }

        Engine engine = Get(x, values);
        engine.Forget();
        fixed (int* label = labels)
        {
            engine.Run.Train(x.HostPointer, label, count, values.Tensors, gradients.Tensors, losses, predictions);
        }
    }

    /// <summary>Logits [N, classes] and, if asked for, the last feature maps [N, H / 4, W / 4, channels 2].</summary>
    public void Infer(Tensor x, LeNetParameters values, Tensor? features, Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(logits);
        Engine engine = Get(x, values);
        LeNetShape shape = engine.Run.Shape;
        logits.Expect(Shape.Matrix(x.Shape.N, shape.Classes));
        features?.Expect(new Shape(x.Shape.N, shape.Rows2, shape.Columns2, shape.Channels2));
        engine.Prepare(values);
        engine.Run.Infer(x.HostPointer, x.Shape.N, features == null ? null : features.HostPointer, logits.HostPointer);
    }

    /// <summary>Frees the memory of all image sizes.</summary>
    public void Dispose()
    {
        foreach (Engine engine in _engines.Values)
        {
            engine.Run.Dispose();
        }

        _engines.Clear();
    }

    private Engine Get(Tensor x, LeNetParameters values)
    {
        int classes = values.ClassifierWeight.Shape.C;
        var shape = new LeNetShape(x.Shape.H, x.Shape.W, x.Shape.C, values.Conv1Bias.Count, values.Conv2Bias.Count, classes);
        values.Conv1Weight.Expect(new Shape(5, 5, shape.InChannels, shape.Channels1));
        values.Conv2Weight.Expect(new Shape(5, 5, shape.Channels1, shape.Channels2));
        values.ClassifierWeight.Expect(Shape.Matrix(shape.Channels2, classes));
        values.ClassifierBias?.Expect(Shape.Vector(classes));
        if (!_engines.TryGetValue(shape, out Engine? engine))
        {
            engine = new Engine(LeNetEngine.Create(shape, device.Threads, device.VectorBits));
            _engines.Add(shape, engine);
        }

        engine.Run.SkipBlank = SkipBlank;
        engine.Run.FeatureScale = Gain / (shape.Rows2 * shape.Columns2);
        return engine;
    }

    /// <summary>An engine, and the weights it keeps in another form: comparing them costs less than transforming them again.</summary>
    private sealed class Engine(ILeNetEngine run)
    {
        private float[][] _known = [];
        private bool _skipBlank;

        public ILeNetEngine Run { get; } = run;

        public void Forget() => _known = [];

        public void Prepare(LeNetParameters values)
        {
            Tensor[] all = [values.Conv2Weight, values.Conv2Bias, values.Conv1Bias];
            if (_skipBlank == Run.SkipBlank && _known.Length == all.Length && all.Zip(_known).All(pair => IsSame(pair.First, pair.Second)))
            {
                Run.Use(values.Tensors);
                return;
            }

            Run.Prepare(values.Tensors, training: false);
            _known = [.. all.Select(tensor => tensor.ToArray())];
            _skipBlank = Run.SkipBlank;
        }

        private static bool IsSame(Tensor tensor, float[] known) =>
            new ReadOnlySpan<byte>(tensor.HostPointer, tensor.Count * sizeof(float))
                .SequenceEqual(System.Runtime.InteropServices.MemoryMarshal.AsBytes(known.AsSpan()));
    }
}
