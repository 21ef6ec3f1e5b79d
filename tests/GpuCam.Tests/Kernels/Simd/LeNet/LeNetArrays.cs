using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

/// <summary>Parameters of the network in pinned arrays: random weights, or NaN where gradients are to be written.</summary>
internal sealed unsafe class LeNetArrays
{
    private LeNetArrays(LeNetShape shape, Func<int, float, float[]> fill)
    {
        Conv1 = fill(25 * shape.InChannels * shape.Channels1, MathF.Sqrt(6f / (25 * shape.InChannels)));
        Bias1 = fill(shape.Channels1, 0.2f);
        Conv2 = fill(25 * shape.Channels1 * shape.Channels2, MathF.Sqrt(6f / (25 * shape.Channels1)));
        Bias2 = fill(shape.Channels2, 0.2f);
        Classifier = fill(shape.Channels2 * shape.Classes, 1);
        ClassifierBias = fill(shape.Classes, 0.2f);
    }

    public float[] Conv1 { get; }

    public float[] Bias1 { get; }

    public float[] Conv2 { get; }

    public float[] Bias2 { get; }

    public float[] Classifier { get; }

    public float[] ClassifierBias { get; }

    public LeNetTensors Tensors => new(At(Conv1), At(Bias1), At(Conv2), At(Bias2), At(Classifier), At(ClassifierBias));

    public static LeNetArrays Random(LeNetShape shape)
    {
        int seed = 0;
        return new LeNetArrays(shape, (count, bound) => Pinned(OpHarness.Random(count, ++seed, -bound, bound)));
    }

    public static LeNetArrays Nan(LeNetShape shape) =>
        new(shape, (count, _) => Pinned([.. Enumerable.Repeat(float.NaN, count)]));

    public static float[] Pinned(float[] values)
    {
        float[] pinned = GC.AllocateUninitializedArray<float>(values.Length, pinned: true);
        values.CopyTo(pinned, 0);
        return pinned;
    }

    /// <summary>First element of an array that <see cref="Pinned"/> made.</summary>
    public static float* At(float[] pinned) => (float*)System.Runtime.CompilerServices.Unsafe.AsPointer(ref pinned[0]);

    public IEnumerable<float> Everything() => [.. Conv1, .. Bias1, .. Conv2, .. Bias2, .. Classifier, .. ClassifierBias];
}
