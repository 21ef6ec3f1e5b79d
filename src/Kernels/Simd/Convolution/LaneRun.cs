using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>What a thread needs for items of <see cref="LaneConv"/> whose blocks are so many registers wide.</summary>
internal unsafe struct LaneRun<TV>
    where TV : unmanaged, IVector<TV>
{
    private const int PanelSlot = 0;
    private const int IndexSlot = 1;

    /// <summary>Tiles of a strip at most.</summary>
    private const int Longest = 4;

    /// <summary>The same times the blocks that a pixel of the panel holds: what the nearest cache has room for.</summary>
    private const int Room = 8;

    /// <summary>Lanes whose weights are turned at a time: their lines are often 4 KiB apart, and a cache holds few such.</summary>
    private const int Side = 8;

    private readonly int _width, _strip, _taps, _pixel;
    private readonly int* _columns, _weights, _starts, _room;
    private readonly float* _weight, _sums;
    private readonly bool _direct;
    private LanePanel<TV> _panel;
    private LaneTaps _all;

    public LaneRun(in LaneProblem p, int registers)
    {
        LaneAxis vertical = p.Vertical, horizontal = p.Horizontal;
        bool spread = p.Spread(TV.Lanes);
        Registers = registers;
        _width = registers * TV.Lanes;
        _taps = horizontal.Kernel * p.Inputs;
        _pixel = spread ? p.Inputs * _width : p.Inputs;
        int most = horizontal.Most, tiles = Math.Clamp(Room / Math.Max(1, _pixel / _width), 1, Longest);
        int strips = ((most - 1) / (tiles * LaneTile.Wide)) + 1;
        _strip = ((((most - 1) / strips) / LaneTile.Wide) + 1) * LaneTile.Wide;
        int columns = ((Math.Min(_strip, most) - 1) * horizontal.Step) + horizontal.Last - horizontal.First + 1;
        long weights = (long)vertical.Kernel * _taps * _width, sums = (long)_strip * _width;
        int lines = LanePanel<TV>.Lines(p), all = vertical.Kernel * _taps;
        _weight = Scratch.Get(PanelSlot, weights + sums + ((long)lines * columns * _pixel));
        _sums = _weight + weights;
        _all.At = (float**)Scratch.Get(
            IndexSlot, (3L * all) + (2L * _taps) + horizontal.Phases + 1 + (2L * lines) + ((long)p.Inputs * _width));
        _all.Weights = (int*)(_all.At + all);
        _all.Weight = _weight;
        _columns = _all.Weights + all;
        _weights = _columns + _taps;
        _starts = _weights + _taps;
        _room = _starts + horizontal.Phases + 1;
        _panel = new LanePanel<TV>(p, _width, columns, _sums + sums, _room, _room + (2 * lines));
        _direct = p.Direct;
        _all.Clip(p);
        ListTaps(p, spread ? _width : 1);
    }

    /// <summary>Registers of a block.</summary>
    public int Registers { get; }

    /// <summary>Lines of an image for a block of channels.</summary>
    public void Block<TX>(in LaneProblem p, int image, int first, int end, int channel)
        where TX : struct, ILaneSource
    {
        LaneAxis horizontal = p.Horizontal;
        int phases = horizontal.Phases, most = horizontal.Most;
        long next = phases * p.TargetStep;
        Activation activation = p.Activation;
        _all.Bias = p.Bias == null ? null : p.Bias + channel;
        _panel.Choose(p, channel);
        PackWeight(p, channel);
        for (int begin = 0; begin < most; begin += _strip)
        {
            _panel.Begin((begin * horizontal.Step) + horizontal.First);
            for (int row = first; row < end; row++)
            {
                long line = ((((long)image * p.Vertical.Target) + row) * horizontal.Target) + ((long)begin * phases);
                for (int phase = 0; phase < Math.Min(phases, horizontal.Target); phase++)
                {
                    ListRows(p, image * p.Vertical.Source, row, phase);
                    int count = Math.Min(_strip, ((horizontal.Target - phase - 1) / phases) + 1 - begin);
                    float* target = p.Target + ((line + phase) * p.TargetStep) + channel;
                    LaneTile.Line<TV, TX>(
                        _all, Registers, count, (long)horizontal.Step * _pixel, _direct ? target : _sums, _direct ? next : _width);
                    if (!_direct)
                    {
                        // Not where they are to lie: a block that overlaps this one may be another thread's.
                        float* residual = p.Residual == null ? null : p.Residual + ((line + phase) * p.Channels) + channel;
                        var epilogue = new HostEpilogue(null, residual, (long)phases * p.Channels, activation);
                        epilogue.Store<TV>(_sums, _width, count, _width, 0, null, target, next);
                    }
                }
            }
        }
    }

    /// <summary>The taps that pixels of this kind meet on a line of the target.</summary>
    private void ListRows(in LaneProblem p, int image, int row, int phase)
    {
        LaneAxis vertical = p.Vertical;
        int kind = vertical.Phases == 1 ? 0 : row % vertical.Phases, begin = _starts[phase], count = _starts[phase + 1] - begin;
        int from = (vertical.Phases == 1 ? row : row / vertical.Phases) * vertical.Step, all = 0;
        int* columns = _columns + begin, weights = _weights + begin;
        for (int kh = 0; kh < vertical.Kernel; kh++)
        {
            if (vertical.Meets(kind, kh, out int h) && h + from >= 0 && h + from < vertical.Source)
            {
                float* at = _panel.Get(image + h + from);
                int weight = kh * _taps * _width;
                for (int t = 0; t < count; t++, all++)
                {
                    _all.At[all] = at + columns[t];
                    _all.Weights[all] = weight + weights[t];
                }
            }
        }

        _all.Count = all;
    }

    /// <summary>For each kind of target pixel, where in a row of the panel and of the weight its taps are.</summary>
    private readonly void ListTaps(in LaneProblem p, int input)
    {
        int count = 0;
        for (int phase = 0; phase < p.Horizontal.Phases; phase++)
        {
            _starts[phase] = count;
            for (int kw = 0; kw < p.Horizontal.Kernel; kw++)
            {
                if (p.Horizontal.Meets(phase, kw, out int offset))
                {
                    for (int i = 0; i < p.Inputs; i++, count++)
                    {
                        _columns[count] = ((offset - p.Horizontal.First) * _pixel) + (i * input);
                        _weights[count] = ((kw * p.Inputs) + i) * _width;
                    }
                }
            }
        }

        _starts[p.Horizontal.Phases] = count;
    }

    /// <summary>The weights of a block of channels, [KH, KW, inputs, width].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void PackWeight(in LaneProblem p, int channel)
    {
        float* target = _weight;
        int rows = p.Vertical.Kernel * _taps, width = _width;
        if (!p.Vertical.Backward || p.Inputs * p.Outputs == 1)
        {
            float* from = p.Weight + channel;
            for (int row = 0; row < rows; row++, from += p.Channels, target += width)
            {
                for (int lane = 0; lane < width; lane += TV.Lanes)
                {
                    TV.Store(TV.Load(from + lane), target + lane);
                }
            }

            return;
        }

        int* places = stackalloc int[width];
        for (int lane = 0; lane < width; lane++)
        {
            places[lane] = p.Turned(channel + lane);
        }

        long tap = (long)p.Channels * p.Inputs;
        for (float* from = p.Weight; target < _sums; from += tap, target += p.Inputs * width)
        {
            for (int lane = 0; lane < width; lane += Side)
            {
                for (int i = 0; i < p.Inputs; i++)
                {
                    for (int side = lane; side < Math.Min(lane + Side, width); side++)
                    {
                        target[(i * width) + side] = from[places[side] + i];
                    }
                }
            }
        }
    }
}
