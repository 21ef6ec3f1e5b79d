using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Class activation map (arXiv 1512.04150, equation 2): <c>cam[n, h, w] = sum_k features[n, h, w, k] * weight[k, classes[n]]</c>,
/// raw and signed. Its mean over the pixels, plus the class's bias, is the class's logit.
/// </summary>
/// <remarks>Layouts: features <c>[N, H, W, K]</c>; weight <c>[K, classes]</c>; classes N class indices; cam <c>[N, H, W, 1]</c>.</remarks>
public static class ClassActivationMap
{
    /// <summary>
    /// Writes <paramref name="cam"/>. A class that <paramref name="weight"/> has no column for makes its map NaN; it is never
    /// used as an index. <paramref name="classes"/> may hold more than N elements; the first N are used.
    /// </summary>
    public static void Forward(Tensor features, Tensor weight, DeviceBuffer<int> classes, Tensor cam)
    {
        Shape shape = features.Shape;
        weight.Expect(Shape.Matrix(shape.C, weight.Shape.C));
        cam.Expect(shape.WithC(1));
        if (classes.Length < shape.N)
        {
            throw new ArgumentException(
                $"buffer 'classes' holds {classes.Length} elements, expected {shape.N}, one per image of '{features.Name}'");
        }

        if (HostClassActivationMap.TryForward(features, weight, classes, cam))
        {
            return;
        }

        features.Device.Launch(cam.Count, new ClassActivationMapKernel(
            features.View, weight.View, classes.View, cam.View, shape.Area, shape.C, weight.Shape.C));
    }
}

/// <summary>One thread, one pixel of cam.</summary>
internal readonly struct ClassActivationMapKernel(
    ArrayView<float> features, ArrayView<float> weight, ArrayView<int> classes, ArrayView<float> cam,
    int area, int channels, int classCount) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int label = classes[index / area];
        if (label < 0 || label >= classCount)
        {
            cam[index] = float.NaN;
            return;
        }

        float sum = 0;
        for (int k = 0; k < channels; k++)
        {
            sum += features[(index * channels) + k] * weight[(k * classCount) + label];
        }

        cam[index] = sum;
    }
}
