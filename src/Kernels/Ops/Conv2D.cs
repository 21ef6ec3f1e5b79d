using GpuCam.Kernels.Simd;
using ILGPU;

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
        if (!HostConv2D.TryForward(x, weight, bias, y, g, 1, activation, residual, offset))
        {
            ConvEpilogue.Around(y, g, activation, residual, offset, (target, relu) => Launch(x, weight.Tensor, bias, target, g, relu));
        }
    }

    private static void Launch(Tensor x, Tensor weight, Tensor? bias, Tensor y, Conv2DGeometry g, bool relu)
    {
        Shape yShape = g.Y;
        ArrayView<float> biasView = (bias ?? weight).View;
        int hasBias = bias is null ? 0 : 1, rectify = relu ? 1 : 0;
        if (x.Device.PrefersGroups)
        {
            LaunchTable table = x.Device.Launches;
            var wide = new TiledWidth(x, weight, y);
            var product = new Conv2DForwardProduct(
                x.View, weight.View, biasView, y.View, new Conv2DWindows(g), yShape, wide, hasBias, rectify);
            ProductUnit unit = TiledProduct.UnitOf(x.Device, wide);
            TilePlan plan = table.Plan(table.Forward, product.Rows, product.Columns, product.Depth, unit);
            TiledProduct.Launch(x.Device, plan, product, x, weight);
            return;
        }

        int threads = g.X.N * g.OH * Lanes.Tiles(g.OW) * Lanes.Tiles(g.OC);
        x.Device.Launch(threads, new Conv2DForwardKernel(x.View, weight.View, biasView, y.View, g, hasBias, rectify));
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
        var wide = new TiledWidth(x, weight, y);
        var product = new Conv2DMaxPoolProduct(
            x.View, weight.View, (bias ?? weight).View, y.View, argmax.View, new Conv2DWindows(g), yShape, wide, g.OW,
            bias is null ? 0 : 1, relu ? 1 : 0);
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
            BackwardDataByGroups(dy, weight.Tensor, dx, g);
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
            BackwardWeightByGroups(x, dy, dWeight, g);
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

    /// <summary>
    /// The weight's taps are turned first. With stride 1 the gradient is then itself a convolution: of dy, padded by what the kernel
    /// reaches beyond the forward padding.
    /// </summary>
    private static void BackwardDataByGroups(Tensor dy, Tensor weight, Tensor dx, Conv2DGeometry g)
    {
        IDevice device = dy.Device;
        LaunchTable table = device.Launches;
        bool forward = g.StrideH == 1 && g.StrideW == 1;
        var turned = new Tensor(device.Scratch(weight.Count), 0, "turned taps", new Shape(g.KH, g.KW, g.OC, g.X.C));
        device.Launch(weight.Count, new TurnedTapsKernel(weight.View, turned.View, g.KH * g.KW, g.X.C, g.OC, forward ? 1 : 0));
        var wide = new TiledWidth(dy, turned, dx);
        ProductUnit unit = TiledProduct.UnitOf(device, wide);
        TilePlan plan = table.Plan(table.BackwardData, g.X.N * g.X.Area, g.X.C, g.KH * g.KW * g.OC, unit);
        if (!forward)
        {
            TiledProduct.Launch(device, plan, new Conv2DBackwardDataProduct(dy.View, turned.View, dx.View, g, g.Y, wide), dy, turned);
            return;
        }

        Conv2DGeometry back = g with
        {
            X = g.Y,
            OC = g.X.C,
            PadTop = (g.DilationH * (g.KH - 1)) - g.PadTop,
            PadLeft = (g.DilationW * (g.KW - 1)) - g.PadLeft,
        };
        var product = new Conv2DForwardProduct(dy.View, turned.View, turned.View, dx.View, new Conv2DWindows(back), g.X, wide, 0, 0);
        TiledProduct.Launch(device, plan, product, dy, turned);
    }

    /// <summary>Groups sum parts of the pixels, a second launch adds the parts up in order.</summary>
    private static void BackwardWeightByGroups(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g)
    {
        Shape yShape = g.Y;
        dy.Expect(yShape);
        x.Expect(g.X);
        dWeight.Expect(g.Weight);
        IDevice device = x.Device;
        LaunchTable table = device.Launches;
        ProductUnit unit = TiledProduct.UnitOf(device, new TiledWidth(x, dy, dWeight));
        TilePlan plan = table.PlanSplit(table.BackwardWeight, dWeight.Count / g.OC, g.OC, yShape.N * yShape.Area, unit);
        Tensor parts = plan.Splits == 1
            ? dWeight
            : new Tensor(
                device.Scratch(checked(plan.Splits * dWeight.Count)), 0, "parts", new Shape(plan.Splits, 1, dWeight.Count / g.OC, g.OC));
        var product = new Conv2DBackwardWeightProduct(
            x.View, dy.View, parts.View, new Conv2DWindows(g), yShape, new TiledWidth(x, dy, parts));
        TiledProduct.Launch(device, plan, product, x, dy);
        if (plan.Splits > 1)
        {
            ColumnSum.AddUp(device, parts.View, dWeight.View, dWeight.Count, plan.Splits);
        }
    }
}
