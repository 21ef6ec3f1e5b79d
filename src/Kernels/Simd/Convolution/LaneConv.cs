using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A convolution in groups whose lanes are the channels of its result, each with a weight of its own:
/// <code>
/// target[o, c] = bias[c] + sum over kh, kw, i of source[s(o, kh, kw), q(c), i] * weight[kh, kw, i, c]
/// </code>
/// where q(c) is the group of c and i runs over the source channels of a group. Depthwise, source pixels are read as they are. Else a
/// line of the source is spread out once for all windows that see it, <c>[pixel, i, c]</c>: then each lane finds its own operand, and
/// a group may be narrower than a vector. Forward and the gradient of the input differ in <see cref="LaneAxis"/> alone.
/// Register tile: 4 pixels of a line x 2 vectors; pixels whose window hangs over the edge are done one by one.
/// </summary>
internal static unsafe class LaneConv
{
    private const int SpreadSlot = 0;
    private const int Tile = 4;

    /// <summary>The lines from start to end - 1, of all images in turn.</summary>
    public static void Lines<TV>(in LaneProblem p, int start, int end)
        where TV : unmanaged, IVector<TV>
    {
        int taps = p.Vertical.Kernel * p.Horizontal.Kernel * p.Inputs;
        using var pointers = new AlignedBuffer<nint>(2L * taps);
        using var numbers = new AlignedBuffer<int>(3L * taps);
        var whole = new LaneTaps((float**)pointers.Start, numbers.Start, numbers.Start + (2L * taps));
        var cut = new LaneTaps((float**)pointers.Start + taps, numbers.Start + taps, null);
        var spread = new SpreadLines(p, SpreadSlot);
        for (int line = start; line < end; line++)
        {
            int n = line / p.Vertical.Target, row = line % p.Vertical.Target;
            float* target = p.Target + ((long)line * p.Horizontal.Target * p.Channels);
            for (int phase = 0; phase < Math.Min(p.Horizontal.Phases, p.Horizontal.Target); phase++)
            {
                Line<TV>(p, ref spread, ref whole, ref cut, n, row, phase, target + ((long)phase * p.Channels));
            }
        }
    }

    /// <summary>Every so-many-th pixel of a line: those that meet the same taps.</summary>
    private static void Line<TV>(
        in LaneProblem p, ref SpreadLines spread, ref LaneTaps whole, ref LaneTaps cut, int n, int row, int phase, float* target)
        where TV : unmanaged, IVector<TV>
    {
        int step = p.Horizontal.Step, pixel = p.Inputs * p.Channels, width = p.Horizontal.Source, phases = p.Horizontal.Phases;
        int outputs = (p.Horizontal.Target - phase + phases - 1) / phases, first = 0, end = outputs;
        long next = (long)phases * p.Channels;
        whole.Count = 0;
        for (int kh = 0; kh < p.Vertical.Kernel; kh++)
        {
            if (!p.Vertical.Meets(row % p.Vertical.Phases, kh, out int h))
            {
                continue;
            }

            h += row / p.Vertical.Phases * p.Vertical.Step;
            if (h < 0 || h >= p.Vertical.Source)
            {
                continue;
            }

            float* source = spread.Get(p, n, h);
            for (int kw = 0; kw < p.Horizontal.Kernel; kw++)
            {
                if (!p.Horizontal.Meets(phase, kw, out int w))
                {
                    continue;
                }

                first = Math.Max(first, w < 0 ? (step - 1 - w) / step : 0);
                end = Math.Min(end, w < width ? ((width - 1 - w) / step) + 1 : 0);
                for (int i = 0; i < p.Inputs; i++)
                {
                    int tap = (((kh * p.Horizontal.Kernel) + kw) * p.Inputs) + i;
                    whole.Add(source + ((long)w * pixel) + (i * p.Channels), tap * p.Channels, w);
                }
            }
        }

        if (end - first < Tile)
        {
            first = end = outputs;
        }

        for (int at = first; at < end; at += Tile)
        {
            int j = Math.Min(at, end - Tile);
            Pixels<TV>(p, whole, (long)j * step * pixel, (long)step * pixel, target + (j * next), next, Tile);
        }

        for (int j = first == 0 ? end : 0; j < outputs; j = j + 1 == first ? end : j + 1)
        {
            cut.Select(whole, j * step, width, pixel);
            Pixels<TV>(p, cut, 0, 0, target + (j * next), 0, 1);
        }
    }

    /// <summary>All channels of a tile of pixels, or of one; the last vector overlaps its neighbour.</summary>
    private static void Pixels<TV>(in LaneProblem p, in LaneTaps taps, long offset, long step, float* target, long next, int pixels)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; pixels == Tile && c + (2 * TV.Lanes) <= p.Channels; c += 2 * TV.Lanes)
        {
            Four<Two<TV>>(p, taps, offset + c, step, c, target + c, next);
        }

        for (; c < p.Channels; c += TV.Lanes)
        {
            int at = Math.Min(c, p.Channels - TV.Lanes);
            if (pixels == Tile)
            {
                Four<TV>(p, taps, offset + at, step, at, target + at, next);
            }
            else
            {
                One<TV>(p, taps, at, target + at);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TV>(in LaneProblem p, in LaneTaps taps, long offset, long step, int c, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        TV y0 = p.Bias == null ? default : TV.Load(p.Bias + c), y1 = y0, y2 = y0, y3 = y0;
        float* weight = p.Weight + c;
        float** at = taps.At;
        int* rows = taps.Rows;
        int count = taps.Count;
        for (int t = 0; t < count; t++)
        {
            float* x = at[t] + offset;
            TV w = TV.Load(weight + rows[t]);
            y0 = TV.MulAdd(w, TV.Load(x), y0);
            y1 = TV.MulAdd(w, TV.Load(x + step), y1);
            y2 = TV.MulAdd(w, TV.Load(x + (2 * step)), y2);
            y3 = TV.MulAdd(w, TV.Load(x + (3 * step)), y3);
        }

        if (p.Relu)
        {
            y0 = TV.Max(default, y0);
            y1 = TV.Max(default, y1);
            y2 = TV.Max(default, y2);
            y3 = TV.Max(default, y3);
        }

        TV.Store(y0, target);
        TV.Store(y1, target + next);
        TV.Store(y2, target + (2 * next));
        TV.Store(y3, target + (3 * next));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void One<TV>(in LaneProblem p, in LaneTaps taps, int c, float* target)
        where TV : unmanaged, IVector<TV>
    {
        TV y = p.Bias == null ? default : TV.Load(p.Bias + c);
        for (int t = 0; t < taps.Count; t++)
        {
            y = TV.MulAdd(TV.Load(p.Weight + taps.Rows[t] + c), TV.Load(taps.At[t] + c), y);
        }

        TV.Store(p.Relu ? TV.Max(default, y) : y, target);
    }
}
