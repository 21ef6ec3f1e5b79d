using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Channels times their weights: <c>y[n, h, w, k] = weight[n, k] * x[n, h, w, k]</c>, or with weights for every pixel
/// <c>weight[n, h, w, k] * x[n, h, w, k]</c>.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, K]</c>; weight <c>[N, 1, 1, K]</c> or <c>[N, H, W, K]</c>.</remarks>
public static class ChannelScale
{
    /// <summary>
    /// Writes <paramref name="y"/>, which may be <paramref name="x"/>; the shape of <paramref name="weight"/> says which of the two it is.
    /// </summary>
    public static void Forward(Tensor x, Tensor weight, Tensor y)
    {
        bool perPixel = weight.Shape == x.Shape;
        if (!perPixel)
        {
            weight.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        }

        y.Expect(x.Shape);
        int share = perPixel ? 1 : x.Shape.Area;
        x.Device.Launch(y.Count, new ChannelScaleKernel(x.View, weight.View, y.View, x.Shape.C, share));
    }
}

/// <summary>One thread, one element of y; <c>share</c> pixels have one weight vector.</summary>
internal readonly struct ChannelScaleKernel(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> y, int channels, int share) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int row = index / channels / share;
        y[index] = weight[(row * channels) + (index % channels)] * x[index];
    }
}
