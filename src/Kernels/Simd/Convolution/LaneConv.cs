using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A convolution in groups; lanes are channels of the result:
/// <code>
/// target[o, q, c] = f(bias[q, c] + sum over kh, kw, i of source[s(o, kh, kw), q, i] * weight[kh, kw, i, q, c] + residual[o, q, c])
/// </code>
/// Forward and the gradient of the input differ in <see cref="LaneAxis"/> alone, and depthwise ones from others in what a
/// <see cref="LanePanel{TV}"/> holds. An item is a stretch of lines x a block of channels, one or two registers wide: the block's
/// weights are brought together once, then strips of the lines pass through a panel that stays in the nearest cache.
/// </summary>
internal static unsafe class LaneConv
{
    private const int PanelSlot = 0;
    private const int IndexSlot = 1;

    /// <summary>Tiles of a strip at most.</summary>
    private const int Longest = 4;

    /// <summary>The same times the blocks that a pixel of the panel holds: what the nearest cache has room for.</summary>
    private const int Room = 8;

    /// <summary>Lines of a band below which what bands pack twice is felt.</summary>
    private const int FewLines = 7;

    /// <summary>Blocks of channels, the last of which may overlap its neighbour.</summary>
    public static int Blocks(in LaneProblem p, int lanes)
    {
        int unit = p.Unit(lanes);
        return (Twos(unit, lanes) + Ones(unit, lanes)) * (p.Channels / unit);
    }

    /// <summary>Into how many bands an image's lines are cut: some for each thread where images are few, more where blocks are.</summary>
    public static int Bands(in LaneProblem p, int images, int lanes, int threads)
    {
        int bands = images >= threads ? 1 : threads, blocks = Blocks(p, lanes), lines = p.Vertical.Target;
        while (threads > 1 && images * bands * blocks < 8 * threads && lines / bands > 2 * FewLines)
        {
            bands *= 2;
        }

        return Math.Min(bands, lines);
    }

    /// <summary>The items from start to end - 1: image by image, band by band, block by block.</summary>
    public static void Items<TV>(in LaneProblem p, int start, int end)
        where TV : unmanaged, IVector<TV>
    {
        int unit = p.Unit(TV.Lanes), twos = Twos(unit, TV.Lanes), each = twos + Ones(unit, TV.Lanes), blocks = Blocks(p, TV.Lanes);
        for (int item = start; item < end; item++)
        {
            int block = item % blocks, band = item / blocks % p.Bands, n = item / blocks / p.Bands, local = block % each;
            var place = new LanePlace(
                n, (int)((long)p.Vertical.Target * band / p.Bands), (int)((long)p.Vertical.Target * (band + 1) / p.Bands), block / each * unit);
            int registers = local < twos ? 2 : 1, width = registers * TV.Lanes;
            int channel = local < twos ? local * width : (twos * 2 * TV.Lanes) + ((local - twos) * width);
            place = place.At(Math.Min(channel, unit - width));
            if (p.Spread(TV.Lanes))
            {
                Block<TV, OwnLane>(p, place, registers);
            }
            else
            {
                Block<TV, SharedLane>(p, place, registers);
            }
        }
    }

    /// <summary>Blocks of two registers; a rest of more than one joins the last of them.</summary>
    private static int Twos(int unit, int lanes) =>
        unit < 2 * lanes ? 0 : (unit / (2 * lanes)) + (unit % (2 * lanes) > lanes ? 1 : 0);

    /// <summary>Blocks of one register behind them.</summary>
    private static int Ones(int unit, int lanes) =>
        (Math.Max(0, unit - (Twos(unit, lanes) * 2 * lanes)) + lanes - 1) / lanes;

