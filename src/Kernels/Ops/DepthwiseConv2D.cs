using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// <see cref="GroupedConv2D"/> with a group for each channel, four channels a thread, where group kernels are the fast ones: no product
/// fills a tile there, and what takes time is reading x and writing y once.
/// </summary>
internal static class DepthwiseConv2D
{
    /// <summary>Whether these channels come in fours and each is a group.</summary>
    public static bool Fits(Conv2DGeometry g, int groups, params ReadOnlySpan<Tensor> tensors) =>
        groups == g.X.C && g.OC == g.X.C && Quads.Fit(g.OC, tensors);

    /// <summary>Writes y.</summary>
    public static void Forward(Tensor x, Tensor weight, ProductEpilogue epilogue, Conv2DGeometry g) =>
        Launch(x, weight, epilogue, g, reversed: 0);

    /// <summary>Writes dx; with stride 1 that is a convolution of dy with the taps in the opposite order.</summary>
    public static void BackwardData(Tensor dy, Tensor weight, Tensor dx, Conv2DGeometry g)
    {
        if (g.StrideH != 1 || g.StrideW != 1)
        {
            dy.Device.Launch(
                dx.Count / Float4.Count, new DepthwiseBackwardDataKernel(dy.View, weight.View, dx.View, g, new QuadPlaces(g.X)));
            return;
        }

        int reachH = g.DilationH * (g.KH - 1), reachW = g.DilationW * (g.KW - 1);
        Conv2DGeometry back = g with
        {
            X = g.Y,
            PadTop = reachH - g.PadTop,
            PadLeft = reachW - g.PadLeft,
            PadBottom = reachH - g.PadBottom,
            PadRight = reachW - g.PadRight,
        };
        Launch(dy, weight, new ProductEpilogue(new ProductResult(dx, g.X.C), dy), back, reversed: 1);
    }

    /// <summary>Writes dWeight: threads sum the lines of a part of the images, a second launch adds the parts up in order.</summary>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight, Conv2DGeometry g)
    {
        IDevice device = x.Device;
        Shape y = g.Y;
        int lines = y.N * y.H, threads = dWeight.Count / Float4.Count;
        int wanted = Math.Min(
            lines, device.Launches.ReductionParts(lines * y.W, (threads + GroupTree.MaxThreads - 1) / GroupTree.MaxThreads));
        int linesPerPart = (lines + wanted - 1) / wanted, parts = (lines + linesPerPart - 1) / linesPerPart;
        ArrayView<float> sums = parts == 1 ? dWeight.View : device.Scratch(checked(parts * dWeight.Count)).View;
        device.Launch(parts * threads, new DepthwiseBackwardWeightKernel(x.View, dy.View, sums, g, y, linesPerPart));
        if (parts > 1)
        {
            ColumnSum.AddUp(device, sums, dWeight.View, dWeight.Count, parts);
        }
    }

    private static void Launch(Tensor x, Tensor weight, ProductEpilogue epilogue, Conv2DGeometry g, int reversed)
    {
        var strips = new Shape(g.X.N, g.OH, Lanes.Tiles(g.OW), g.X.C);
        x.Device.Launch(
            strips.Count / Float4.Count,
            new DepthwiseForwardKernel(x.View, weight.View, epilogue, g, new QuadPlaces(strips), g.OH, g.OW, reversed));
    }
}

/// <summary>Which four channels of which pixel a thread has: channels are fastest, then along the line.</summary>
/// <param name="shape">A tensor whose channels come in fours.</param>
internal readonly struct QuadPlaces(Shape shape)
{
    private readonly Divisor _quads = new(shape.C / Float4.Count), _width = new(shape.W), _height = new(shape.H);

    /// <summary>First channel, column, line of the image, image.</summary>
    public (int C, int W, int H, int N) Of(int index)
    {
        int pixel = _quads.Quotient(index), line = _width.Quotient(pixel), n = _height.Quotient(line);
        return ((index - (pixel * (shape.C / Float4.Count))) * Float4.Count, pixel - (line * shape.W), line - (n * shape.H), n);
    }
}

