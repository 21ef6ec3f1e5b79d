using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Convolution of any geometry (see <see cref="Conv2DGeometry"/>), NHWC and HWIO, in any number of groups, as products by
/// <see cref="GatherConv"/>:
/// <code>
/// Forward        y  = windows(x) * weight, and what the epilogue does
/// BackwardData   dx = windows(dy) * turned weight     for each phase of the stride those taps that meet it, mirrored, [kh, kw, oc, ic];
///                                                     with few input channels by <see cref="ScatterConv"/>
/// BackwardWeight dWeight = sum over pixels of window(x) * dy, by <see cref="GatherGradient"/>
/// </code>
/// The weight is packed group by group, panel by panel.
/// </summary>
internal static unsafe class DirectConv
{
    /// <summary>Channels below which a pixel is too short a run: images get a border of zeros, a run is a row of a window.</summary>
    private const int FewChannels = 12;

    /// <summary>Writes y, whose pixels are <paramref name="step"/> floats apart.</summary>
    public static void Forward<TV>(
        HostDevice host, float* x, ConvWeight weight, Conv2DGeometry g, int groups, HostEpilogue epilogue, float* y, long step)
        where TV : unmanaged, IVector<TV>
    {
        int ic = g.X.C / groups, oc = g.OC / groups, depth = g.KH * g.KW * ic;
        var panels = Panels.For<TV>(depth, oc);
        using ConvWeight.Packed packed = weight.Pack(("forward", TV.Lanes, groups), groups * panels.Floats, (values, made) =>
            host.Threads.For(groups * panels.Count, (start, end) =>
            {
                for (int item = start; item < end; item++)
                {
                    int q = item / panels.Count;
                    panels.Pack(item % panels.Count, 0, depth, values + (q * oc), g.OC, 1, made + (q * panels.Floats));
                }
            }));
        WindowGrid grid = ForwardGrid(host, x, g, groups);
        for (int q = 0; q < groups; q++)
        {
            GatherConv.Run<TV>(
                host.Threads, grid with { Source = grid.Source + (q * ic) }, packed.Start + (q * panels.Floats), oc,
                epilogue.From(q * oc), y + (q * oc), step);
        }
    }

    /// <summary>Writes dx.</summary>
    public static void BackwardData<TV>(HostDevice host, float* dy, ConvWeight weight, float* dx, Conv2DGeometry g, int groups)
        where TV : unmanaged, IVector<TV>
    {
        if (groups == 1 && g.X.C < FewChannels && g.DilationW == 1)
        {
            ScatterConv.Run<TV>(host, dy, weight, dx, g);
            return;
        }

        int ic = g.X.C / groups, oc = g.OC / groups, kernel = g.KH * g.KW;
        long floats = Panels.For<TV>(kernel * oc, ic).Floats, done = 0;
        var phases = new Phases(g);
        using ConvWeight.Packed packed = weight.Pack(("backward", TV.Lanes, groups), groups * floats, (values, made) =>
            host.Threads.For(groups * phases.Count, (start, end) =>
            {
                for (int item = start; item < end; item++)
                {
                    Turn<TV>(values, g, groups, item / phases.Count, phases, item % phases.Count, made + (item / phases.Count * floats));
                }
            }));
        for (int phase = 0; phase < phases.Count; phase++)
        {
            (int Tap, int Row, int Column)[] taps = phases.Taps(phase);
            (int top, int left) = phases.First(phase);
            var grid = new WindowGrid
            {
                Source = dy,
                Images = g.X.N,
                SourceH = g.OH,
                SourceW = g.OW,
                Channels = g.OC,
                StepH = 1,
                StepW = 1,
                Runs = [.. taps.Select(tap => (tap.Row, tap.Column))],
                RunLength = oc,
                GridH = (g.X.H - top + g.StrideH - 1) / g.StrideH,
                GridW = (g.X.W - left + g.StrideW - 1) / g.StrideW,
                Result = new ResultPlace(g.X.H, g.X.W, top, left, g.StrideH, g.StrideW),
            };
            var panels = Panels.For<TV>(grid.Depth, ic);
            for (int q = 0; q < groups; q++)
            {
                GatherConv.Run<TV>(
                    host.Threads, grid with { Source = dy + (q * oc) }, packed.Start + (q * floats) + done, ic, default, dx + (q * ic),
                    g.X.C);
            }

            done += panels.Floats;
        }
    }

