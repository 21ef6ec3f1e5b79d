using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Lifts the small values of every map: <c>y = tanh(2 * x / max)</c>, max over the map's own pixels, as LayerCAM does for shallow
/// layers (Jiang et al., TIP 2021, equation 9). A map without a positive value stays as it is.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, 1]</c>.</remarks>
public static class TanhScale
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor y)
    {
        x.Expect(x.Shape.WithC(1));
        y.Expect(x.Shape);
        x.Device.Launch(x.Shape.N, new TanhScaleKernel(x.View, y.View, x.Shape.Area));
    }
}

/// <summary>One thread, one map of y.</summary>
internal readonly struct TanhScaleKernel(ArrayView<float> x, ArrayView<float> y, int area) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * area;
        float max = 0;
        for (int i = start; i < start + area; i++)
        {
            max = x[i] > max ? x[i] : max;
        }

        for (int i = start; i < start + area; i++)
        {
            y[i] = max > 0 ? Exponentials.Tanh(2 * x[i] / max) : x[i];
        }
    }
}
