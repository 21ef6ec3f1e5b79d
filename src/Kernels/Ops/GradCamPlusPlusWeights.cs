using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The channel weights of Grad-CAM++ (arXiv 1710.11063, equation 19): with <c>s[n, k] = sum_q x[n, q, k]</c> and g the gradient,
/// <c>alpha = g^2 / (2 g^2 + g^3 s)</c> (0 where g is 0) and <c>weight[n, k] = sum_p alpha * max(g, 0)</c>. Only positive gradients
/// count, and for these <c>alpha * g = g / (2 + g s)</c>, which neither underflows nor needs a special case for 0; a pixel whose
/// divisor is 0 (possible only where activations are negative) counts as 0.
/// </summary>
/// <remarks>Layouts: x, gradient <c>[N, H, W, K]</c>; weight <c>[N, 1, 1, K]</c>.</remarks>
public static class GradCamPlusPlusWeights
{
    /// <summary>Writes <paramref name="weight"/>.</summary>
    public static void Forward(Tensor x, Tensor gradient, Tensor weight)
    {
        gradient.Expect(x.Shape);
        weight.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        if (HostGradientWeights.TryGradCamPlusPlus(x, gradient, weight))
        {
            return;
        }

        x.Device.Launch(weight.Count, new GradCamPlusPlusWeightsKernel(x.View, gradient.View, weight.View, x.Shape));
    }
}

/// <summary>One thread, one weight; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct GradCamPlusPlusWeightsKernel(
    ArrayView<float> x, ArrayView<float> gradient, ArrayView<float> weight, Shape shape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int first = (index / shape.C * shape.H * shape.W * shape.C) + (index % shape.C);
        float total = 0;
        int at = first;
        for (int h = 0; h < shape.H; h++)
        {
            float line = 0;
            for (int w = 0; w < shape.W; w++, at += shape.C)
            {
                line += x[at];
            }

            total += line;
        }

        float sum = 0;
        at = first;
        for (int h = 0; h < shape.H; h++)
        {
            float line = 0;
            for (int w = 0; w < shape.W; w++, at += shape.C)
            {
                float g = gradient[at] <= 0 ? 0 : gradient[at];
                float divisor = 2 + (g * total);
                line += divisor == 0 ? 0 : g / divisor;
            }

            sum += line;
        }

        weight[index] = sum;
    }
}
