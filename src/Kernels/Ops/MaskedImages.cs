using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Copies of images behind masks: <c>y[m, h, w, c] = factor * x[images[m], h, w, c] * (masks[m, h, w] + noise[h, w])</c>.
/// </summary>
/// <remarks>
/// Layouts: x <c>[N, H, W, C]</c>; masks <c>[M, H, W, 1]</c>; noise <c>[1, H, W, 1]</c>; y <c>[M, H, W, C]</c>; images at least M indices
/// in range.
/// </remarks>
public static class MaskedImages
{
    /// <summary>Writes <paramref name="y"/>; without <paramref name="noise"/> nothing is added to the masks.</summary>
    public static void Forward(Tensor x, DeviceBuffer<int> images, Tensor masks, Tensor? noise, float factor, Tensor y)
    {
        y.Expect(x.Shape.WithN(y.Shape.N));
        masks.Expect(y.Shape.WithC(1));
        noise?.Expect(masks.Shape.WithN(1));
        images.Expect(y.Shape.N, nameof(images));
        x.Device.Launch(masks.Count, new MaskedImagesKernel(
            x.View, images.View, masks.View, (noise ?? masks).View, noise is null ? 0 : 1, factor, y.View, x.Shape.Area, x.Shape.C));
    }
}

/// <summary>One thread, one pixel of y with all its channels.</summary>
internal readonly struct MaskedImagesKernel(
    ArrayView<float> x, ArrayView<int> images, ArrayView<float> masks, ArrayView<float> noise, int hasNoise, float factor,
    ArrayView<float> y, int area, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int p = index % area;
        float mask = masks[index];
        if (hasNoise != 0)
        {
            mask += noise[p];
        }

        mask *= factor;
        int source = ((images[index / area] * area) + p) * channels;
        for (int c = 0; c < channels; c++)
        {
            y[(index * channels) + c] = mask * x[source + c];
        }
    }
}