    /// <summary>Writes dWeight.</summary>
    public static void BackwardWeight<TV>(HostDevice host, float* x, float* dy, float* dWeight, Conv2DGeometry g, int groups)
        where TV : unmanaged, IVector<TV>
    {
        WindowGrid grid = ForwardGrid(host, x, g, groups);
        for (int q = 0; q < groups; q++)
        {
            int ic = q * g.X.C / groups, oc = q * g.OC / groups;
            GatherGradient.Run<TV>(
                host.Threads, grid with { Source = grid.Source + ic }, dy + oc, g.OC, g.OC / groups, dWeight + oc, g.OC);
        }
    }

    private static WindowGrid ForwardGrid(HostDevice host, float* x, Conv2DGeometry g, int groups)
    {
        int ic = g.X.C / groups, h = g.X.H, w = g.X.W, top = g.PadTop, left = g.PadLeft;
        bool touching = groups == 1 && g.DilationW == 1;
        if (touching && ic < FewChannels && g is not { PadTop: 0, PadLeft: 0, PadBottom: 0, PadRight: 0 })
        {
            x = Border(host, x, g, out h, out w);
            (top, left) = (0, 0);
        }

        bool inside = top == 0 && left == 0 && ((g.OH - 1) * g.StrideH) + ((g.KH - 1) * g.DilationH) < h
            && ((g.OW - 1) * g.StrideW) + ((g.KW - 1) * g.DilationW) < w;
        bool rows = touching && inside;
        var runs = new (int Row, int Column)[rows ? g.KH : g.KH * g.KW];
        for (int run = 0; run < runs.Length; run++)
        {
            runs[run] = rows
                ? (run * g.DilationH, 0)
                : ((run / g.KW * g.DilationH) - top, (run % g.KW * g.DilationW) - left);
        }

        return new WindowGrid
        {
            Source = x,
            Images = g.X.N,
            SourceH = h,
            SourceW = w,
            Channels = g.X.C,
            StepH = g.StrideH,
            StepW = g.StrideW,
            Runs = runs,
            RunLength = rows ? g.KW * ic : ic,
            GridH = g.OH,
            GridW = g.OW,
            Result = new ResultPlace(g.OH, g.OW, 0, 0, 1, 1),
        };
    }

    /// <summary>The images with zeros around them, as far as windows reach.</summary>
    private static float* Border(HostDevice host, float* x, Conv2DGeometry g, out int rows, out int columns)
    {
        rows = ((g.OH - 1) * g.StrideH) + ((g.KH - 1) * g.DilationH) + 1;
        columns = ((g.OW - 1) * g.StrideW) + g.KW;
        int line = columns * g.X.C, used = Math.Min(g.X.W, columns - g.PadLeft) * g.X.C, left = g.PadLeft * g.X.C;
        float* bordered = host.Scratch(checked(g.X.N * rows * line)).HostPointer();
        VectorDispatch.For(host, g.X.N * rows, 2L * g.X.N * rows * line, new BorderLoop(x, bordered, g, rows, line, left, used));
        return bordered;
    }

    /// <summary>The weight of one group, [kh, kw, ic, oc], for one phase: [taps, oc, ic] in panels.</summary>
    private static void Turn<TV>(float* values, Conv2DGeometry g, int groups, int group, Phases phases, int phase, float* made)
        where TV : unmanaged, IVector<TV>
    {
        int ic = g.X.C / groups, oc = g.OC / groups;
        for (int earlier = 0; earlier < phase; earlier++)
        {
            made += Panels.For<TV>(phases.Taps(earlier).Length * oc, ic).Floats;
        }

        (int Tap, int Row, int Column)[] taps = phases.Taps(phase);
        var panels = Panels.For<TV>(taps.Length * oc, ic);
        for (int panel = 0; panel < panels.Count; panel++)
        {
            for (int i = 0; i < taps.Length; i++)
            {
                panels.Pack(panel, i * oc, oc, values + ((long)taps[i].Tap * ic * g.OC) + (group * oc), 1, g.OC, made);
            }
        }
    }

    private readonly struct BorderLoop(float* x, float* bordered, Conv2DGeometry g, int rows, int line, int left, int used) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int item = start; item < end; item++)
            {
                int n = item / rows, h = (item % rows) - g.PadTop;
                var target = new Span<float>(bordered + ((long)item * line), line);
                if (h < 0 || h >= g.X.H || used <= 0)
                {
                    target.Clear();
                    continue;
                }

                target[..left].Clear();
                new ReadOnlySpan<float>(x + ((((long)n * g.X.H) + h) * g.X.W * g.X.C), used).CopyTo(target[left..]);
                target[(left + used)..].Clear();
            }
        }
    }
}
