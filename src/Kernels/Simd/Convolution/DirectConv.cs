using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Convolution of any geometry (see <see cref="Conv2DGeometry"/>), NHWC and HWIO, threaded over stretches of output pixels:
/// <code>
/// Forward         y  = windows(x) * weight + bias
/// BackwardData    dx = windows(dy, spread by the stride) * turned weight    taps mirrored, [kh, kw, oc, ic]
/// BackwardWeight  dWeight = sum over pixels of window(x) * dy               one sum per thread, added in thread order
/// </code>
/// Each thread copies the image it works on into a bordered buffer first, so that no inner loop asks for edges; where no window
/// reaches beyond the image (1x1 ones least of all) it is read as it is.
/// </summary>
internal static unsafe class DirectConv
{
    private const int ImageSlot = 0;
    private const int OutputSlot = 1;
    private const int WeightSlot = 2;

    /// <summary>Writes y; bias may be null.</summary>
    public static void Forward<TV>(HostThreads team, float* x, float* weight, float* bias, bool relu, float* y, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        bool bare = Bare(g);
        int ic = g.X.C, rows = ((g.OH - 1) * g.StrideH) + ((g.KH - 1) * g.DilationH) + 1;
        int columns = bare ? g.X.W : ((g.OW - 1) * g.StrideW) + ((g.KW - 1) * g.DilationW) + 1, rowStep = columns * ic;
        var taps = new Taps(g.KH, g.KW, g.DilationH * rowStep, g.DilationW * ic, ic);
        float* packed = Pack<TV>(weight, g.KH * g.KW * ic, g.OC);
        ForStretches(team, g.X.N, g.OH * g.OW, (n, from, to) =>
        {
            float* image = x + ((long)n * g.X.Area * ic);
            if (!bare)
            {
                image = Border(image, g.X.H, g.X.W, ic, rows, columns, g.PadTop, g.PadLeft, 1, 1);
            }

            ConvProduct.Run<TV>(
                image, g.OW, g.StrideH * rowStep, g.StrideW * ic, taps, packed, bias, relu,
                y + ((long)n * g.OH * g.OW * g.OC), g.OC, from, to);
        });
    }

    /// <summary>Writes dx.</summary>
    public static void BackwardData<TV>(HostThreads team, float* dy, float* weight, float* dx, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        int ic = g.X.C, rows = g.X.H + ((g.KH - 1) * g.DilationH), columns = g.X.W + ((g.KW - 1) * g.DilationW), rowStep = columns * g.OC;
        var taps = new Taps(g.KH, g.KW, g.DilationH * rowStep, g.DilationW * g.OC, g.OC);
        float* turned = Turn<TV>(weight, g);
        bool bare = Bare(g) && g is { KH: 1, KW: 1, StrideH: 1, StrideW: 1 };
        ForStretches(team, g.X.N, g.X.Area, (n, from, to) =>
        {
            float* image = dy + ((long)n * g.OH * g.OW * g.OC);
            if (!bare)
            {
                image = Border(
                    image, g.OH, g.OW, g.OC, rows, columns, ((g.KH - 1) * g.DilationH) - g.PadTop, ((g.KW - 1) * g.DilationW) - g.PadLeft,
                    g.StrideH, g.StrideW);
            }

            ConvProduct.Run<TV>(image, g.X.W, rowStep, g.OC, taps, turned, null, false, dx + ((long)n * g.X.Area * ic), ic, from, to);
        });
    }

    /// <summary>Writes dWeight.</summary>
    public static void BackwardWeight<TV>(HostThreads team, float* x, float* dy, float* dWeight, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        bool bare = Bare(g);
        int ic = g.X.C, rows = ((g.OH - 1) * g.StrideH) + ((g.KH - 1) * g.DilationH) + 1;
        int columns = bare ? g.X.W : ((g.OW - 1) * g.StrideW) + ((g.KW - 1) * g.DilationW) + 1, rowStep = columns * ic;
        int taps = g.KH * g.KW * ic, padded = ConvProduct.Padded<TV>(g.OC);
        var runs = new Taps(g.KH, g.KW, g.DilationH * rowStep, g.DilationW * ic, ic);
        using var sums = new AlignedBuffer<float>((long)team.Count * taps * padded);
        ForStretches(team, g.X.N, g.OH, (n, from, to, member) =>
        {
            float* image = x + ((long)n * g.X.Area * ic);
            if (!bare)
            {
                image = Border(image, g.X.H, g.X.W, ic, rows, columns, g.PadTop, g.PadLeft, 1, 1);
            }

            float* sum = sums.Start + ((long)member * taps * padded);
            for (int oh = from; oh < to; oh++)
            {
                float* row = dy + ((((long)n * g.OH) + oh) * g.OW * g.OC);
                if (padded != g.OC)
                {
                    row = Widen(row, g.OW, g.OC, padded, Scratch.Get(OutputSlot, (long)g.OW * padded));
                }

                for (int run = 0; run < runs.Segments; run++)
                {
                    Gemm.AddTransposed<TV>(
                        image + ((long)oh * g.StrideH * rowStep) + runs.Offset(run), g.StrideW * ic, row, padded,
                        sum + ((long)run * runs.Length * padded), padded, runs.Length, padded, g.OW, row, row);
                }
            }
        });
        for (int k = 0; k < taps; k++)
        {
            for (int oc = 0; oc < g.OC; oc++)
            {
                float total = 0;
                for (int member = 0; member < team.Count; member++)
                {
                    total += sums.Start[((((long)member * taps) + k) * padded) + oc];
                }

                dWeight[((long)k * g.OC) + oc] = total;
            }
        }
    }

