using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>One thread, 4 pixels along iw x 4 channels of dx: gathers from the outputs that the pixels went into.</summary>
internal readonly struct Conv2DBackwardDataKernel(
    ArrayView<float> dy, ArrayView<float> weight, ArrayView<float> dx, Conv2DGeometry g) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int icTiles = Lanes.Tiles(g.X.C), iwTiles = Lanes.Tiles(g.X.W);
        int ic = index % icTiles * Float4.Count;
        int iw = index / icTiles % iwTiles * Float4.Count;
        int line = index / icTiles / iwTiles;
        int ih = line % g.X.H, n = line / g.X.H;
        int oc = g.OC, outHeight = g.OH, outWidth = g.OW;
        var lanes = new Lanes(ic, g.X.C, oc);

        Float4 sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int kh = 0; kh < g.KH; kh++)
        {
            int oh = Output(ih + g.PadTop - (kh * g.DilationH), g.StrideH, outHeight);
            if (oh < 0)
            {
                continue;
            }

            int row = ((n * outHeight) + oh) * outWidth;
            for (int kw = 0; kw < g.KW; kw++)
            {
                int first = iw + g.PadLeft - (kw * g.DilationW);
                int ow0 = Output(first, g.StrideW, outWidth), ow1 = Output(first + 1, g.StrideW, outWidth);
                int ow2 = Output(first + 2, g.StrideW, outWidth), ow3 = Output(first + 3, g.StrideW, outWidth);
                bool in0 = ow0 >= 0, in1 = ow1 >= 0, in2 = ow2 >= 0, in3 = ow3 >= 0;
                int y0 = (row + ow0) * oc, y1 = (row + ow1) * oc, y2 = (row + ow2) * oc, y3 = (row + ow3) * oc;
                int at = ((((kh * g.KW) + kw) * g.X.C) + ic) * oc;
                for (int c = 0; c < oc; c++)
                {
                    var taps = Float4.Load(weight, at + c, lanes);
                    sum0 = sum0.Plus(in0 ? dy[y0 + c] : 0, taps);
                    sum1 = sum1.Plus(in1 ? dy[y1 + c] : 0, taps);
                    sum2 = sum2.Plus(in2 ? dy[y2 + c] : 0, taps);
                    sum3 = sum3.Plus(in3 ? dy[y3 + c] : 0, taps);
                }
            }
        }

        int x0 = (((line * g.X.W) + iw) * g.X.C) + ic;
        sum0.Store(dx, x0, lanes);
        if (iw + 1 < g.X.W)
        {
            sum1.Store(dx, x0 + g.X.C, lanes);
        }

        if (iw + 2 < g.X.W)
        {
            sum2.Store(dx, x0 + (2 * g.X.C), lanes);
        }

        if (iw + 3 < g.X.W)
        {
            sum3.Store(dx, x0 + (3 * g.X.C), lanes);
        }
    }

    /// <summary>The output whose tap lies <paramref name="distance"/> past the padded origin, or -1 if there is none.</summary>
    private static int Output(int distance, int stride, int extent)
    {
        if (distance < 0)
        {
            return -1;
        }

        int output = distance / stride;
        return output < extent && output * stride == distance ? output : -1;
    }
}

