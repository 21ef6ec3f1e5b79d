using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A strip of the source's lines as the tiles of <see cref="LaneTile"/> read it: one block of channels, pixel behind pixel, zeros where
/// the strip hangs over the edge. So neither edges nor the distance between pixels in memory (pages, sets of a cache) are felt any more.
/// Lines are kept as long as windows see them. Where lanes meet their own channels (<see cref="LaneProblem.Spread"/>) a pixel holds for
/// each input of a group a vector of what the lanes meet, else the inputs of the group.
/// </summary>
internal unsafe struct LanePanel<TV>
    where TV : unmanaged, IVector<TV>
{
    private readonly float* _source, _room;
    private readonly int* _lines, _clean, _from;
    private readonly int _mask, _columns, _channels, _width;
    private readonly LaneAxis _axis;
    private int _low, _high, _form, _first, _begin, _end;

    /// <summary>A panel for blocks of <paramref name="width"/> target channels and of so many source columns.</summary>
    public LanePanel(in LaneProblem p, int width, int columns, float* room, int* lines, int* from)
    {
        _source = p.Source;
        _room = room;
        _lines = lines;
        _clean = lines + Lines(p);
        _from = from;
        (_mask, _columns, _width, _channels, _axis) = (Lines(p) - 1, columns, width, p.Groups * p.Inputs, p.Horizontal);
        Pixel = p.Spread(TV.Lanes) ? p.Inputs * width : p.Inputs;
        new Span<int>(_clean, _mask + 1).Fill(int.MinValue);
    }

    /// <summary>Floats of a pixel.</summary>
    public int Pixel { get; }

    /// <summary>Lines that a panel keeps: as many as one target pixel may meet, rounded up.</summary>
    public static int Lines(in LaneProblem p) => (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)p.Vertical.Reach);

    /// <summary>Turns to the block of target channels from <paramref name="c"/> on.</summary>
    public void Choose(in LaneProblem p, int c)
    {
        _low = c / p.Outputs * p.Inputs;
        if (!p.Spread(TV.Lanes))
        {
            return;
        }

        if (p.Inputs * p.Outputs == 1)
        {
            (_form, _low) = (1, c);
            return;
        }

        for (int i = 0; i < Pixel; i++)
        {
            _from[i] = ((c + (i % _width)) / p.Outputs * p.Inputs) + (i / _width);
        }

        bool narrow = Narrow(0, out _low);
        _form = Narrow(_width - TV.Lanes, out _high) && narrow ? 2 : 3;
        for (int i = 0; i < Pixel && _form == 2; i++)
        {
            _from[i] -= i % _width < TV.Lanes ? _low : _high;
        }
    }

    /// <summary>Forgets the lines it has: those to come begin with this column, which may lie outside.</summary>
    public void Begin(int first)
    {
        _first = first;
        _begin = Math.Clamp(-first, 0, _columns);
        _end = Math.Max(_begin, Math.Min(_columns, _axis.Source - first));
        new Span<int>(_lines, _mask + 1).Fill(-1);
    }

    /// <summary>A line of the source, counted over all images.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly float* Get(int line)
    {
        int place = line & _mask;
        float* target = _room + ((long)place * _columns * Pixel);
        if (_lines[place] != line)
        {
            Fetch(line, place, target);
        }

        return target;
    }

    private readonly void Fetch(int line, int place, float* target)
    {
        _lines[place] = line;
        if (_clean[place] != _first)
        {
            _clean[place] = _first;
            new Span<float>(target, _begin * Pixel).Clear();
            new Span<float>(target + ((long)_end * Pixel), (_columns - _end) * Pixel).Clear();
        }

        Fill(_source + ((((long)line * _axis.Source) + _first + _begin) * _channels), target + ((long)_begin * Pixel), _end - _begin);
    }

    /// <summary>Whether all that a register's lanes meet lies in one register, and where that begins.</summary>
    private readonly bool Narrow(int lane, out int start)
    {
        int least = int.MaxValue, most = 0;
        for (int i = lane; i < Pixel; i += _width)
        {
            for (int j = i; j < i + TV.Lanes; j++)
            {
                (least, most) = (Math.Min(least, _from[j]), Math.Max(most, _from[j]));
            }
        }

        start = Math.Max(0, Math.Min(least, _channels - TV.Lanes));
        return most - start < TV.Lanes && _channels >= TV.Lanes;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Fill(float* source, float* target, int count)
    {
        switch (_form)
        {
            case 1 when _width == TV.Lanes: One(source + _low, target, count); break;
            case 1: Two(source + _low, target, count); break;
            case 2: Permuted(source, target, count); break;
            case 3: Gathered(source, target, count); break;
            default: Copied(source + _low, target, count); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void One(float* source, float* target, int count)
    {
        long step = _channels;
        for (; count > 0; count--, source += step, target += TV.Lanes)
        {
            TV.Store(TV.Load(source), target);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Two(float* source, float* target, int count)
    {
        long step = _channels;
        for (; count > 0; count--, source += step, target += 2 * TV.Lanes)
        {
            TV first = TV.Load(source), second = TV.Load(source + TV.Lanes);
            TV.Store(first, target);
            TV.Store(second, target + TV.Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Permuted(float* source, float* target, int count)
    {
        int pixel = Pixel, width = _width;
        for (; count > 0; count--, source += _channels, target += pixel)
        {
            TV first = TV.Load(source + _low), second = TV.Load(source + _high);
            for (int i = 0; i < pixel; i += width)
            {
                TV.Store(TV.Permute(first, TV.Load((float*)(_from + i))), target + i);
                if (width != TV.Lanes)
                {
                    TV.Store(TV.Permute(second, TV.Load((float*)(_from + i + TV.Lanes))), target + i + TV.Lanes);
                }
            }
        }
    }

    private readonly void Gathered(float* source, float* target, int count)
    {
        for (int pixel = Pixel; count > 0; count--, source += _channels, target += pixel)
        {
            for (int i = 0; i < pixel; i++)
            {
                target[i] = source[_from[i]];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private readonly void Copied(float* source, float* target, int count)
    {
        for (int pixel = Pixel; count > 0; count--, source += _channels, target += pixel)
        {
            int i = 0;
            for (; i <= pixel - TV.Lanes; i += TV.Lanes)
            {
                TV.Store(TV.Load(source + i), target + i);
            }

            for (; i < pixel; i++)
            {
                target[i] = source[i];
            }
        }
    }
}
