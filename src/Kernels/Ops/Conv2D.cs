using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Two-dimensional convolution (cross-correlation, the kernel is not flipped), optionally with ReLU:
/// <c>y[n, oh, ow, oc] = bias[oc] + sum over kh, kw, ic of x[n, ih, iw, ic] * weight[kh, kw, ic, oc]</c> with ih, iw as in
/// <see cref="Conv2DGeometry"/>. x, y and their gradients are NHWC, the weight is HWIO, the bias a vector of OC.
/// A thread computes a register tile and owns it, 4 pixels x 4 channels in the plain kernels, 8 x 8 in the tiled ones; the order
/// of every sum is fixed.
/// </summary>
public static class Conv2D
{
    /// <summary>What the images of one weight-gradient launch may take: a core's L2 cache.</summary>
    private const int CacheBytes = 1 << 20;

    /// <summary>Writes <paramref name="y"/>: <c>y = f(windows(x) * weight + bias + residual)</c>.</summary>
    /// <param name="x">Images.</param>
    /// <param name="weight">The weight, HWIO.</param>
    /// <param name="bias">What every pixel gets, or null.</param>
    /// <param name="y">Result.</param>
    /// <param name="g">Which pixel meets which weight.</param>
    /// <param name="activation">f.</param>
    /// <param name="residual">What else is added, of the result's shape; null for nothing, and not <paramref name="y"/>.</param>
    /// <param name="offset">Channel of y from which on the result lies, where y has more channels; the others stay as they are.</param>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Forward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, Activation activation = default, Tensor? residual = null,
        int offset = 0)
    {
        x.Expect(g.X);
        weight.Expect(g.Weight);
        ConvEpilogue.Expect(bias, y, g, residual, offset);
        if (HostConv2D.TryForward(x, weight, bias, y, g, 1, activation, residual, offset))
        {
            return;
        }

        if (x.Device.PrefersGroups)
        {
            TiledConv2D.Forward(x, weight.Tensor, bias, y, g, 1, activation, residual, offset);
            return;
        }

        var result = new ProductResult(y, g.OC, y.Shape.C, offset, 0, 0);
        var epilogue = new ProductEpilogue(result, weight.Tensor, bias, residual, activation, g.OC, 0);
        int threads = g.X.N * g.OH * Lanes.Tiles(g.OW) * Lanes.Tiles(g.OC);
        x.Device.Launch(threads, new Conv2DForwardKernel(x.View, weight.Tensor.View, epilogue, g));
    }

    /// <summary>
    /// <see cref="Forward"/> and then <see cref="MaxPool2D"/> with windows of 2x2 and stride 2: writes the pooled
    /// <paramref name="y"/>, <c>[N, OH / 2, OW / 2, OC]</c>, and <paramref name="argmax"/>. Where group kernels are the fast ones it
    /// is one launch and what would be pooled is never stored.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible, or the output is smaller than a window.</exception>
    public static void ForwardMaxPool(
        Tensor x, Tensor weight, Tensor? bias, Tensor y, DeviceBuffer<int> argmax, Conv2DGeometry g, bool relu)
    {
        var pool = Pool2DGeometry.Square(g.Y, 2, 2, 0);
        Shape yShape = pool.Y;
        if (!x.Device.PrefersGroups)
        {
            using var unpooled = new Tensor(x.Device, "unpooled", g.Y);
            Forward(x, weight, bias, unpooled, g, relu ? Activation.Relu : default);
            MaxPool2D.Forward(unpooled, y, argmax, pool);
            return;
        }

        x.Expect(g.X);
        weight.Expect(g.Weight);
        bias?.Expect(Shape.Vector(g.OC));
        y.Expect(yShape);
        Argmax.Expect(argmax, yShape);
        if (GreyConvMaxPool.TryForward(x, weight, bias, y, argmax, g, relu))
        {
            return;
        }

        LaunchTable table = x.Device.Launches;
        var wide = new TiledWidth(Quads.Fit(g.X.C, x), Quads.Fit(g.OC, weight));
        var product = new Conv2DMaxPoolProduct(
            x.View, weight.View, (bias ?? weight).View, y.View, argmax.View, new Conv2DWindows(g), yShape, wide,
            Quads.Fit(g.OC, y) ? 1 : 0, g.OW, bias is null ? 0 : 1, relu ? 1 : 0);
        ProductUnit unit = TiledProduct.UnitOf(x.Device, wide);
        TilePlan plan = table.Plan(table.Forward, product.Rows, product.Columns, product.Depth, unit);
        TiledProduct.Launch(x.Device, plan, product, x, weight);
    }

    /// <summary>
    /// Writes <paramref name="dx"/>: <c>dx[n, ih, iw, ic] = sum of dy[n, oh, ow, oc] * weight[kh, kw, ic, oc]</c> over all that
    /// meet there.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void BackwardData(Tensor dy, ConvWeight weight, Tensor dx, Conv2DGeometry g)
    {
        dy.Expect(g.Y);
        weight.Expect(g.Weight);
        dx.Expect(g.X);
        if (HostConv2D.TryBackwardData(dy, weight, dx, g, 1))
        {
            return;
        }

        if (dy.Device.PrefersGroups)
        {
            TiledConv2D.BackwardData(dy, weight.Tensor, dx, g, 1);
            return;
        }

        int threads = g.X.N * g.X.H * Lanes.Tiles(g.X.W) * Lanes.Tiles(g.X.C);
        dy.Device.Launch(threads, new Conv2DBackwardDataKernel(dy.View, weight.Tensor.View, dx.View, g));
    }

    /// <summary>
    /// Writes <paramref name="dWeight"/>:
    /// <c>dWeight[kh, kw, ic, oc] = sum over n, oh, ow of x[n, ih, iw, ic] * dy[n, oh, ow, oc]</c>.
    /// </summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g)
    {
        if (x.Device.PrefersGroups)
        {
            dy.Expect(g.Y);
            x.Expect(g.X);
            dWeight.Expect(g.Weight);
            TiledConv2D.BackwardWeight(x, dy, dWeight, g, 1);
            return;
        }

        long imageBytes = sizeof(float) * ((long)g.X.Area * g.X.C + ((long)g.Y.Area * g.OC));
        BackwardWeight(x, dy, dWeight, g, (int)Math.Max(1, CacheBytes / imageBytes));
    }

    /// <summary>Writes <paramref name="dBias"/>: the sum of <paramref name="dy"/> over images and pixels.</summary>
    public static void BackwardBias(Tensor dy, Tensor dBias)
    {
        dBias.Expect(Shape.Vector(dy.Shape.C));
        ColumnSum.Bias(dy, dBias, Lanes.Tiles(dy.Shape.C), new Conv2DBackwardBiasKernel(dy.View, dBias.View, dy.Shape));
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
        if (HostConv2D.TryBackwardWeight(x, dy, dWeight, g, 1))
        {
            return;
        }

        int threads = Lanes.Tiles(g.KH * g.KW * g.X.C) * Lanes.Tiles(g.OC);
        for (int n = 0; n < g.X.N; n += imagesPerLaunch)
        {
            int end = Math.Min(g.X.N, n + imagesPerLaunch);
            x.Device.Launch(threads, new Conv2DBackwardWeightKernel(x.View, dy.View, dWeight.View, g, n, end));
        }
    }
}
