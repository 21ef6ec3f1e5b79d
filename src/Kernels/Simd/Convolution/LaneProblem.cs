namespace GpuCam.Kernels.Simd;

/// <summary>What <see cref="LaneConv"/> computes; the weight is <c>[KH, KW, Inputs, Channels]</c>.</summary>
internal readonly unsafe struct LaneProblem(
    float* source, float* weight, float* bias, bool relu, float* target, LaneAxis vertical, LaneAxis horizontal, int groups, int inputs,
    int outputs)
{
    public readonly float* Source = source, Weight = weight, Bias = bias, Target = target;
    public readonly bool Relu = relu;
    public readonly LaneAxis Vertical = vertical, Horizontal = horizontal;

    /// <summary>Source channels of a group, target channels of a group, and all target channels.</summary>
    public readonly int Groups = groups, Inputs = inputs, Outputs = outputs, Channels = groups * outputs;
}

/// <summary>
/// One axis: target pixels <c>phase + j * Phases</c> meet tap k, if at all, at source pixel <c>j * Step + offset</c>. Forward, source is
/// <c>target * stride + k * dilation - pad</c>; backward it is what this makes of target and source when they change places.
/// </summary>
internal readonly struct LaneAxis(int source, int target, int kernel, int dilation, int stride, int pad, bool backward)
{
    public int Source { get; } = source;

    public int Target { get; } = target;

    public int Kernel { get; } = kernel;

    /// <summary>Kinds of target pixels, by the taps that they meet.</summary>
    public int Phases { get; } = backward ? stride : 1;

    /// <summary>Source pixels from one target pixel of a kind to the next.</summary>
    public int Step { get; } = backward ? 1 : stride;

    /// <summary>Source pixels from the first to the last that one target pixel may meet, at most.</summary>
    public int Reach { get; } = Math.Min(source, ((kernel - 1) * dilation / (backward ? stride : 1)) + 1);

    /// <summary>Whether a target pixel of this kind meets the tap, and where the first of them does: maybe outside.</summary>
    public bool Meets(int phase, int k, out int offset)
    {
        int distance = backward ? phase + pad - (k * dilation) : (k * dilation) - pad;
        offset = distance / Phases;
        return offset * Phases == distance;
    }
}

/// <summary>Operands of a pixel, or of the first of many: where the source's lie, and which row of the weight they meet.</summary>
internal unsafe struct LaneTaps(float** at, int* rows, int* columns)
{
    public readonly float** At = at;
    public readonly int* Rows = rows;
    public int Count;
    private readonly int* _columns = columns;

    /// <summary>An operand in this column of the source.</summary>
    public void Add(float* at, int row, int column)
    {
        At[Count] = at;
        Rows[Count] = row;
        _columns[Count++] = column;
    }

    /// <summary>Those of another list that, so many columns on, lie inside.</summary>
    public void Select(in LaneTaps all, int columns, int width, int pixel)
    {
        Count = 0;
        for (int t = 0; t < all.Count; t++)
        {
            int column = all._columns[t] + columns;
            if (column >= 0 && column < width)
            {
                At[Count] = all.At[t] + ((long)columns * pixel);
                Rows[Count++] = all.Rows[t];
            }
        }
    }
}

/// <summary>
/// Lines of the source as <see cref="LaneConv"/> reads them: spread out, <c>[pixel, i, channel of the target]</c>, and kept as long as
/// windows see them; or, where groups have one channel on either side, as they are.
/// </summary>
internal unsafe struct SpreadLines
{
    private readonly float* _room;
    private readonly int[] _lines;
    private readonly long _length;

    public SpreadLines(in LaneProblem p, int slot)
    {
        _lines = p.Inputs == 1 && p.Outputs == 1 ? [] : new int[p.Vertical.Reach];
        _length = ((long)p.Horizontal.Source * p.Inputs * p.Channels) + V512.Lanes;
        _room = _lines.Length == 0 ? null : Scratch.Get(slot, _lines.Length * _length);
        Array.Fill(_lines, -1);
    }

    /// <summary>A line of an image.</summary>
    public readonly float* Get(in LaneProblem p, int n, int h)
    {
        int line = (n * p.Vertical.Source) + h, width = p.Horizontal.Source;
        float* source = p.Source + ((long)line * width * p.Groups * p.Inputs);
        if (_lines.Length == 0)
        {
            return source;
        }

        int place = line % _lines.Length;
        float* target = _room + (place * _length);
        if (_lines[place] != line)
        {
            _lines[place] = line;
            switch (p.Outputs)
            {
                case <= 4:
                    Spread<V128>(source, width, p.Groups, p.Inputs, p.Outputs, target);
                    break;
                case <= 8:
                    Spread<V256>(source, width, p.Groups, p.Inputs, p.Outputs, target);
                    break;
                default:
                    Spread<V512>(source, width, p.Groups, p.Inputs, p.Outputs, target);
                    break;
            }
        }

        return target;
    }

    /// <summary>Every channel as often as its group has target channels; what is written too far, the next group overwrites.</summary>
    private static void Spread<TV>(float* source, int width, int groups, int inputs, int outputs, float* target)
        where TV : unmanaged, IVector<TV>
    {
        for (int w = 0; w < width; w++, source += groups * inputs)
        {
            for (int i = 0; i < inputs; i++)
            {
                for (int q = 0; q < groups; q++, target += outputs)
                {
                    TV value = TV.Broadcast(source[(q * inputs) + i]);
                    for (int c = 0; c < outputs; c += TV.Lanes)
                    {
                        TV.Store(value, target + c);
                    }
                }
            }
        }
    }
}
