using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Whether the class with the largest logit is the label's: <c>correct[n] = 1</c> if so, else 0. Of equal logits the first counts; NaN
/// never does.
/// </summary>
/// <remarks>Layouts: logits <c>[N, 1, 1, C]</c>; labels N class indices; correct N numbers from element <c>offset</c> on.</remarks>
public static class TopOne
{
    /// <summary>Writes N elements of <paramref name="correct"/>. Both integer buffers may be longer.</summary>
    public static void Forward(Tensor logits, DeviceBuffer<int> labels, DeviceBuffer<int> correct, int offset)
    {
        Shape shape = logits.Shape;
        logits.Expect(Shape.Matrix(shape.N, shape.C));
        if (labels.Length < shape.N)
        {
            throw new ArgumentException(
                $"buffer 'labels' holds {labels.Length} elements, expected {shape.N}, one per row of '{logits.Name}'");
        }

        if (offset < 0 || offset > correct.Length - shape.N)
        {
            throw new ArgumentException($"buffer 'correct' holds {correct.Length} elements, expected {shape.N} from element {offset} on");
        }

        logits.Device.Launch(shape.N, new TopOneKernel(logits.View, labels.View, correct.View, shape.C, offset));
    }
}

/// <summary>One thread, one sample.</summary>
internal readonly struct TopOneKernel(ArrayView<float> logits, ArrayView<int> labels, ArrayView<int> correct, int channels, int offset)
    : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int best = -1;
        float largest = float.NegativeInfinity;
        for (int c = 0; c < channels; c++)
        {
            float value = logits[(index * channels) + c];
            if (value > largest || (best < 0 && value == largest))
            {
                best = c;
                largest = value;
            }
        }

        correct[offset + index] = best == labels[index] ? 1 : 0;
    }
}
