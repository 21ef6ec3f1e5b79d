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
        float* sums = Scratch.Get(SumSlot, RegisterTile.Rows * panels.Padded), band = Scratch.Get(BandSlot, line * (to - from));
        new Span<float>(band, checked((int)(line * (to - from)))).Clear();
        float** at = stackalloc float*[RegisterTile.Rows];
        var pieces = new Piece[panels.Columns / TV.Lanes];
        for (int oh = 0; oh < g.OH; oh++)
        {
            int top = (oh * g.StrideH) - g.PadTop - from;
            if (top + ((g.KH - 1) * g.DilationH) < 0 || top >= to - from)
            {
                continue;
            }

            int met = Meet<TV>(sums, panels, row, g, band, line, top, to - from, pieces);
            float* source = dy + ((((long)n * g.OH) + oh) * g.OW * g.OC);
            for (int ow = 0; ow < g.OW; ow += RegisterTile.Rows)
            {
                int count = Math.Min(RegisterTile.Rows, g.OW - ow);
                for (int r = 0; r < RegisterTile.Rows; r++)
                {
                    at[r] = source + ((long)(ow + Math.Min(r, count - 1)) * g.OC);
                }

                float* sum = sums;
                for (int panel = 0; panel < panels.Count; panel++)
                {
                    int width = panels.WidthOf(panel);
                    float* b = packed + panels.Offset(panel);
                    RegisterTile.MultiplyPanel<TV, TileStore>(at, 1, 0, g.OC, b, width, b, 0, new(sum, width));
                    sum += RegisterTile.Rows * width;
                }

                Add<TV>(pieces.AsSpan(0, met), count, ow, (long)g.StrideW * channels);
            }
        }

        for (int h = from; h < to; h++)
        {
            new ReadOnlySpan<float>(band + ((h - from) * line) + (g.PadLeft * channels), g.X.W * channels)
                .CopyTo(new Span<float>(dx + ((((long)n * g.X.H) + h) * g.X.W * channels), g.X.W * channels));
        }
    }

    /// <summary>Lists the vectors of six pixels' sums whose row of a window lies in the band; returns how many.</summary>
    private static int Meet<TV>(
        float* sums, Panels panels, int row, in Conv2DGeometry g, float* band, long line, int top, int rows, Piece[] pieces)
        where TV : unmanaged, IVector<TV>
    {
        int met = 0;
        for (int panel = 0; panel < panels.Count; panel++)
        {
            int width = panels.WidthOf(panel), used = panels.UsedOf(panel), first = panel * panels.Width;
            for (int c = 0; c < used; c += TV.Lanes)
            {
                int h = top + ((first + c) / row * g.DilationH);
                if (h >= 0 && h < rows)
                {
                    pieces[met++] = new Piece(
                        sums + ((long)RegisterTile.Rows * first) + c, width, band + (h * line) + ((first + c) % row));
                }
            }
        }

        return met;
    }

    /// <summary>
    /// Adds up to six pixels' sums to where they belong, pixel by pixel: neighbours overlap, and a vector that is loaded right behind a
    /// store of half of it waits for that.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add<TV>(ReadOnlySpan<Piece> pieces, int count, int first, long step)
        where TV : unmanaged, IVector<TV>
    {
        for (int r = 0; r < count; r++)
        {
            long at = (first + r) * step;
            foreach (ref readonly Piece piece in pieces)
            {
                float* target = piece.Target + at;
                TV.Store(TV.Load(target) + TV.Load(piece.Sums + ((long)r * piece.Pitch)), target);
            }
        }
    }

    /// <summary>A vector of each pixel's sums, so many floats from pixel to pixel, and where it goes for pixel 0 of the row.</summary>
    private readonly struct Piece(float* sums, int pitch, float* target)
    {
        public float* Sums => sums;

        public int Pitch => pitch;

        public float* Target => target;
    }
}
