using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Depthwise <see cref="LaneConv"/> line by line, all channels of a pixel after each other: source and target are read and written as they
/// lie in memory. 4 pixels of a line x 2 registers stay in named accumulators; pixels whose window hangs over the edge are done one by one.
/// </summary>
internal unsafe struct LaneStream
{
    private const int TapSlot = 0;
    private const int SumSlot = 1;
    private const int Tile = 4;

    private readonly float** _at, _cutAt;
    private readonly int* _rows, _cutRows, _columns;
    private readonly float* _sums;
    private LaneTaps _clip;
    private int _count, _cut;

    private LaneStream(in LaneProblem p)
    {
        int taps = p.Vertical.Kernel * p.Horizontal.Kernel;
        _at = (float**)Scratch.Get(TapSlot, 7L * taps);
        _cutAt = _at + taps;
        _rows = (int*)(_cutAt + taps);
        _cutRows = _rows + taps;
        _columns = _cutRows + taps;
        _clip.Clip(p);
        _sums = p.Direct ? null : Scratch.Get(SumSlot, (long)p.Horizontal.Target * p.Channels);
    }

    /// <summary>The lines from start to end - 1, of all images in turn.</summary>
    public static void Lines<TV>(in LaneProblem p, int start, int end)
        where TV : unmanaged, IVector<TV>
    {
        var stream = new LaneStream(p);
        for (int line = start; line < end; line++)
        {
            float* target = p.Target + ((long)line * p.Horizontal.Target * p.TargetStep);
            bool direct = stream._sums == null;
            for (int phase = 0; phase < Math.Min(p.Horizontal.Phases, p.Horizontal.Target); phase++)
            {
                stream.Line<TV>(p, line, phase, direct ? target : stream._sums, direct ? p.TargetStep : p.Channels);
            }

            if (!direct)
            {
                float* residual = p.Residual == null ? null : p.Residual + ((long)line * p.Horizontal.Target * p.Channels);
                new HostEpilogue(null, residual, p.Channels, p.Activation).Store<TV>(
                    stream._sums, p.Channels, p.Horizontal.Target, p.Channels, 0, null, target, p.TargetStep);
            }
        }
    }

    /// <summary>Every so-many-th pixel of a line: those that meet the same taps.</summary>
    private void Line<TV>(in LaneProblem p, int line, int phase, float* target, long pixel)
        where TV : unmanaged, IVector<TV>
    {
        LaneAxis vertical = p.Vertical, horizontal = p.Horizontal;
        int step = horizontal.Step, width = horizontal.Source, phases = horizontal.Phases, row = line % vertical.Target;
        int outputs = ((horizontal.Target - phase - 1) / phases) + 1, first = 0, end = outputs;
        int from = row / vertical.Phases * vertical.Step;
        _count = 0;
        for (int kh = 0; kh < vertical.Kernel; kh++)
        {
            if (!vertical.Meets(row % vertical.Phases, kh, out int h) || h + from < 0 || h + from >= vertical.Source)
            {
                continue;
            }

            float* source = p.Source + ((((long)(line / vertical.Target) * vertical.Source) + h + from) * width * p.Channels);
            for (int kw = 0; kw < horizontal.Kernel; kw++)
            {
                if (horizontal.Meets(phase, kw, out int w))
                {
                    first = Math.Max(first, w < 0 ? (step - 1 - w) / step : 0);
                    end = Math.Min(end, w < width ? ((width - 1 - w) / step) + 1 : 0);
                    _at[_count] = source + ((long)w * p.Channels);
                    _columns[_count] = w;
                    _rows[_count++] = ((kh * horizontal.Kernel) + kw) * p.Channels;
                }
            }
        }

        if (end - first < Tile)
        {
            first = end = outputs;
        }

        target += phase * pixel;
        long next = phases * pixel, across = (long)step * p.Channels;
        for (int at = first; at < end; at += Tile)
        {
            int j = Math.Min(at, end - Tile);
            Pixels<TV>(p, j * across, across, target + (j * next), next);
        }

        for (int j = first == 0 ? end : 0; j < outputs; j = j + 1 == first ? end : j + 1)
        {
            Select(j * step, width, p.Channels);
            for (int c = 0; c < p.Channels; c += TV.Lanes)
            {
                One<TV>(p, Math.Min(c, p.Channels - TV.Lanes), target + (j * next));
            }
        }
    }

    /// <summary>The taps that, so many columns on, lie inside.</summary>
    private void Select(int columns, int width, int pixel)
    {
        _cut = 0;
        for (int t = 0; t < _count; t++)
        {
            if (_columns[t] + columns >= 0 && _columns[t] + columns < width)
            {
                _cutAt[_cut] = _at[t] + ((long)columns * pixel);
                _cutRows[_cut++] = _rows[t];
            }
        }
    }

    /// <summary>All channels of four pixels; the last vector overlaps its neighbour.</summary>
    private readonly void Pixels<TV>(in LaneProblem p, long offset, long step, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; c + (2 * TV.Lanes) <= p.Channels; c += 2 * TV.Lanes)
        {
            Four<Two<TV>>(p, offset + c, step, c, target + c, next);
        }

        for (; c < p.Channels; c += TV.Lanes)
        {
            int at = Math.Min(c, p.Channels - TV.Lanes);
            Four<TV>(p, offset + at, step, at, target + at, next);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Four<TV>(in LaneProblem p, long offset, long step, int c, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        TV y0 = p.Bias == null ? default : TV.Load(p.Bias + c), y1 = y0, y2 = y0, y3 = y0;
        float* weight = p.Weight + c;
        float** at = _at;
        int* rows = _rows;
        int count = _count;
        for (int t = 0; t < count; t++)
        {
            float* x = at[t] + offset;
            TV w = TV.Load(weight + rows[t]);
            TV.AddProduct(w, TV.Load(x), ref y0);
            TV.AddProduct(w, TV.Load(x + step), ref y1);
            TV.AddProduct(w, TV.Load(x + (2 * step)), ref y2);
            TV.AddProduct(w, TV.Load(x + (3 * step)), ref y3);
        }

        TV.Store(_clip.Clip(y0), target);
        TV.Store(_clip.Clip(y1), target + next);
        TV.Store(_clip.Clip(y2), target + (2 * next));
        TV.Store(_clip.Clip(y3), target + (3 * next));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One<TV>(in LaneProblem p, int c, float* target)
        where TV : unmanaged, IVector<TV>
    {
        TV y = p.Bias == null ? default : TV.Load(p.Bias + c);
        for (int t = 0; t < _cut; t++)
        {
            TV.AddProduct(TV.Load(p.Weight + _cutRows[t] + c), TV.Load(_cutAt[t] + c), ref y);
        }

        TV.Store(_clip.Clip(y), target + c);
    }
}
