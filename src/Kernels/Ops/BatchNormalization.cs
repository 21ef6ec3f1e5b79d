using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Batch normalisation with known statistics, as a trained network applies it (Ioffe and Szegedy, ICML 2015):
/// <c>y[p, c] = (x[p, c] - mean[c]) * r[c] * scale[c] + bias[c]</c>, <c>r[c] = 1 / sqrt(variance[c] + epsilon)</c>, p any pixel of any
/// image. Backward <c>dx = dy * r * scale</c>, <c>dScale[c] = sum over p of dy[p, c] * (x[p, c] - mean[c]) * r[c]</c>,
/// <c>dBias[c] = sum over p of dy[p, c]</c>.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, C]</c>; all else <c>[1, 1, 1, C]</c>.</remarks>
public static class BatchNormalization
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor scale, Tensor bias, Tensor mean, Tensor variance, float epsilon, Tensor y) =>
        Forward([x], scale, bias, mean, variance, epsilon, y, relu: false);

    /// <summary>
    /// The same of channels that are read from several tensors, one behind the other, and if wished <c>max(y, 0)</c> of that. y may be
    /// the part, where there is one.
    /// </summary>
    public static void Forward(
        IReadOnlyList<Tensor> parts, Tensor scale, Tensor bias, Tensor mean, Tensor variance, float epsilon, Tensor y, bool relu)
    {
        ArgumentNullException.ThrowIfNull(parts);
        y.Expect(parts[0].Shape.WithC(parts.Sum(part => part.Shape.C)));
        foreach (Tensor part in parts)
        {
            part.Expect(y.Shape.WithC(part.Shape.C));
        }

        ExpectVectors(y, scale, bias, mean, variance);
        if (HostChannelAffine.TryNormalize(parts, scale, bias, mean, variance, epsilon, y, relu))
        {
            return;
        }

        Tensor x = parts.Count == 1 ? parts[0] : y;
        for (int i = 0, from = 0; parts.Count > 1 && i < parts.Count; from += parts[i++].Shape.C)
        {
            CopyRegion.Forward(parts[i], y, default, parts[i].Shape, new Shape(0, 0, 0, from));
        }

        y.Device.Launch(y.Count, new BatchNormalizationKernel(
            x.View, scale.View, bias.View, mean.View, variance.View, epsilon, y.View, y.Shape.C));
        if (relu)
        {
            Relu.Forward(y, y);
        }
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>.</summary>
    public static void BackwardData(Tensor dy, Tensor scale, Tensor variance, float epsilon, Tensor dx)
    {
        dx.Expect(dy.Shape);
        ExpectVectors(dy, scale, variance);
        if (!HostChannelAffine.TryNormalizeBackward(dy, scale, variance, epsilon, dx))
        {
            dx.Device.Launch(dx.Count, new BatchNormalizationBackwardDataKernel(
                dy.View, scale.View, variance.View, epsilon, dx.View, dx.Shape.C));
        }
    }

    /// <summary>Writes <paramref name="dScale"/> and <paramref name="dBias"/>, summed over the images and pixels.</summary>
    public static void BackwardParameters(
        Tensor x, Tensor dy, Tensor mean, Tensor variance, float epsilon, Tensor dScale, Tensor dBias)
    {
        dy.Expect(x.Shape);
        ExpectVectors(x, mean, variance, dScale, dBias);
        if (HostBatchStatistics.TryBackwardParameters(x, dy, mean, variance, epsilon, dScale, dBias))
        {
            return;
        }

        Conv2D.BackwardBias(dy, dBias);
        if (x.Device.PrefersGroups)
        {
            CentredSum.Total(x, mean, dy, dScale);
            x.Device.Launch(dScale.Count, new DeviationQuotientKernel(dScale.View, variance.View, epsilon));
        }
        else
        {
            x.Device.Launch(dScale.Count, new BatchNormalizationBackwardScaleKernel(
                x.View, dy.View, mean.View, variance.View, epsilon, dScale.View, x.Shape.C, x.Shape.N * x.Shape.H, x.Shape.W));
        }
    }

    internal static void ExpectVectors(Tensor x, params ReadOnlySpan<Tensor> vectors)
    {
        foreach (Tensor vector in vectors)
        {
            vector.Expect(Shape.Vector(x.Shape.C));
        }
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct BatchNormalizationKernel(
    ArrayView<float> x, ArrayView<float> scale, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance, float epsilon,
    ArrayView<float> y, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        y[index] = ((x[index] - mean[c]) * (scale[c] / XMath.Sqrt(variance[c] + epsilon))) + bias[c];
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct BatchNormalizationBackwardDataKernel(
    ArrayView<float> dy, ArrayView<float> scale, ArrayView<float> variance, float epsilon, ArrayView<float> dx, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        dx[index] = dy[index] * (scale[c] / XMath.Sqrt(variance[c] + epsilon));
    }
}

/// <summary>One thread, one sum, over the deviation of its channel.</summary>
internal readonly struct DeviationQuotientKernel(ArrayView<float> sums, ArrayView<float> variance, float epsilon) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => sums[index] /= XMath.Sqrt(variance[index] + epsilon);
}

/// <summary>One thread, one channel of dScale; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct BatchNormalizationBackwardScaleKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> mean, ArrayView<float> variance, float epsilon, ArrayView<float> dScale,
    int channels, int lines, int width) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float sum = 0;
        int at = index;
        for (int line = 0; line < lines; line++)
        {
            float ofLine = 0;
            for (int w = 0; w < width; w++, at += channels)
            {
                ofLine += dy[at] * (x[at] - mean[index]);
            }

            sum += ofLine;
        }

        dScale[index] = sum / XMath.Sqrt(variance[index] + epsilon);
    }
}