/// <summary>
/// One thread, 4 rows x 4 channels of dWeight seen as the matrix <c>[KH * KW * IC, OC]</c>, summed over the images from
/// <paramref name="first"/> up to <paramref name="end"/> and, unless these are the first, added to what is there.
/// </summary>
internal readonly struct Conv2DBackwardWeightKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dWeight, Conv2DGeometry g, int first, int end) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int ocTiles = Lanes.Tiles(g.OC);
        int oc = index % ocTiles * Float4.Count;
        int row = index / ocTiles * Float4.Count;
        int rows = g.KH * g.KW * g.X.C;
        var lanes = new Lanes(oc, g.OC, 1);
        // Rows past the last repeat it and are not stored.
        var tap0 = new Tap(row, g);
        var tap1 = new Tap(Math.Min(row + 1, rows - 1), g);
        var tap2 = new Tap(Math.Min(row + 2, rows - 1), g);
        var tap3 = new Tap(Math.Min(row + 3, rows - 1), g);
        int outWidth = g.OW, step = g.StrideW * g.X.C;

        Float4 sum0 = default, sum1 = default, sum2 = default, sum3 = default;
        for (int n = first; n < end; n++)
        {
            for (int oh = 0; oh < g.OH; oh++)
            {
                int at = (((n * g.OH) + oh) * outWidth * g.OC) + oc;
                int width0 = tap0.Width(oh, g), width1 = tap1.Width(oh, g), width2 = tap2.Width(oh, g), width3 = tap3.Width(oh, g);
                int x0 = tap0.Start(n, oh, g), x1 = tap1.Start(n, oh, g), x2 = tap2.Start(n, oh, g), x3 = tap3.Start(n, oh, g);
                for (int ow = 0, iw = 0, dx = 0; ow < outWidth; ow++, iw += g.StrideW, dx += step)
                {
                    var dyLanes = Float4.Load(dy, at, lanes);
                    sum0 = sum0.Plus((uint)(iw + tap0.W) < (uint)width0 ? x[x0 + dx] : 0, dyLanes);
                    sum1 = sum1.Plus((uint)(iw + tap1.W) < (uint)width1 ? x[x1 + dx] : 0, dyLanes);
                    sum2 = sum2.Plus((uint)(iw + tap2.W) < (uint)width2 ? x[x2 + dx] : 0, dyLanes);
                    sum3 = sum3.Plus((uint)(iw + tap3.W) < (uint)width3 ? x[x3 + dx] : 0, dyLanes);
                    at += g.OC;
                }
            }
        }

        Write(row, oc, sum0, lanes);
        if (row + 1 < rows)
        {
            Write(row + 1, oc, sum1, lanes);
        }

        if (row + 2 < rows)
        {
            Write(row + 2, oc, sum2, lanes);
        }

        if (row + 3 < rows)
        {
            Write(row + 3, oc, sum3, lanes);
        }
    }

    private void Write(int row, int oc, Float4 sum, Lanes lanes)
    {
        int at = (row * g.OC) + oc;
        (first == 0 ? sum : Float4.Load(dWeight, at, lanes).Plus(sum)).Store(dWeight, at, lanes);
    }

    /// <summary>A row of the weight matrix: which pixel, relative to <c>(oh * StrideH, ow * StrideW)</c>, and which channel.</summary>
    private readonly struct Tap
    {
        public readonly int H, W, Channel;

        public Tap(int row, Conv2DGeometry g)
        {
            int tap = row / g.X.C;
            Channel = row % g.X.C;
            H = (tap / g.KW * g.DilationH) - g.PadTop;
            W = (tap % g.KW * g.DilationW) - g.PadLeft;
        }

        /// <summary>Input columns that this tap can read for output row <paramref name="oh"/>: all or, outside the input, none.</summary>
        public int Width(int oh, Conv2DGeometry g)
        {
            int ih = (oh * g.StrideH) + H;
            return ih >= 0 && ih < g.X.H ? g.X.W : 0;
        }

        /// <summary>Index of the element that output (oh, 0) meets, were there one.</summary>
        public int Start(int n, int oh, Conv2DGeometry g) =>
            (((((n * g.X.H) + (oh * g.StrideH) + H) * g.X.W) + W) * g.X.C) + Channel;
    }
}

/// <summary>One thread, 4 channels of dBias; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct Conv2DBackwardBiasKernel(ArrayView<float> dy, ArrayView<float> dBias, Shape shape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int oc = index * Float4.Count;
        var lanes = new Lanes(oc, shape.C, 1);
        int at = oc;
        Float4 sum = default;
        for (int n = 0; n < shape.N; n++)
        {
            Float4 image = default;
            for (int h = 0; h < shape.H; h++)
            {
                Float4 line = default;
                for (int w = 0; w < shape.W; w++, at += shape.C)
                {
                    line = line.Plus(Float4.Load(dy, at, lanes));
                }

                image = image.Plus(line);
            }

            sum = sum.Plus(image);
        }

        sum.Store(dBias, oc, lanes);
    }
}
