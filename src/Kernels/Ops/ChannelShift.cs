using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Takes a number off every channel of every image: <c>y[n, h, w, k] = x[n, h, w, k] - shift[n, k]</c>. With the channels' means it
/// centres them.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, K]</c>; shift <c>[N, 1, 1, K]</c>.</remarks>
public static class ChannelShift
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor shift, Tensor y)
    {
        shift.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        y.Expect(x.Shape);
        x.Device.Launch(y.Count, new ChannelShiftKernel(x.View, shift.View, y.View, x.Shape.C, x.Shape.Area));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ChannelShiftKernel(
    ArrayView<float> x, ArrayView<float> shift, ArrayView<float> y, int channels, int area) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / channels / area;
        y[index] = x[index] - shift[(n * channels) + (index % channels)];
    }
}
