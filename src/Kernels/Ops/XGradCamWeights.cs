using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The channel weights of XGrad-CAM (arXiv 2008.02312, equation 8): gradients averaged with the activations as weights,
/// <c>weight[n, k] = sum_p gradient[n, p, k] * x[n, p, k] / (sum_p x[n, p, k] + epsilon)</c>.
/// </summary>
/// <remarks>Layouts: x, gradient <c>[N, H, W, K]</c>; weight <c>[N, 1, 1, K]</c>.</remarks>
public static class XGradCamWeights
{
    /// <summary>Keeps the quotient of a channel that is 0 everywhere finite.</summary>
    public const float Epsilon = 1e-7f;

    /// <summary>Writes <paramref name="weight"/>.</summary>
    public static void Forward(Tensor x, Tensor gradient, Tensor weight)
    {
        gradient.Expect(x.Shape);
        weight.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        if (HostGradientWeights.TryXGradCam(x, gradient, weight, Epsilon))
        {
            return;
        }

        x.Device.Launch(weight.Count, new XGradCamWeightsKernel(x.View, gradient.View, weight.View, x.Shape, Epsilon));
    }
}

/// <summary>One thread, one weight; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct XGradCamWeightsKernel(
    ArrayView<float> x, ArrayView<float> gradient, ArrayView<float> weight, Shape shape, float epsilon) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int at = (index / shape.C * shape.H * shape.W * shape.C) + (index % shape.C);
        float products = 0, values = 0;
        for (int h = 0; h < shape.H; h++)
        {
            float lineProducts = 0, lineValues = 0;
            for (int w = 0; w < shape.W; w++, at += shape.C)
            {
                lineProducts += gradient[at] * x[at];
                lineValues += x[at];
            }

            products += lineProducts;
            values += lineValues;
        }

        weight[index] = products / (values + epsilon);
    }
}
