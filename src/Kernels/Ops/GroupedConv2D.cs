using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// <see cref="Conv2D"/> in groups: the input channels are cut into <c>groups</c> equal parts, the output channels too, and output
/// channels see the input channels of their own part alone:
/// <c>y[n, oh, ow, oc] = bias[oc] + sum over kh, kw, ic of x[n, ih, iw, q * IC / groups + ic] * weight[kh, kw, ic, oc]</c> with
/// <c>q = oc / (OC / groups)</c> and ih, iw as in <see cref="Conv2DGeometry"/>, whose channels are those of all groups.
/// As many groups as input channels make a depthwise convolution. The gradient of the bias is <see cref="Conv2D.BackwardBias"/>.
/// </summary>
/// <remarks>Layouts: x, y and their gradients are NHWC; the weight is <c>[KH, KW, IC / groups, OC]</c>.</remarks>
public static class GroupedConv2D
{
    /// <summary>Shape of the weight, <c>[KH, KW, IC / groups, OC]</c>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible, or the channels do not fall into groups.</exception>
    public static Shape Weight(Conv2DGeometry g, int groups)
    {
        g.Check();
        if (groups < 1 || g.X.C % groups != 0 || g.OC % groups != 0)
        {
            throw new GpuCamException(
                $"{g} in {groups} groups: the number of groups must divide both the {g.X.C} input and the {g.OC} output channels");
        }

        return new Shape(g.KH, g.KW, g.X.C / groups, g.OC);
    }

    /// <summary>Writes <paramref name="y"/>; see <see cref="Conv2D.Forward"/>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible, or the channels do not fall into groups.</exception>
    public static void Forward(
        Tensor x, ConvWeight weight, Tensor? bias, Tensor y, Conv2DGeometry g, int groups, Activation activation = default,
        Tensor? residual = null, int offset = 0)
    {
        Shape weightShape = Weight(g, groups);
        if (groups == 1)
        {
            Conv2D.Forward(x, weight, bias, y, g, activation, residual, offset);
            return;
        }

        x.Expect(g.X);
        weight.Expect(weightShape);
        ConvEpilogue.Expect(bias, y, g, residual, offset);
        if (HostGroupedConv2D.TryForward(x, weight, bias, y, g, groups, activation, residual, offset))
        {
            return;
        }

        if (IsTiled(x.Device, g, groups))
        {
            TiledConv2D.Forward(x, weight.Tensor, bias, y, g, groups, activation, residual, offset);
            return;
        }

        var result = new ProductResult(y, g.OC, y.Shape.C, offset, 0, 0);
        var epilogue = new ProductEpilogue(result, weight.Tensor, bias, residual, activation, g.OC, 0);
        if (x.Device.PrefersGroups && DepthwiseConv2D.Fits(g, groups, x, weight.Tensor))
        {
            DepthwiseConv2D.Forward(x, weight.Tensor, epilogue, g);
            return;
        }

        x.Device.Launch(g.Y.Count, new GroupedConv2DForwardKernel(x.View, weight.Tensor.View, epilogue, g, groups));
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible, or the channels do not fall into groups.</exception>
    public static void BackwardData(Tensor dy, ConvWeight weight, Tensor dx, Conv2DGeometry g, int groups)
    {
        Shape weightShape = Weight(g, groups);
        if (groups == 1)
        {
            Conv2D.BackwardData(dy, weight, dx, g);
            return;
        }

        dy.Expect(g.Y);
        weight.Expect(weightShape);
        dx.Expect(g.X);
        if (HostGroupedConv2D.TryBackwardData(dy, weight, dx, g, groups))
        {
            return;
        }

        if (IsTiled(dy.Device, g, groups))
        {
            TiledConv2D.BackwardData(dy, weight.Tensor, dx, g, groups);
            return;
        }

        if (dy.Device.PrefersGroups && DepthwiseConv2D.Fits(g, groups, dy, weight.Tensor, dx))
        {
            DepthwiseConv2D.BackwardData(dy, weight.Tensor, dx, g);
            return;
        }

        dy.Device.Launch(dx.Count, new GroupedConv2DBackwardDataKernel(dy.View, weight.Tensor.View, dx.View, g, groups));
    }

    /// <summary>Writes <paramref name="dWeight"/>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible, or the channels do not fall into groups.</exception>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g, int groups)
    {
        Shape weightShape = Weight(g, groups);
        if (groups == 1)
        {
            Conv2D.BackwardWeight(x, dy, dWeight, g);
            return;
        }

        x.Expect(g.X);
        dy.Expect(g.Y);
        dWeight.Expect(weightShape);
        if (HostGroupedConv2D.TryBackwardWeight(x, dy, dWeight, g, groups))
        {
            return;
        }

        if (IsTiled(x.Device, g, groups))
        {
            TiledConv2D.BackwardWeight(x, dy, dWeight, g, groups);
            return;
        }

        if (x.Device.PrefersGroups && DepthwiseConv2D.Fits(g, groups, x, dy, dWeight))
        {
            DepthwiseConv2D.BackwardWeight(x, dy, dWeight, g);
            return;
        }

        x.Device.Launch(dWeight.Count, new GroupedConv2DBackwardWeightKernel(x.View, dy.View, dWeight.View, g, groups));
    }

    /// <summary>Whether groups are wide enough for tiles, which are mostly empty below four channels.</summary>
    private static bool IsTiled(IDevice device, Conv2DGeometry g, int groups) =>
        device.PrefersGroups && g.X.C / groups >= Float4.Count && g.OC / groups >= Float4.Count;
}
