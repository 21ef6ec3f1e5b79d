using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>One thread, one element of y. Channels are fastest: in a depthwise convolution neighbours read neighbours.</summary>
internal readonly struct GroupedConv2DForwardKernel(
    ArrayView<float> x, ArrayView<float> weight, ProductEpilogue epilogue, Conv2DGeometry g, int groups) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int outWidth = g.OW, outHeight = g.OH;
        int oc = index % g.OC, pixel = index / g.OC;
        int ow = pixel % outWidth, line = pixel / outWidth;
        int oh = line % outHeight, n = line / outHeight;
        int depth = g.X.C / groups, first = oc / (g.OC / groups) * depth;

        float sum = epilogue.OneBias(oc);
        for (int kh = 0; kh < g.KH; kh++)
        {
            int ih = (oh * g.StrideH) + (kh * g.DilationH) - g.PadTop;
            if (ih < 0 || ih >= g.X.H)
            {
                continue;
            }

            for (int kw = 0; kw < g.KW; kw++)
            {
                int iw = (ow * g.StrideW) + (kw * g.DilationW) - g.PadLeft;
                if (iw < 0 || iw >= g.X.W)
                {
                    continue;
                }

                int at = (((((n * g.X.H) + ih) * g.X.W) + iw) * g.X.C) + first;
                int tap = (((kh * g.KW) + kw) * depth * g.OC) + oc;
                for (int ic = 0; ic < depth; ic++, tap += g.OC)
                {
                    sum += x[at + ic] * weight[tap];
                }
            }
        }

        epilogue.StoreBiased(0, pixel, oc, sum);
    }
}

/// <summary>One thread, one element of dx: gathers from the outputs that it went into.</summary>
internal readonly struct GroupedConv2DBackwardDataKernel(
    ArrayView<float> dy, ArrayView<float> weight, ArrayView<float> dx, Conv2DGeometry g, int groups) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int outWidth = g.OW, outHeight = g.OH;
        int ic = index % g.X.C, pixel = index / g.X.C;
        int iw = pixel % g.X.W, line = pixel / g.X.W;
        int ih = line % g.X.H, n = line / g.X.H;
        int depth = g.X.C / groups, width = g.OC / groups, first = ic / depth * width;

        float sum = 0;
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
                if (w < 0 || ow >= outWidth || ow * g.StrideW != w)
                {
                    continue;
                }

                int at = (((((n * outHeight) + oh) * outWidth) + ow) * g.OC) + first;
                int tap = (((((kh * g.KW) + kw) * depth) + (ic % depth)) * g.OC) + first;
                for (int oc = 0; oc < width; oc++)
                {
                    sum += dy[at + oc] * weight[tap + oc];
                }
            }
        }

        dx[index] = sum;
    }
}

/// <summary>One thread, one element of dWeight; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct GroupedConv2DBackwardWeightKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dWeight, Conv2DGeometry g, int groups) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int outWidth = g.OW, outHeight = g.OH;
        int depth = g.X.C / groups;
        int oc = index % g.OC, row = index / g.OC;
        int ic = (oc / (g.OC / groups) * depth) + (row % depth), tap = row / depth;
        int h = (tap / g.KW * g.DilationH) - g.PadTop, w = (tap % g.KW * g.DilationW) - g.PadLeft;

        float sum = 0;
        for (int line = 0; line < g.X.N * outHeight; line++)
        {
            int n = line / outHeight, ih = (line % outHeight * g.StrideH) + h;
            if (ih < 0 || ih >= g.X.H)
            {
                continue;
            }

            float lineSum = 0;
            int first = (((n * g.X.H) + ih) * g.X.W * g.X.C) + ic, at = (line * outWidth * g.OC) + oc;
            for (int ow = 0; ow < outWidth; ow++, at += g.OC)
            {
                int iw = (ow * g.StrideW) + w;
                if (iw >= 0 && iw < g.X.W)
                {
                    lineSum += x[first + (iw * g.X.C)] * dy[at];
                }
            }

            sum += lineSum;
        }

        dWeight[index] = sum;
    }
}
