using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// A factor and a summand per channel, <c>y[p, c] = x[p, c] * scale[c] + bias[c]</c>, p any pixel of any image, and if wished
/// <c>max(y, 0)</c> of that: what a <see cref="BatchNormalization"/> becomes whose statistics are folded into its parameters. Backward
/// <c>dx[p, c] = dy[p, c] * scale[c]</c>.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, C]</c>; scale, bias <c>[1, 1, 1, C]</c>.</remarks>
public static class ChannelAffine
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor scale, Tensor bias, Tensor y, bool relu = false)
    {
        y.Expect(x.Shape);
        scale.Expect(Shape.Vector(x.Shape.C));
        bias.Expect(Shape.Vector(x.Shape.C));
        if (!HostChannelAffine.TryForward(x, scale, bias, y, relu))
        {
            x.Device.Launch(y.Count, new ChannelAffineKernel(x.View, scale.View, bias.View, y.View, x.Shape.C, relu ? 1 : 0));
        }
    }

    /// <summary>Writes <paramref name="dx"/>, which may be <paramref name="dy"/>; for a forward pass without ReLU.</summary>
    public static void BackwardData(Tensor dy, Tensor scale, Tensor dx)
    {
        dx.Expect(dy.Shape);
        scale.Expect(Shape.Vector(dy.Shape.C));
        Binary.Forward(BinaryFunction.Multiply, dy, scale, dx);
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ChannelAffineKernel(
    ArrayView<float> x, ArrayView<float> scale, ArrayView<float> bias, ArrayView<float> y, int channels, int relu) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % channels;
        float value = (x[index] * scale[c]) + bias[c];
        y[index] = relu != 0 && value <= 0 ? 0 : value;
    }
}
