using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The gradient of a convolution's input where that has few channels (the image itself): register tiles would be mostly padding, so
/// lanes are rows of windows instead. Six pixels of dy times the weight, [oc, kh, row of taps], give what each sends to its window, and
/// that is added to a band of dx. A part of the work is a band; pixels of dy next to its edge are done for both bands.
/// </summary>
internal static unsafe class ScatterConv
{
    private const int BandSlot = 0;
    private const int SumSlot = 1;

    private const int PartsPerThread = 2;

    /// <summary>Writes dx; kernel columns are not dilated.</summary>
    public static void Run<TV>(HostDevice host, float* dy, ConvWeight weight, float* dx, Conv2DGeometry g)
        where TV : unmanaged, IVector<TV>
    {
        int taps = g.KW * g.X.C, row = (taps + TV.Lanes - 1) / TV.Lanes * TV.Lanes;
        var panels = Panels.For<TV>(g.OC, g.KH * row);
        using ConvWeight.Packed packed = weight.Pack(("scatter", TV.Lanes), panels.Floats, (values, made) =>
        {
            using var rows = new AlignedBuffer<float>((long)g.OC * g.KH * row);
            for (int tap = 0; tap < g.KH * taps; tap++)
            {
                float* target = rows.Start + (tap / taps * row) + (tap % taps);
                for (int o = 0; o < g.OC; o++)
                {
                    target[(long)o * g.KH * row] = values[((long)tap * g.OC) + o];
                }
            }

            for (int panel = 0; panel < panels.Count; panel++)
            {
                panels.Pack(panel, 0, g.OC, rows.Start, g.KH * row, 1, made);
            }
        });
        int bands = Math.Min(g.X.N * g.X.H, PartsPerThread * host.Threads.Count), perImage = Math.Min(g.X.H, (bands + g.X.N - 1) / g.X.N);
        host.Threads.Parts(g.X.N * perImage, part =>
        {
            int n = part / perImage, band = part % perImage;
            Band<TV>(
                dy, packed.Start, panels, row, dx, g, n, (int)((long)g.X.H * band / perImage), (int)((long)g.X.H * (band + 1) / perImage));
        });
    }

    /// <summary>Rows [from, to) of one image.</summary>
    private static void Band<TV>(
        float* dy, float* packed, Panels panels, int row, float* dx, Conv2DGeometry g, int n, int from, int to)
        where TV : unmanaged, IVector<TV>
    {
        // Wide enough for every window, and for the zeros behind its last tap.
        int columns = Math.Max(g.X.W + g.PadLeft, ((g.OW - 1) * g.StrideW) + g.KW), channels = g.X.C;
        long line = ((long)columns * channels) + row;
        float* sums = Scratch.Get(SumSlot, RegisterTile.Rows * panels.Width), band = Scratch.Get(BandSlot, line * (to - from));
        new Span<float>(band, checked((int)(line * (to - from)))).Clear();
        float** at = stackalloc float*[RegisterTile.Rows];
        for (int oh = 0; oh < g.OH; oh++)
        {
            int top = (oh * g.StrideH) - g.PadTop - from;
            if (top + ((g.KH - 1) * g.DilationH) < 0 || top >= to - from)
            {
                continue;
            }

            float* source = dy + ((((long)n * g.OH) + oh) * g.OW * g.OC);
            for (int ow = 0; ow < g.OW; ow += RegisterTile.Rows)
            {
                int count = Math.Min(RegisterTile.Rows, g.OW - ow);
                for (int r = 0; r < RegisterTile.Rows; r++)
                {
                    at[r] = source + ((long)(ow + Math.Min(r, count - 1)) * g.OC);
                }

                for (int panel = 0; panel < panels.Count; panel++)
                {
                    int width = panels.WidthOf(panel);
                    float* b = packed + panels.Offset(panel);
                    RegisterTile.MultiplyPanel<TV, TileStore>(at, 1, 0, g.OC, b, width, b, 0, new(sums, width));

                    Add<TV>(sums, panels, panel, count, row, g, band + ((long)ow * g.StrideW * channels), line, top, to - from);
                }
            }
        }

        for (int h = from; h < to; h++)
        {
            new ReadOnlySpan<float>(band + ((h - from) * line) + (g.PadLeft * channels), g.X.W * channels)
                .CopyTo(new Span<float>(dx + ((((long)n * g.X.H) + h) * g.X.W * channels), g.X.W * channels));
        }
    }

    /// <summary>Adds what a panel holds of up to six pixels to the rows of the band that they meet.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TV>(
        float* sums, Panels panels, int panel, int count, int row, in Conv2DGeometry g, float* band, long line, int top, int rows)
        where TV : unmanaged, IVector<TV>
    {
        int width = panels.WidthOf(panel), used = panels.UsedOf(panel), first = panel * panels.Width;
        long step = (long)g.StrideW * g.X.C;
        for (int c = 0; c < used; c += TV.Lanes)
        {
            int h = top + ((first + c) / row * g.DilationH);
            if (h < 0 || h >= rows)
            {
                continue;
            }

            float* target = band + (h * line) + ((first + c) % row);
            for (int r = 0; r < count; r++, target += step)
            {
                TV.Store(TV.Load(target) + TV.Load(sums + (r * width) + c), target);
            }
        }
    }
}
