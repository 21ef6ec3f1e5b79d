using GpuCam.Kernels.Simd;
using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Stretches every map to 0 … 1: <c>y = (x - min) / (max - min)</c>, min and max over the map's own pixels. A map that is
/// constant, that holds a NaN or an infinity, or whose range is infinite becomes all zeros.
/// </summary>
/// <remarks>Layouts: x, y <c>[N, H, W, 1]</c>.</remarks>
public static class MinMaxNormalize
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor y)
    {
        x.Expect(x.Shape.WithC(1));
        y.Expect(x.Shape);
        if (HostMinMaxNormalize.TryForward(x, y))
        {
            return;
        }

        if (x.Device.PrefersGroups)
        {
            int groupSize = x.Device.Launches.ReductionGroup(x.Shape.Area);
            x.Device.LaunchGroups(x.Shape.N, groupSize, new MinMaxNormalizeGroupKernel(x.View, y.View, x.Shape.Area));
            return;
        }

        x.Device.Launch(x.Shape.N, new MinMaxNormalizeKernel(x.View, y.View, x.Shape.Area));
    }
}

/// <summary>One thread, one map of y.</summary>
internal readonly struct MinMaxNormalizeKernel(ArrayView<float> x, ArrayView<float> y, int area) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * area;
        float min = x[start];
        float max = min;
        int finite = 0;
        for (int i = start; i < start + area; i++)
        {
            float value = x[i];
            min = value < min ? value : min;
            max = value > max ? value : max;

            // Counted, because a comparison with NaN is false and min and max would pass over it.
            if (XMath.Abs(value) <= float.MaxValue)
            {
                finite++;
            }
        }

        float range = max - min;
        int usable = finite == area && range > 0 && range <= float.MaxValue ? 1 : 0;
        for (int i = start; i < start + area; i++)
        {
            y[i] = usable != 0 ? (x[i] - min) / range : 0;
        }
    }
}
