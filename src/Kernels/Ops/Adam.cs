using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Adam (arXiv 1412.6980) as <c>torch.optim.Adam</c> computes it: <c>g = gradient + weightDecay * parameter</c>;
/// <c>m += (1 - beta1) * (g - m)</c>; <c>v = beta2 * v + (1 - beta2) * g * g</c>;
/// <c>parameter -= learningRate / (1 - beta1^step) * m / (sqrt(v) / sqrt(1 - beta2^step) + epsilon)</c>.
/// </summary>
/// <remarks>All tensors have one shape.</remarks>
public static class Adam
{
    /// <summary>
    /// Updates <paramref name="parameter"/>, <paramref name="m"/> and <paramref name="v"/>. The settings are doubles because
    /// 1 - beta and the bias corrections are computed in double, as in PyTorch; the kernel gets them rounded to float.
    /// </summary>
    /// <param name="parameter">Read and written.</param>
    /// <param name="gradient">Gradient of the loss.</param>
    /// <param name="m">Running mean of the gradient; zero before the first step.</param>
    /// <param name="v">Running mean of the squared gradient; zero before the first step.</param>
    /// <param name="step">1 for the first step.</param>
    /// <param name="learningRate">Step width.</param>
    /// <param name="beta1">Decay of <paramref name="m"/>, usually 0.9.</param>
    /// <param name="beta2">Decay of <paramref name="v"/>, usually 0.999.</param>
    /// <param name="epsilon">Keeps the quotient finite, usually 1e-8.</param>
    /// <param name="weightDecay">L2 penalty, added to the gradient.</param>
    public static void Step(
        Tensor parameter, Tensor gradient, Tensor m, Tensor v, int step,
        double learningRate, double beta1, double beta2, double epsilon, double weightDecay)
    {
        gradient.Expect(parameter.Shape);
        m.Expect(parameter.Shape);
        v.Expect(parameter.Shape);
        ArgumentOutOfRangeException.ThrowIfLessThan(step, 1);
        double correction1 = 1 - Math.Pow(beta1, step);
        double correction2 = 1 - Math.Pow(beta2, step);
        float oneMinusBeta1 = (float)(1 - beta1), oneMinusBeta2 = (float)(1 - beta2), stepSize = (float)(learningRate / correction1);
        float rootCorrection2 = (float)Math.Sqrt(correction2);
        bool done = HostOptimizers.TryAdam(
            parameter, gradient, m, v, oneMinusBeta1, (float)beta2, oneMinusBeta2, stepSize, rootCorrection2, (float)epsilon,
            (float)weightDecay);
        if (done)
        {
            return;
        }

        parameter.Device.Launch(parameter.Count, new AdamKernel(
            parameter.View, gradient.View, m.View, v.View, oneMinusBeta1, (float)beta2, oneMinusBeta2,
            stepSize, rootCorrection2, (float)epsilon, (float)weightDecay));
    }
}

/// <summary>One thread, one parameter and its two running means.</summary>
internal readonly struct AdamKernel(
    ArrayView<float> parameter, ArrayView<float> gradient, ArrayView<float> m, ArrayView<float> v, float oneMinusBeta1, float beta2,
    float oneMinusBeta2, float stepSize, float rootCorrection2, float epsilon, float weightDecay) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float g = gradient[index] + (weightDecay * parameter[index]);
        float mean = m[index] + (oneMinusBeta1 * (g - m[index]));
        float square = (beta2 * v[index]) + (oneMinusBeta2 * g * g);
        m[index] = mean;
        v[index] = square;
        parameter[index] -= stepSize * mean / ((XMath.Sqrt(square) / rootCorrection2) + epsilon);
    }
}
