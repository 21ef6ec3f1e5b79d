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
        LaneRun<TV> run = default;
        for (int item = start; item < end; item++)
        {
            int block = item % blocks, band = item / blocks % p.Bands, n = item / blocks / p.Bands, local = block % each;
            int registers = local < twos ? 2 : 1, width = registers * TV.Lanes;
            if (run.Registers != registers)
            {
                run = new LaneRun<TV>(p, registers);
            }

            int channel = local < twos ? local * width : (twos * 2 * TV.Lanes) + ((local - twos) * width);
            channel = (block / each * unit) + Math.Min(channel, unit - width);
            int first = (int)((long)p.Vertical.Target * band / p.Bands), last = (int)((long)p.Vertical.Target * (band + 1) / p.Bands);
            if (p.Spread(TV.Lanes))
            {
                run.Block<OwnLane>(p, n, first, last, channel);
            }
            else
            {
                run.Block<SharedLane>(p, n, first, last, channel);
            }
        }
    }

    /// <summary>Blocks of two registers; a rest of more than one joins the last of them.</summary>
    private static int Twos(int unit, int lanes) =>
        unit < 2 * lanes ? 0 : (unit / (2 * lanes)) + (unit % (2 * lanes) > lanes ? 1 : 0);

    /// <summary>Blocks of one register behind them.</summary>
    private static int Ones(int unit, int lanes) =>
        (Math.Max(0, unit - (Twos(unit, lanes) * 2 * lanes)) + lanes - 1) / lanes;
}
