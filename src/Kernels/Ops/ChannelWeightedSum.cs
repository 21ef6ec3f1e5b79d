using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The map that channel weights make of features: <c>map[n, h, w, 0] = sum_k weight[n, k] * x[n, h, w, k]</c>, or with weights for
/// every pixel <c>sum_k weight[n, h, w, k] * x[n, h, w, k]</c>; raw and signed.
/// </summary>
/// <remarks>Layouts: x <c>[N, H, W, K]</c>; weight <c>[N, 1, 1, K]</c> or <c>[N, H, W, K]</c>; map <c>[N, H, W, 1]</c>.</remarks>
public static class ChannelWeightedSum
{
    /// <summary>Writes <paramref name="map"/>; the shape of <paramref name="weight"/> says which of the two it is.</summary>
    public static void Forward(Tensor x, Tensor weight, Tensor map)
    {
        bool perPixel = weight.Shape == x.Shape;
        if (!perPixel)
        {
            weight.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        }

        map.Expect(x.Shape.WithC(1));
        int share = perPixel ? 1 : x.Shape.Area;
        if (HostChannelWeightedSum.TryForward(x, weight, map, share))
        {
            return;
        }

        x.Device.Launch(map.Count, new ChannelWeightedSumKernel(x.View, weight.View, map.View, x.Shape.C, share));
    }
}

/// <summary>One thread, one pixel of map; <c>share</c> pixels have one weight vector.</summary>
internal readonly struct ChannelWeightedSumKernel(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> map, int channels, int share) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int values = index * channels, weights = index / share * channels;
        float sum = 0;
        for (int k = 0; k < channels; k++)
        {
            sum += weight[weights + k] * x[values + k];
        }

        map[index] = sum;
    }
}
