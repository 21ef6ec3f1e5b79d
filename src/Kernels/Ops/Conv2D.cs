using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Two-dimensional convolution (cross-correlation, the kernel is not flipped), optionally with ReLU:
/// <c>y[n, oh, ow, oc] = bias[oc] + sum over kh, kw, ic of x[n, ih, iw, ic] * weight[kh, kw, ic, oc]</c> with ih, iw as in
/// <see cref="Conv2DGeometry"/>. x, y and their gradients are NHWC, the weight is HWIO, the bias a vector of OC.
/// A thread computes a register tile of 4 pixels x 4 channels and owns it; the order of every sum is fixed.
/// </summary>
public static class Conv2D
{
    /// <summary>What the images of one weight-gradient launch may take: a core's L2 cache.</summary>
    private const int CacheBytes = 1 << 20;

    /// <summary>Writes <paramref name="y"/>; with <paramref name="relu"/>, <c>max(y, 0)</c>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Forward(Tensor x, Tensor weight, Tensor? bias, Tensor y, Conv2DGeometry g, bool relu)
    {
        Shape yShape = g.Y;
        x.Expect(g.X);
        weight.Expect(g.Weight);
        bias?.Expect(Shape.Vector(g.OC));
        y.Expect(yShape);
        if (HostConv2D.TryForward(x, weight, bias, y, g, relu))
            return;
        int threads = g.X.N * g.OH * Lanes.Tiles(g.OW) * Lanes.Tiles(g.OC);
        ArrayView<float> biasView = (bias ?? weight).View;
        x.Device.Launch(threads, new Conv2DForwardKernel(x.View, weight.View, biasView, y.View, g, bias is null ? 0 : 1, relu ? 1 : 0));
    }

    /// <summary>
    /// Writes <paramref name="dx"/>: <c>dx[n, ih, iw, ic] = sum of dy[n, oh, ow, oc] * weight[kh, kw, ic, oc]</c> over all that
    /// meet there.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void BackwardData(Tensor dy, Tensor weight, Tensor dx, Conv2DGeometry g)
    {
        dy.Expect(g.Y);
        weight.Expect(g.Weight);
        dx.Expect(g.X);
        if (HostConv2D.TryBackwardData(dy, weight, dx, g))
            return;
        int threads = g.X.N * g.X.H * Lanes.Tiles(g.X.W) * Lanes.Tiles(g.X.C);
        dy.Device.Launch(threads, new Conv2DBackwardDataKernel(dy.View, weight.View, dx.View, g));
    }

    /// <summary>
    /// Writes <paramref name="dWeight"/>:
    /// <c>dWeight[kh, kw, ic, oc] = sum over n, oh, ow of x[n, ih, iw, ic] * dy[n, oh, ow, oc]</c>.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g)
    {
        long imageBytes = sizeof(float) * ((long)g.X.Area * g.X.C + ((long)g.Y.Area * g.OC));
        BackwardWeight(x, dy, dWeight, g, (int)Math.Max(1, CacheBytes / imageBytes));
    }

    /// <summary>Writes <paramref name="dBias"/>: the sum of <paramref name="dy"/> over images and pixels.</summary>
    public static void BackwardBias(Tensor dy, Tensor dBias)
    {
        dBias.Expect(Shape.Vector(dy.Shape.C));
        if (HostBias.TryBackward(dy, dBias))
            return;
        dy.Device.Launch(Lanes.Tiles(dy.Shape.C), new Conv2DBackwardBiasKernel(dy.View, dBias.View, dy.Shape));
    }

    /// <summary>
    /// As above, a launch per <paramref name="imagesPerLaunch"/> images: every thread reads all of them, so they should stay
    /// in the cache (and short sums, added up, round less than one long sum).
    /// </summary>
    internal static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int imagesPerLaunch)
    {
        dy.Expect(g.Y);
        x.Expect(g.X);
        dWeight.Expect(g.Weight);
        if (HostConv2D.TryBackwardWeight(x, dy, dWeight, g))
            return;
        int threads = Lanes.Tiles(g.KH * g.KW * g.X.C) * Lanes.Tiles(g.OC);
        for (int n = 0; n < g.X.N; n += imagesPerLaunch)
        {
            int end = Math.Min(g.X.N, n + imagesPerLaunch);
            x.Device.Launch(threads, new Conv2DBackwardWeightKernel(x.View, dy.View, dWeight.View, g, n, end));
        }
    }
}
