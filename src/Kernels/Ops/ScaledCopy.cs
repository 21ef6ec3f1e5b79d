using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Copies images, scaled and if wished mirrored left to right: <c>y[n, h, w, c] = factor * x[n, h, mirror ? W - 1 - w : w, c]</c>,
/// or adds that to y. Both tensors have one shape, <c>[N, H, W, C]</c>.
/// </summary>
public static class ScaledCopy
{
    /// <summary>Overwrites <paramref name="y"/>, which must not be <paramref name="x"/> when mirrored.</summary>
    public static void Forward(Tensor x, Tensor y, float factor, bool mirror) => Launch(x, y, factor, mirror, 0);

    /// <summary>Adds to <paramref name="y"/>.</summary>
    public static void Add(Tensor x, Tensor y, float factor, bool mirror) => Launch(x, y, factor, mirror, 1);

    private static void Launch(Tensor x, Tensor y, float factor, bool mirror, int keep)
    {
        y.Expect(x.Shape);
        if (!mirror && HostScaledCopy.TryForward(x, y, factor, keep != 0))
        {
            return;
        }

        x.Device.Launch(y.Count, new ScaledCopyKernel(x.View, y.View, factor, mirror ? 1 : 0, keep, x.Shape.W, x.Shape.C));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ScaledCopyKernel(
    ArrayView<float> x, ArrayView<float> y, float factor, int mirror, int keep, int width, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int source = index;
        if (mirror != 0)
        {
            int pixel = index / channels;
            int w = pixel % width;
            source += (width - 1 - (2 * w)) * channels;
        }

        float value = factor * x[source];
        y[index] = keep != 0 ? y[index] + value : value;
    }
}
