using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Local response normalization across channels, as ONNX has it:
/// <c>y[c] = x[c] * s[c]^-beta</c> with <c>s[c] = bias + alpha / size * sum of x[j]^2</c> over the channels
/// <c>c - floor((size - 1) / 2) … c + ceil((size - 1) / 2)</c> that exist, pixel by pixel; backward
/// <c>dx[c] = dy[c] * s[c]^-beta - 2 * alpha * beta / size * x[c] * sum of dy[j] * y[j] / s[j]</c> over the channels j whose
/// sum has c in it (Krizhevsky, Sutskever and Hinton 2012, section 3.3, where alpha is not divided).
/// </summary>
/// <remarks>Layouts: all tensors <c>[N, H, W, C]</c>.</remarks>
public static class LocalResponseNormalization
{
    /// <summary>Writes <paramref name="y"/>, which is not <paramref name="x"/>.</summary>
    /// <exception cref="GpuCamException">The size is below 1.</exception>
    public static void Forward(Tensor x, Tensor y, int size, float alpha, float beta, float bias)
    {
        y.Expect(x.Shape);
        ResponseRule rule = Rule(x, size, alpha, beta, bias);
        if (HostLocalResponseNormalization.TryForward(x, y, rule))
        {
            return;
        }

        x.Device.Launch(y.Count, new LocalResponseNormalizationKernel(x.View, y.View, rule));
    }

    /// <summary>Writes <paramref name="dx"/>, which is none of the others, from input and result of <see cref="Forward"/>.</summary>
    /// <exception cref="GpuCamException">The size is below 1.</exception>
    public static void Backward(Tensor x, Tensor y, Tensor dy, Tensor dx, int size, float alpha, float beta, float bias)
    {
        y.Expect(x.Shape);
        dy.Expect(x.Shape);
        dx.Expect(x.Shape);
        ResponseRule rule = Rule(x, size, alpha, beta, bias);
        if (HostLocalResponseNormalization.TryBackward(x, y, dy, dx, rule))
        {
            return;
        }

        x.Device.Launch(dx.Count, new LocalResponseNormalizationBackwardKernel(x.View, y.View, dy.View, dx.View, rule));
    }

    private static ResponseRule Rule(Tensor x, int size, float alpha, float beta, float bias)
    {
        if (size < 1)
        {
            throw new GpuCamException($"local response normalization of '{x.Name}' over {size} channels: the size must be at least 1");
        }

        // No window reaches further than over all channels; a larger one must not overflow.
        int below = Math.Min((size - 1) / 2, x.Shape.C), above = Math.Min(size / 2, x.Shape.C);
        return new ResponseRule(x.Shape.C, below, above, alpha / size, beta, bias);
    }
}

/// <summary>The numbers of a <see cref="LocalResponseNormalization"/>.</summary>
/// <param name="Channels">Channels of a pixel.</param>
/// <param name="Below">Channels of a window before its own.</param>
/// <param name="Above">Channels of a window behind its own.</param>
/// <param name="Alpha">What squares are multiplied by: alpha / size.</param>
/// <param name="Beta">Exponent.</param>
/// <param name="Bias">What the sum of squares is added to.</param>
public readonly record struct ResponseRule(int Channels, int Below, int Above, float Alpha, float Beta, float Bias)
{
    /// <summary>s of channel <paramref name="c"/> of the pixel whose channels begin at <paramref name="pixel"/>.</summary>
    public float Sum(ArrayView<float> x, int pixel, int c)
    {
        int first = Math.Max(0, c - Below), last = Math.Min(Channels - 1, c + Above);
        float sum = 0;
        for (int j = first; j <= last; j++)
        {
            float value = x[pixel + j];
            sum += value * value;
        }

        return Bias + (Alpha * sum);
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct LocalResponseNormalizationKernel(ArrayView<float> x, ArrayView<float> y, ResponseRule rule) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % rule.Channels;
        y[index] = x[index] * XMath.Pow(rule.Sum(x, index - c, c), -rule.Beta);
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct LocalResponseNormalizationBackwardKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx, ResponseRule rule) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % rule.Channels, pixel = index - c;
        int first = Math.Max(0, c - rule.Above), last = Math.Min(rule.Channels - 1, c + rule.Below);
        float sum = 0;
        for (int j = first; j <= last; j++)
        {
            sum += dy[pixel + j] * y[pixel + j] / rule.Sum(x, pixel, j);
        }

        float own = dy[index] * XMath.Pow(rule.Sum(x, pixel, c), -rule.Beta);
        dx[index] = own - (2 * rule.Alpha * rule.Beta * x[index] * sum);
    }
}
