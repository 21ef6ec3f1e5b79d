namespace GpuCam.Kernels.Simd;

/// <summary>What <see cref="LaneConv"/> computes; the weight is <c>[KH, KW, Inputs, Channels]</c>.</summary>
internal readonly unsafe struct LaneProblem(
    float* source, float* weight, float* bias, bool relu, float* target, LaneAxis vertical, LaneAxis horizontal, int groups, int inputs,
    int outputs)
{
    public readonly float* Source = source, Weight = weight, Bias = bias, Target = target;
    public readonly bool Relu = relu;
    public readonly LaneAxis Vertical = vertical, Horizontal = horizontal;

    /// <summary>Whether groups have one channel on either side.</summary>
    public bool Depthwise => Inputs == 1 && Outputs == 1;

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

    /// <summary>Zeros before the source, so that no target pixel meets a tap outside.</summary>
    public int Before { get; } = Math.Max(0, backward ? (((kernel - 1) * dilation) - pad + stride - 1) / stride : pad);

    /// <summary>Zeros behind the source.</summary>
    public int After { get; } = Math.Max(
        0, (backward ? (target - 1 + pad) / stride : ((target - 1) * stride) + ((kernel - 1) * dilation) - pad) - source + 1);

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

/// <summary>Taps of a pixel, or of the first of many: where in the source they lie, and which row of the weight they begin at.</summary>
internal unsafe struct LaneTaps(float** at, int* rows, int* columns)
{
    public readonly float** At = at;
    public readonly int* Rows = rows;
    public int Count;
    private readonly int* _columns = columns;

    /// <summary>A tap in this column of the source.</summary>
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
/// Lines of the source as <see cref="LaneConv"/> reads them: depthwise as they are, else copied between as many zeros as windows hang
/// over, and kept as long as windows see them.
/// </summary>
internal unsafe struct LaneLines
{
    private const int Slot = 0;
    private readonly float* _room;
    private readonly int[] _lines;

    public LaneLines(in LaneProblem p)
    {
        Before = p.Depthwise ? 0 : p.Horizontal.Before;
        Width = p.Depthwise ? p.Horizontal.Source : Before + p.Horizontal.Source + p.Horizontal.After;
        _lines = p.Depthwise ? [] : new int[p.Vertical.Reach];
        _room = p.Depthwise ? null : Scratch.Get(Slot, (long)_lines.Length * Width * p.Groups * p.Inputs);
        Array.Fill(_lines, -1);
    }

    /// <summary>Zeros before a line.</summary>
    public int Before { get; }

    /// <summary>Pixels of a line, the zeros included.</summary>
    public int Width { get; }

    /// <summary>A line of an image.</summary>
    public readonly float* Get(in LaneProblem p, int n, int h)
    {
        int line = (n * p.Vertical.Source) + h, pixel = p.Groups * p.Inputs, length = p.Horizontal.Source * pixel;
        float* source = p.Source + ((long)line * length);
        if (_lines.Length == 0)
        {
            return source;
        }

        int place = line % _lines.Length;
        float* target = _room + ((long)place * Width * pixel);
        if (_lines[place] != line)
        {
            _lines[place] = line;
            var room = new Span<float>(target, Width * pixel);
            room[..(Before * pixel)].Clear();
            new Span<float>(source, length).CopyTo(room[(Before * pixel)..]);
            room[((Before * pixel) + length)..].Clear();
        }

        return target;
    }
}
