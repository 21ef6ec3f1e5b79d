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

/// <summary>Where a thread leaves what it found for one shard of a batch.</summary>
/// <param name="Gradients">Gradients of the parameters, but for what <paramref name="Blank"/> stands for.</param>
/// <param name="Blank">[<see cref="FusedLeNet.BlankKinds"/>, channels 2]: gradients of what was left out because it is black. The way
/// back from there is linear, so those of many shards are added first (<see cref="FusedLeNet.AddBlank"/>).</param>
public sealed record LeNetShard(LeNetParameters Gradients, Tensor Blank);

/// <summary>
/// The whole reference network as one op on a vectorised host device, see <see cref="LeNetShape"/>: a training step up to
/// the gradients, and inference. Image sizes may change from call to call.
/// </summary>
public sealed unsafe class FusedLeNet(HostDevice device) : IDisposable
{
    /// <summary>Kinds of black tiles that an image can have: the first, the last and any other, in both directions.</summary>
    public const int BlankKinds = 9;

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
    /// Forward and backward on a batch, or a part of one: overwrites every gradient (of the batch's mean loss), and per image its loss and
    /// the class with the largest logit.
    /// </summary>
    /// <param name="x">Images [N, H, W, C].</param>
    /// <param name="labels">N classes.</param>
    /// <param name="values">Parameters.</param>
    /// <param name="gradients">Their gradients.</param>
    /// <param name="losses">N losses.</param>
    /// <param name="predictions">N classes.</param>
    /// <param name="batch">Images of the whole batch.</param>
    public void Train(
        Tensor x, ReadOnlySpan<int> labels, LeNetParameters values, LeNetParameters gradients, Span<float> losses, Span<int> predictions,
        int batch)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        Engine engine = GetForTraining(x, labels, values, losses, predictions);
        fixed (int* label = labels)
        {
            engine.Run.Train(x.HostPointer, label, labels.Length, 1f / batch, values.Tensors, gradients.Tensors, losses, predictions);
        }
    }

    /// <summary>
    /// The same shard by shard: each is computed by one thread, image after image, so that its bits depend on nothing else.
    /// </summary>
    /// <param name="x">Images [N, H, W, C].</param>
    /// <param name="labels">N classes.</param>
    /// <param name="values">Parameters.</param>
    /// <param name="shards">Which images each shard takes.</param>
    /// <param name="memory">For each thread of the device, where it leaves what it found for a shard.</param>
    /// <param name="losses">N losses.</param>
    /// <param name="predictions">N classes.</param>
    /// <param name="batch">Images of the whole batch.</param>
    /// <param name="done">Hears of each thread and shard when it is done; the memory is the thread's again when this returns.</param>
    public void TrainShards(
        Tensor x, ReadOnlySpan<int> labels, LeNetParameters values, IReadOnlyList<(int First, int Count)> shards,
        IReadOnlyList<LeNetShard> memory, Span<float> losses, Span<int> predictions, int batch, Action<int, int> done)
    {
        Engine engine = GetForTraining(x, labels, values, losses, predictions);
        fixed (int* label = labels)
        {
            engine.Run.TrainShards(x.HostPointer, label, 1f / batch, values.Tensors, shards, memory, losses, predictions, done);
        }
    }

    /// <summary>
    /// Adds to <paramref name="gradients"/>, sums over shards, what the sum of their <see cref="LeNetShard.Blank"/> stands for. It belongs
    /// to the last <see cref="TrainShards"/> of images of this shape.
    /// </summary>
    public void AddBlank(Shape x, LeNetParameters values, Tensor blank, LeNetParameters gradients)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(blank);
        ArgumentNullException.ThrowIfNull(gradients);
        Get(x, values).Run.AddBlank(blank.HostPointer, gradients.Tensors);
    }

    /// <summary>Logits [N, classes] and, if asked for, the last feature maps [N, H / 4, W / 4, channels 2].</summary>
    public void Infer(Tensor x, LeNetParameters values, Tensor? features, Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(logits);
        Engine engine = Get(x.Shape, values);
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

    private Engine GetForTraining(
        Tensor x, ReadOnlySpan<int> labels, LeNetParameters values, Span<float> losses, Span<int> predictions)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(values);
        int count = labels.Length;
        if (x.Shape.N != count || losses.Length < count || predictions.Length < count)
        {
            throw new ArgumentException(
                $"{count} labels for {x.Shape.N} images, with room for {losses.Length} losses and {predictions.Length} classes");
        }

        Engine engine = Get(x.Shape, values);
        engine.Forget();
        return engine;
    }

    private Engine Get(Shape x, LeNetParameters values)
    {
        int classes = values.ClassifierWeight.Shape.C;
        var shape = new LeNetShape(x.H, x.W, x.C, values.Conv1Bias.Count, values.Conv2Bias.Count, classes);
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