    private static void Block<TV, TX>(in LaneProblem p, LanePlace place, int registers)
        where TV : unmanaged, IVector<TV>
        where TX : struct, ILaneSource
    {
        LaneAxis vertical = p.Vertical, horizontal = p.Horizontal;
        bool spread = p.Spread(TV.Lanes);
        int width = registers * TV.Lanes, taps = horizontal.Kernel * p.Inputs, most = horizontal.Most;
        int tiles = Math.Clamp(Room / Math.Max(1, spread ? p.Inputs : p.Inputs / width), 1, Longest);
        int strips = ((most - 1) / (tiles * LaneTile.Wide)) + 1;
        int strip = ((((most - 1) / strips) / LaneTile.Wide) + 1) * LaneTile.Wide;
        int columns = ((Math.Min(strip, most) - 1) * horizontal.Step) + horizontal.Last - horizontal.First + 1;
        int pixel = spread ? p.Inputs * width : p.Inputs;
        long weights = (long)vertical.Kernel * taps * width, room = (long)strip * width;
        float* weight = Scratch.Get(PanelSlot, weights + room + ((long)vertical.Reach * columns * pixel)), sums = weight + weights;
        int* index = (int*)Scratch.Get(
            IndexSlot, (3L * vertical.Kernel) + (2L * taps) + horizontal.Phases + 1 + vertical.Reach + ((long)p.Inputs * width));
        var t = new LaneTaps
        {
            At = (float**)index,
            RowWeights = index + (2 * vertical.Kernel),
            Weight = weight,
            Bias = p.Bias == null ? null : p.Bias + place.Channel,
        };
        Activation f = p.Activation;
        bool clips = f.Function == UnaryFunction.Clip, direct = (f.Function is null || clips) && p.Residual == null;
        (t.Clips, t.Low, t.High) = (direct && !f.IsNone, clips ? f.Alpha : 0, clips ? f.Beta : float.PositiveInfinity);
        int* tapColumns = t.RowWeights + vertical.Kernel, tapWeights = tapColumns + taps, starts = tapWeights + taps;
        int* lines = starts + horizontal.Phases + 1;
        var panel = new LanePanel<TV>(p, place.Channel, width, columns, sums + room, lines, lines + vertical.Reach);
        PackWeight<TV>(p, place.Channel, width, weight);
        ListTaps(p, pixel, spread ? width : 1, width, tapColumns, tapWeights, starts);
        long next = horizontal.Phases * p.TargetStep;
        for (int begin = 0; begin < most; begin += strip)
        {
            panel.Clear();
            for (int row = place.First; row < place.End; row++)
            {
                ListRows(p, panel, place.Image, row, begin, taps * width, ref t);
                for (int phase = 0; phase < Math.Min(horizontal.Phases, horizontal.Target); phase++)
                {
                    int outputs = (horizontal.Target - phase + horizontal.Phases - 1) / horizontal.Phases;
                    int count = Math.Min(strip, outputs - begin);
                    long first = ((((long)place.Image * vertical.Target) + row) * horizontal.Target) + phase + ((long)begin * horizontal.Phases);
                    float* target = p.Target + (first * p.TargetStep) + place.Channel;
                    t.Columns = tapColumns + starts[phase];
                    t.Weights = tapWeights + starts[phase];
                    t.Count = starts[phase + 1] - starts[phase];
                    LaneTile.Line<TV, TX>(
                        t, registers, count, (long)horizontal.Step * pixel, direct ? target : sums, direct ? next : width);
                    if (!direct)
                    {
                        // Not where they are to lie: a block that overlaps this one may be another thread's.
                        float* residual = p.Residual == null ? null : p.Residual + (first * p.Channels) + place.Channel;
                        HostUnary.Finish<TV>(f, sums, width, count, residual, (long)horizontal.Phases * p.Channels, target, next);
                    }
                }
            }
        }
    }

    /// <summary>The rows of a panel that a line of the target meets.</summary>
    private static void ListRows<TV>(
        in LaneProblem p, in LanePanel<TV> panel, int image, int row, int begin, int weightRow, ref LaneTaps t)
        where TV : unmanaged, IVector<TV>
    {
        LaneAxis vertical = p.Vertical, horizontal = p.Horizontal;
        t.Rows = 0;
        for (int kh = 0; kh < vertical.Kernel; kh++)
        {
            if (vertical.Meets(row % vertical.Phases, kh, out int h))
            {
                h += row / vertical.Phases * vertical.Step;
                if (h >= 0 && h < vertical.Source)
                {
                    t.At[t.Rows] = panel.Get((image * vertical.Source) + h, (begin * horizontal.Step) + horizontal.First);
                    t.RowWeights[t.Rows++] = kh * weightRow;
                }
            }
        }
    }

    /// <summary>For each kind of target pixel, where in a row of the panel and of the weight its taps are.</summary>
    private static void ListTaps(in LaneProblem p, int pixel, int input, int width, int* columns, int* weights, int* starts)
    {
        int count = 0;
        for (int phase = 0; phase < p.Horizontal.Phases; phase++)
        {
            starts[phase] = count;
            for (int kw = 0; kw < p.Horizontal.Kernel; kw++)
            {
                if (p.Horizontal.Meets(phase, kw, out int offset))
                {
                    for (int i = 0; i < p.Inputs; i++, count++)
                    {
                        columns[count] = ((offset - p.Horizontal.First) * pixel) + (i * input);
                        weights[count] = ((kw * p.Inputs) + i) * width;
                    }
                }
            }
        }

        starts[p.Horizontal.Phases] = count;
    }

    /// <summary>The weights of a block of channels, [KH, KW, inputs, width].</summary>
    private static void PackWeight<TV>(in LaneProblem p, int channel, int width, float* target)
        where TV : unmanaged, IVector<TV>
    {
        bool dense = !p.Vertical.Backward || p.Inputs * p.Outputs == 1;
        for (int tap = 0; tap < p.Vertical.Kernel * p.Horizontal.Kernel; tap++)
        {
            for (int i = 0; i < p.Inputs; i++, target += width)
            {
                float* from = p.Weight + p.Place(tap, i, channel);
                for (int lane = 0; lane < width && dense; lane += TV.Lanes)
                {
                    TV.Store(TV.Load(from + lane), target + lane);
                }

                for (int lane = 0; lane < width && !dense; lane++)
                {
                    target[lane] = p.Weight[p.Place(tap, i, channel + lane)];
                }
            }
        }
    }

    /// <summary>An image, lines of it, and a channel.</summary>
    private readonly record struct LanePlace(int Image, int First, int End, int Channel)
    {
        public LanePlace At(int channel) => this with { Channel = Channel + channel };
    }
}
