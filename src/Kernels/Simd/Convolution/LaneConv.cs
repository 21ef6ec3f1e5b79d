using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A convolution in groups, line by line; lanes are channels of the result:
/// <code>
/// target[o, q, c] = bias[q, c] + sum over kh, kw, i of source[s(o, kh, kw), q, i] * weight[kh, kw, i, q, c]
/// </code>
/// Forward and the gradient of the input differ in <see cref="LaneAxis"/> alone. Where groups have one channel on either side
/// (depthwise), source pixels are read as they are, 4 of a line x 2 vectors at a time, and pixels whose window hangs over the edge are done
/// one by one; else by <see cref="GroupTile"/>, from lines with zeros at both ends.
/// </summary>
internal static unsafe class LaneConv
{
    private const int Tile = 4;

    /// <summary>The lines from start to end - 1, of all images in turn.</summary>
    public static void Lines<TV>(in LaneProblem p, int start, int end)
        where TV : unmanaged, IVector<TV>
    {
        int taps = p.Vertical.Kernel * p.Horizontal.Kernel;
        using var pointers = new AlignedBuffer<nint>(2L * taps);
        using var numbers = new AlignedBuffer<int>(3L * taps);
        var whole = new LaneTaps((float**)pointers.Start, numbers.Start, numbers.Start + (2L * taps));
        var cut = new LaneTaps((float**)pointers.Start + taps, numbers.Start + taps, null);
        var lines = new LaneLines(p);
        for (int line = start; line < end; line++)
        {
            int n = line / p.Vertical.Target, row = line % p.Vertical.Target;
            float* target = p.Target + ((long)line * p.Horizontal.Target * p.Channels);
            for (int phase = 0; phase < Math.Min(p.Horizontal.Phases, p.Horizontal.Target); phase++)
            {
                Line<TV>(p, ref lines, ref whole, ref cut, n, row, phase, target + ((long)phase * p.Channels));
            }
        }
    }

    /// <summary>Every so-many-th pixel of a line: those that meet the same taps.</summary>
    private static void Line<TV>(
        in LaneProblem p, ref LaneLines lines, ref LaneTaps whole, ref LaneTaps cut, int n, int row, int phase, float* target)
        where TV : unmanaged, IVector<TV>
    {
        int step = p.Horizontal.Step, pixel = p.Groups * p.Inputs, width = lines.Width, phases = p.Horizontal.Phases;
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

            float* source = lines.Get(p, n, h);
            for (int kw = 0; kw < p.Horizontal.Kernel; kw++)
            {
                if (p.Horizontal.Meets(phase, kw, out int w))
                {
                    w += lines.Before;
                    first = Math.Max(first, w < 0 ? (step - 1 - w) / step : 0);
                    end = Math.Min(end, w < width ? ((width - 1 - w) / step) + 1 : 0);
                    whole.Add(source + ((long)w * pixel), ((kh * p.Horizontal.Kernel) + kw) * p.Inputs * p.Channels, w);
                }
            }
        }

        if (!p.Depthwise)
        {
            GroupTile.Line<TV>(p, whole, outputs, step * pixel, target, next);
            return;
        }

        if (end - first < Tile)
        {
            first = end = outputs;
        }

        for (int at = first; at < end; at += Tile)
        {
            int j = Math.Min(at, end - Tile);
            FourPixels<TV>(p, whole, (long)j * step * pixel, (long)step * pixel, target + (j * next), next);
        }

        for (int j = first == 0 ? end : 0; j < outputs; j = j + 1 == first ? end : j + 1)
        {
            cut.Select(whole, j * step, width, pixel);
            for (int c = 0; c < p.Channels; c += TV.Lanes)
            {
                int at = Math.Min(c, p.Channels - TV.Lanes);
                One<TV>(p, cut, at, target + (j * next) + at);
            }
        }
    }

    /// <summary>All channels; the last vector overlaps its neighbour.</summary>
    private static void FourPixels<TV>(in LaneProblem p, in LaneTaps taps, long offset, long step, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; c + (2 * TV.Lanes) <= p.Channels; c += 2 * TV.Lanes)
        {
            Four<Two<TV>>(p, taps, offset + c, step, c, target + c, next);
        }

        for (; c < p.Channels; c += TV.Lanes)
        {
            int at = Math.Min(c, p.Channels - TV.Lanes);
            Four<TV>(p, taps, offset + at, step, at, target + at, next);
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
