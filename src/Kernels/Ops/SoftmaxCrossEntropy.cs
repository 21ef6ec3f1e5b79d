using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Cross-entropy of the softmax against class labels, with the gradient of the mean over a batch of B images, of which these N may be
/// a part, in one launch. With
/// <c>m = max_j logits[n, j]</c> and <c>s = sum_j exp(logits[n, j] - m)</c>:
/// <c>losses[n] = log(s) - (logits[n, label] - m)</c> and
/// <c>dLogits[n, c] = (exp(logits[n, c] - m) / s - (c == label ? 1 : 0)) / B</c>.
/// </summary>
/// <remarks>Layouts: logits, dLogits <c>[N, 1, 1, C]</c>; labels N class indices; losses <c>[N, 1, 1, 1]</c>.</remarks>
public static class SoftmaxCrossEntropy
{
    /// <summary>
    /// Writes <paramref name="losses"/> and <paramref name="dLogits"/>. The labels come validated from whoever read them:
    /// a label outside 0 … C - 1 is never used as an index, it turns its row's loss and gradient into NaN.
    /// </summary>
    /// <param name="logits">Scores before softmax.</param>
    /// <param name="labels">The first N elements are used.</param>
    /// <param name="losses">One loss per sample; their mean is the loss of the batch.</param>
    /// <param name="dLogits">Gradient of the batch mean; may be <paramref name="logits"/>.</param>
    /// <param name="batch">Images of the whole batch.</param>
    public static void Forward(Tensor logits, DeviceBuffer<int> labels, Tensor losses, Tensor dLogits, int batch)
    {
        Shape shape = logits.Shape;
        logits.Expect(Shape.Matrix(shape.N, shape.C));
        losses.Expect(Shape.Matrix(shape.N, 1));
        dLogits.Expect(shape);
        if (labels.Length < shape.N)
        {
            throw new ArgumentException(
                $"buffer 'labels' holds {labels.Length} elements, expected {shape.N}, one per row of '{logits.Name}'");
        }

        if (HostSoftmax.TryCrossEntropy(logits, labels, losses, dLogits, 1f / batch))
        {
            return;
        }

        if (logits.Device.PrefersGroups)
        {
            logits.Device.LaunchGroups(shape.N, logits.Device.Launches.ReductionGroup(shape.C), new SoftmaxCrossEntropyGroupKernel(
                logits.View, labels.View, losses.View, dLogits.View, shape.C, 1f / batch));
            return;
        }

        logits.Device.Launch(shape.N, new SoftmaxCrossEntropyKernel(
            logits.View, labels.View, losses.View, dLogits.View, shape.C, 1f / batch));
    }
}

/// <summary>One thread, one sample: its loss and its row of dLogits.</summary>
internal readonly struct SoftmaxCrossEntropyKernel(
    ArrayView<float> logits, ArrayView<int> labels, ArrayView<float> losses, ArrayView<float> dLogits, int channels, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * channels;
        int label = labels[index];
        if (label < 0 || label >= channels)
        {
            losses[index] = float.NaN;
            for (int c = 0; c < channels; c++)
            {
                dLogits[start + c] = float.NaN;
            }

            return;
        }

        float max = logits[start];
        for (int c = 1; c < channels; c++)
        {
            max = logits[start + c] > max ? logits[start + c] : max;
        }

        float margin = logits[start + label] - max;

        float sum = 0;
        for (int c = 0; c < channels; c++)
        {
            float e = XMath.Exp(logits[start + c] - max);
            dLogits[start + c] = e;
            sum += e;
        }

        losses[index] = XMath.Log(sum) - margin;
        for (int c = 0; c < channels; c++)
        {
            dLogits[start + c] = ((dLogits[start + c] / sum) - (c == label ? 1f : 0f)) * scale;
        }
    }
}
