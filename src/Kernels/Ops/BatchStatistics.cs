using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The statistics of a batch, and what training needs of a normalisation by them (Ioffe and Szegedy, arXiv 1502.03167, algorithm 1):
/// <c>mean[c] = sum over p of x[p, c] / P</c>, <c>variance[c] = sum over p of (x[p, c] - mean[c])^2 / P</c>, p any of the P pixels of all
/// images. <see cref="BatchNormalization"/> normalises by them; its gradient, which also goes through both, is
/// <c>dx = scale * r * (dy - dBias / P - (x - mean) * r * dScale / P)</c>, <c>r[c] = 1 / sqrt(variance[c] + epsilon)</c>.
/// </summary>
/// <remarks>
/// Layouts: x, dy, dx <c>[N, H, W, C]</c>; all else <c>[1, 1, 1, C]</c>. Sums run in an order that the shape alone decides: a thread more
/// or less changes no bit.
/// </remarks>
public static class BatchStatistics
{
    /// <summary>Writes <paramref name="mean"/> and <paramref name="variance"/>.</summary>
    public static void Forward(Tensor x, Tensor mean, Tensor variance)
    {
        BatchNormalization.ExpectVectors(x, mean, variance);
        if (HostBatchStatistics.TryForward(x, mean, variance))
        {
            return;
        }

        if (!x.Device.PrefersGroups)
        {
            x.Device.Launch(mean.Count, new BatchStatisticsKernel(
                x.View, mean.View, variance.View, x.Shape.C, x.Shape.N * x.Shape.H, x.Shape.W));
            return;
        }

        float share = ShareOf(x);
        ColumnSum.Total(x, mean);
        ScaledCopy.Forward(mean, mean, share, mirror: false);
        CentredSum.Total(x, mean, null, variance);
        ScaledCopy.Forward(variance, variance, share, mirror: false);
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>.</summary>
    /// <param name="x">What was normalised.</param>
    /// <param name="dy">Gradient of what came out.</param>
    /// <param name="scale">Factor.</param>
    /// <param name="mean">Of x.</param>
    /// <param name="variance">Of x.</param>
    /// <param name="dScale">From <see cref="BatchNormalization.BackwardParameters"/>.</param>
    /// <param name="dBias">The same.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="dx">Written.</param>
    public static void BackwardData(
        Tensor x, Tensor dy, Tensor scale, Tensor mean, Tensor variance, Tensor dScale, Tensor dBias, float epsilon, Tensor dx)
    {
        dy.Expect(x.Shape);
        dx.Expect(x.Shape);
        BatchNormalization.ExpectVectors(x, scale, mean, variance, dScale, dBias);
        if (!HostBatchStatistics.TryBackwardData(x, dy, scale, mean, variance, dScale, dBias, epsilon, dx))
        {
            x.Device.Launch(dx.Count, new BatchStatisticsBackwardDataKernel(
                x.View, dy.View, scale.View, mean.View, variance.View, dScale.View, dBias.View, epsilon, ShareOf(x), dx.View, x.Shape.C));
        }
    }

    /// <summary>
    /// Moves running statistics towards a batch's, as <c>torch.nn.BatchNorm2d</c> does: <c>running += momentum * (own - running)</c>, of
    /// the variance the unbiased one, <c>variance * P / (P - 1)</c>.
    /// </summary>
    /// <param name="mean">Of the batch.</param>
    /// <param name="variance">Of the batch.</param>
    /// <param name="runningMean">Read and written.</param>
    /// <param name="runningVariance">Read and written.</param>
    /// <param name="momentum">The share of this batch.</param>
    /// <param name="pixels">How many there were of each channel.</param>
    /// <exception cref="GpuCamException">One pixel has no variance.</exception>
    public static void Update(
        Tensor mean, Tensor variance, Tensor runningMean, Tensor runningVariance, float momentum, int pixels)
    {
        if (pixels < 2)
        {
            throw new GpuCamException($"'{runningVariance.Name}': a batch normalisation cannot learn from one value of a channel; "
                + "train with batches of more than one image");
        }

        Move(mean, variance, runningMean, runningVariance, momentum, pixels / (pixels - 1f));
    }

    /// <summary>The same towards a variance that is unbiased already.</summary>
    public static void Move(Tensor mean, Tensor variance, Tensor runningMean, Tensor runningVariance, float momentum) =>
        Move(mean, variance, runningMean, runningVariance, momentum, 1);

    private static void Move(
        Tensor mean, Tensor variance, Tensor runningMean, Tensor runningVariance, float momentum, float unbiased)
    {
        foreach (Tensor vector in (ReadOnlySpan<Tensor>)[variance, runningMean, runningVariance])
        {
            vector.Expect(mean.Shape);
        }

        mean.Device.Launch(mean.Count, new BatchStatisticsUpdateKernel(
            mean.View, variance.View, runningMean.View, runningVariance.View, momentum, unbiased));
    }

    private static float ShareOf(Tensor x) => 1f / (x.Shape.N * x.Shape.Area);
}

/// <summary>One thread, one channel; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct BatchStatisticsKernel(
    ArrayView<float> x, ArrayView<float> mean, ArrayView<float> variance, int channels, int lines, int width) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float pixels = (float)lines * width;
        float centre = 0;
        int at = index;
        for (int line = 0; line < lines; line++)
        {
            float ofLine = 0;
            for (int w = 0; w < width; w++, at += channels)
            {
                ofLine += x[at];
            }

            centre += ofLine;
        }

        centre /= pixels;
        float squares = 0;
        at = index;
        for (int line = 0; line < lines; line++)
        {
            float ofLine = 0;
            for (int w = 0; w < width; w++, at += channels)
            {
                float distance = x[at] - centre;
                ofLine += distance * distance;
            }

            squares += ofLine;
        }

        mean[index] = centre;
        variance[index] = squares / pixels;
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct BatchStatisticsBackwardDataKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> scale, ArrayView<float> mean, ArrayView<float> variance,
    ArrayView<float> dScale, ArrayView<float> dBias, float epsilon, float share, ArrayView<float> dx, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        float r = 1 / XMath.Sqrt(variance[c] + epsilon);
        float through = (dBias[c] + ((x[index] - mean[c]) * r * dScale[c])) * share;
        dx[index] = scale[c] * r * (dy[index] - through);
    }
}

/// <summary>One thread, one channel.</summary>
internal readonly struct BatchStatisticsUpdateKernel(
    ArrayView<float> mean, ArrayView<float> variance, ArrayView<float> runningMean, ArrayView<float> runningVariance, float momentum,
    float unbiased) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        runningMean[index] += momentum * (mean[index] - runningMean[index]);
        runningVariance[index] += momentum * ((variance[index] * unbiased) - runningVariance[index]);
    }
}