/// <summary>
/// One thread, four channels of four pixels along the line. A tap is read once for all four; where windows move by one pixel and taps lie
/// side by side, so is a pixel, which goes from one window's place to the next one's.
/// </summary>
internal readonly struct DepthwiseForwardKernel(
    ArrayView<float> x, ArrayView<float> weight, ProductEpilogue epilogue, Conv2DGeometry g, QuadPlaces places, int height, int width,
    int reversed) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        (int c, int strip, int oh, int n) = places.Of(index);
        int ow = strip * Float4.Count, taps = g.KH * g.KW, tap = reversed != 0 ? taps - 1 : 0, step = reversed != 0 ? -1 : 1;
        int left = (ow * g.StrideW) - g.PadLeft;
        bool slides = g.StrideW == 1 && g.DilationW == 1;
        Float4 sum0 = epilogue.Bias(c), sum1 = sum0, sum2 = sum0, sum3 = sum0;
        for (int kh = 0; kh < g.KH; kh++)
        {
            int ih = (oh * g.StrideH) + (kh * g.DilationH) - g.PadTop;
            if (ih < 0 || ih >= g.X.H)
            {
                tap += step * g.KW;
                continue;
            }

            int line = ((n * g.X.H) + ih) * g.X.W;
            Float4 x0 = default, x1 = default, x2 = default, x3 = default;
            if (slides)
            {
                x1 = Load(line, left, c);
                x2 = Load(line, left + 1, c);
                x3 = Load(line, left + 2, c);
            }

            for (int kw = 0; kw < g.KW; kw++, tap += step)
            {
                var factor = Float4.Load(weight, (tap * g.X.C) + c);
                int iw = left + (kw * g.DilationW);
                if (slides)
                {
                    x0 = x1;
                    x1 = x2;
                    x2 = x3;
                    x3 = Load(line, iw + 3, c);
                }
                else
                {
                    x0 = Load(line, iw, c);
                    x1 = Load(line, iw + g.StrideW, c);
                    x2 = Load(line, iw + (2 * g.StrideW), c);
                    x3 = Load(line, iw + (3 * g.StrideW), c);
                }

                sum0 = sum0.PlusProduct(factor, x0);
                sum1 = sum1.PlusProduct(factor, x1);
                sum2 = sum2.PlusProduct(factor, x2);
                sum3 = sum3.PlusProduct(factor, x3);
            }
        }

        int pixel = (((n * height) + oh) * width) + ow;
        for (int end = pixel + Math.Min(Float4.Count, width - ow); pixel < end; pixel++)
        {
            epilogue.StoreBiased(pixel, c, sum0);
            sum0 = sum1;
            sum1 = sum2;
            sum2 = sum3;
        }
    }

    private Float4 Load(int line, int iw, int c) =>
        iw >= 0 && iw < g.X.W ? Float4.Load(x, ((line + iw) * g.X.C) + c) : default;
}

/// <summary>One thread, four channels of one pixel of dx: gathers from the outputs that it went into.</summary>
internal readonly struct DepthwiseBackwardDataKernel(
    ArrayView<float> dy, ArrayView<float> weight, ArrayView<float> dx, Conv2DGeometry g, QuadPlaces places) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        (int c, int iw, int ih, int n) = places.Of(index);
        int outWidth = g.OW, outHeight = g.OH;
        Float4 sum = default;
        for (int kh = 0; kh < g.KH; kh++)
        {
            int h = ih + g.PadTop - (kh * g.DilationH), oh = h / g.StrideH;
            if (h < 0 || oh >= outHeight || oh * g.StrideH != h)
            {
                continue;
            }

            for (int kw = 0; kw < g.KW; kw++)
            {
                int w = iw + g.PadLeft - (kw * g.DilationW), ow = w / g.StrideW;
                if (w >= 0 && ow < outWidth && ow * g.StrideW == w)
                {
                    int at = ((((n * outHeight) + oh) * outWidth) + ow) * g.OC;
                    sum = sum.PlusProduct(Float4.Load(weight, (((kh * g.KW) + kw) * g.OC) + c), Float4.Load(dy, at + c));
                }
            }
        }

        sum.Store(dx, index * Float4.Count);
    }
}

/// <summary>
/// One thread, four channels of one tap of dWeight, summed over the lines of one part; line by line, because short sums round less than
/// one long sum.
/// </summary>
internal readonly struct DepthwiseBackwardWeightKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> parts, Conv2DGeometry g, Shape yShape, int linesPerPart) : IKernel
{
    private readonly QuadPlaces _places = new(new Shape(1, g.KH, g.KW, g.X.C));
    private readonly Divisor _height = new(yShape.H), _quads = new(g.KH * g.KW * (g.X.C / Float4.Count));

    /// <inheritdoc/>
    public void Execute(int index)
    {
        int part = _quads.Quotient(index);
        (int c, int kw, int kh, int _) = _places.Of(index - (part * (g.KH * g.KW * (g.X.C / Float4.Count))));
        int h = (kh * g.DilationH) - g.PadTop, w = (kw * g.DilationW) - g.PadLeft;
        int line = part * linesPerPart, end = Math.Min(yShape.N * yShape.H, line + linesPerPart);
        Float4 sum = default;
        for (; line < end; line++)
        {
            int n = _height.Quotient(line), ih = ((line - (n * yShape.H)) * g.StrideH) + h;
            if (ih < 0 || ih >= g.X.H)
            {
                continue;
            }

            Float4 lineSum = default;
            int first = (((n * g.X.H) + ih) * g.X.W * g.X.C) + c, at = (line * yShape.W * g.X.C) + c;
            for (int ow = 0; ow < yShape.W; ow++, at += g.X.C)
            {
                int iw = (ow * g.StrideW) + w;
                if (iw >= 0 && iw < g.X.W)
                {
                    lineSum = lineSum.PlusProduct(Float4.Load(x, first + (iw * g.X.C)), Float4.Load(dy, at));
                }
            }

            sum = sum.Plus(lineSum);
        }

        sum.Store(parts, index * Float4.Count);
    }
}
