using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Softmax over the channels, <c>p[c] = exp(logits[c] - m) / sum_j exp(logits[j] - m)</c> with <c>m = max_j logits[j]</c>,
/// so that nothing overflows; backward <c>dx[c] = p[c] * (dy[c] - sum_j p[j] * dy[j])</c>.
/// </summary>
/// <remarks>All tensors have one shape, usually <c>[N, 1, 1, C]</c>; every row of C channels stands alone.</remarks>
public static class Softmax
{
    /// <summary>Writes <paramref name="probabilities"/>, which may be <paramref name="logits"/>.</summary>
    public static void Forward(Tensor logits, Tensor probabilities)
    {
        probabilities.Expect(logits.Shape);
        if (HostSoftmax.TryForward(logits, probabilities))
        {
            return;
        }

        int channels = logits.Shape.C, rows = logits.Count / channels;
        IDevice device = logits.Device;
        if (device.PrefersGroups)
        {
            int groupSize = device.Launches.ReductionGroup(channels);
            device.LaunchGroups(rows, groupSize, new SoftmaxGroupKernel(logits.View, probabilities.View, channels));
            return;
        }

        device.Launch(rows, new SoftmaxKernel(logits.View, probabilities.View, channels));
    }

    /// <summary>Writes <paramref name="dx"/> from the forward result; <paramref name="dx"/> may be <paramref name="dy"/>.</summary>
    public static void Backward(Tensor probabilities, Tensor dy, Tensor dx)
    {
        dy.Expect(probabilities.Shape);
        dx.Expect(probabilities.Shape);
        int channels = dy.Shape.C, rows = dy.Count / channels;
        IDevice device = dy.Device;
        if (device.PrefersGroups)
        {
            int groupSize = device.Launches.ReductionGroup(channels);
            device.LaunchGroups(rows, groupSize, new SoftmaxBackwardGroupKernel(probabilities.View, dy.View, dx.View, channels));
            return;
        }

        device.Launch(rows, new SoftmaxBackwardKernel(probabilities.View, dy.View, dx.View, channels));
    }
}

/// <summary>One thread, one row of probabilities.</summary>
internal readonly struct SoftmaxKernel(ArrayView<float> logits, ArrayView<float> probabilities, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * channels;
        float max = logits[start];
        for (int c = 1; c < channels; c++)
        {
            max = logits[start + c] > max ? logits[start + c] : max;
        }

        float sum = 0;
        for (int c = 0; c < channels; c++)
        {
            float e = XMath.Exp(logits[start + c] - max);
            probabilities[start + c] = e;
            sum += e;
        }

        for (int c = 0; c < channels; c++)
        {
            probabilities[start + c] = probabilities[start + c] / sum;
        }
    }
}

/// <summary>One thread, one row of dx.</summary>
internal readonly struct SoftmaxBackwardKernel(
    ArrayView<float> probabilities, ArrayView<float> dy, ArrayView<float> dx, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * channels;
        float mean = 0;
        for (int c = 0; c < channels; c++)
        {
            mean += probabilities[start + c] * dy[start + c];
        }

        for (int c = 0; c < channels; c++)
        {
            dx[start + c] = probabilities[start + c] * (dy[start + c] - mean);
        }
    }
}
