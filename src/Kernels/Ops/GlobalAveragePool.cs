using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Mean of each channel over an image: <c>y[n, c] = gain * sum over h, w of x[n, h, w, c] / (H * W)</c>; backward
/// <c>dx[n, h, w, c] = gain * dy[n, c] / (H * W)</c>. x is NHWC, y is <c>[N, 1, 1, C]</c>. The gain is 1 but in training (see
/// <c>docs/training.md</c>).
/// </summary>
public static class GlobalAveragePool
{
    /// <summary>Writes <paramref name="y"/>.</summary>
    public static void Forward(Tensor x, Tensor y, float gain = 1)
    {
        y.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        if (HostGlobalPool.TryAverage(x, y, gain / x.Shape.Area))
        {
            return;
        }

        if (x.Device.PrefersGroups)
        {
            ColumnSum.Parts(x.Device, x.View, y.View, x.Shape.N * x.Shape.Area, x.Shape.C, x.Shape.Area, gain / x.Shape.Area);
        }
        else
        {
            x.Device.Launch(y.Count, new GlobalAveragePoolKernel(x.View, y.View, x.Shape, gain / x.Shape.Area));
        }
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    public static void Backward(Tensor dy, Tensor dx, float gain = 1)
    {
        dy.Expect(Shape.Matrix(dx.Shape.N, dx.Shape.C));
        if (HostGlobalPool.TryAverageBackward(dy, dx, gain / dx.Shape.Area))
        {
            return;
        }

        if (Quads.Fit(dx.Shape.C, dy, dx))
        {
            int words = dx.Shape.C / Float4.Count;
            dy.Device.Launch(dx.Count / Float4.Count, new GlobalAveragePoolBackwardWordKernel(
                dy.View, dx.View, words, new Divisor(words), new Divisor(dx.Shape.Area * words), gain / dx.Shape.Area));
            return;
        }

        dy.Device.Launch(dx.Count, new GlobalAveragePoolBackwardKernel(dy.View, dx.View, dx.Shape, gain / dx.Shape.Area));
    }
}

/// <summary>One thread, one element of y; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct GlobalAveragePoolKernel(ArrayView<float> x, ArrayView<float> y, Shape shape, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / shape.C, c = index % shape.C;
        int at = (n * shape.H * shape.W * shape.C) + c;
        float sum = 0;
        for (int h = 0; h < shape.H; h++)
        {
            float line = 0;
            for (int w = 0; w < shape.W; w++, at += shape.C)
            {
                line += x[at];
            }

            sum += line;
        }

        y[index] = sum * scale;
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct GlobalAveragePoolBackwardKernel(ArrayView<float> dy, ArrayView<float> dx, Shape shape, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / (shape.H * shape.W * shape.C), c = index % shape.C;
        dx[index] = dy[(n * shape.C) + c] * scale;
    }
}

/// <summary>The same for channels in fours, <paramref name="words"/> of them per pixel: one thread, one word.</summary>
internal readonly struct GlobalAveragePoolBackwardWordKernel(
    ArrayView<float> dy, ArrayView<float> dx, int words, Divisor perPixel, Divisor perImage, float scale) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = perImage.Quotient(index), word = index - (perPixel.Quotient(index) * words);
        Float4 sent = dy.Cast<Float4>()[(n * words) + word];
        dx.Cast<Float4>()[index] = new Float4(sent.F0 * scale, sent.F1 * scale, sent.F2 * scale, sent.F3 * scale);
    }
}