    private static void ForStretches(HostThreads team, int images, int items, Action<int, int, int> body) =>
        ForStretches(team, images, items, (n, from, to, _) => body(n, from, to));

    /// <summary>Deals images * items out evenly, in order; the body gets one image and a range of its items at a time.</summary>
    private static void ForStretches(HostThreads team, int images, int items, Action<int, int, int, int> body) => team.Run(member =>
    {
        long total = (long)images * items, from = total * member / team.Count, to = total * (member + 1) / team.Count;
        while (from < to)
        {
            int n = (int)(from / items), first = (int)(from % items), last = (int)Math.Min(items, first + to - from);
            body(n, first, last, member);
            from += last - first;
        }
    });

    /// <summary>Whether every window lies inside the input.</summary>
    private static bool Bare(Conv2DGeometry g) => g is { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 };

    /// <summary>An image copied into zeros: its pixel (h, w) is at (top + h * stepH, left + w * stepW), if that is inside.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float* Border(
        float* source, int height, int width, int channels, int rows, int columns, int top, int left, int stepH, int stepW)
    {
        float* target = Scratch.Get(ImageSlot, (long)rows * columns * channels);
        new Span<float>(target, rows * columns * channels).Clear();
        for (int h = 0; h < height; h++)
        {
            int row = top + (h * stepH);
            if (row < 0 || row >= rows)
            {
                continue;
            }

            if (stepW == 1)
            {
                int first = Math.Max(0, -left), last = Math.Min(width, columns - left);
                if (first < last)
                {
                    new Span<float>(source + ((((long)h * width) + first) * channels), (last - first) * channels)
                        .CopyTo(new Span<float>(target + ((((long)row * columns) + left + first) * channels), (last - first) * channels));
                }

                continue;
            }

            for (int w = 0; w < width; w++)
            {
                int column = left + (w * stepW);
                if (column >= 0 && column < columns)
                {
                    new Span<float>(source + ((((long)h * width) + w) * channels), channels)
                        .CopyTo(new Span<float>(target + ((((long)row * columns) + column) * channels), channels));
                }
            }
        }

        return target;
    }

    /// <summary>The weight with its rows padded to whole register tiles; itself where nothing is missing.</summary>
    private static float* Pack<TV>(float* weight, int taps, int columns)
        where TV : unmanaged, IVector<TV>
    {
        int padded = ConvProduct.Padded<TV>(columns);
        return padded == columns ? weight : Widen(weight, taps, columns, padded, Scratch.Get(WeightSlot, (long)taps * padded));
    }

    private static float* Widen(float* source, int rows, int columns, int padded, float* target)
    {
        for (int row = 0; row < rows; row++)
        {
            var line = new Span<float>(target + ((long)row * padded), padded);
            new Span<float>(source + ((long)row * columns), columns).CopyTo(line);
            line[columns..].Clear();
        }

        return target;
    }

    /// <summary>[kh, kw, ic, oc] to [KH - 1 - kh, KW - 1 - kw, oc, ic], rows padded.</summary>
    private static float* Turn<TV>(float* weight, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        int ic = g.X.C, padded = ConvProduct.Padded<TV>(ic), kernel = g.KH * g.KW;
        float* turned = Scratch.Get(WeightSlot, (long)kernel * g.OC * padded);
        new Span<float>(turned, kernel * g.OC * padded).Clear();
        for (int k = 0; k < kernel; k++)
        {
            float* source = weight + ((long)k * ic * g.OC);
            float* target = turned + ((long)(kernel - 1 - k) * g.OC * padded);
            for (int i = 0; i < ic; i++)
            {
                for (int o = 0; o < g.OC; o++)
                {
                    target[(o * padded) + i] = source[(i * g.OC) + o];
                }
            }
        }

        return turned;
    }
}
