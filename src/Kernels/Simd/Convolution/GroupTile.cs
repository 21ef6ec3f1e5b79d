using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The groups of a line for <see cref="LaneConv"/>, one after the other: 8 pixels x 1 vector of a group's channels stay in named
/// accumulators over all taps and channels of the source; 4 pixels where no more are left. The last tile of a line overlaps its neighbour,
/// and so does the last vector of a group; a line of less than 4 pixels repeats its last.
/// </summary>
internal static unsafe class GroupTile
{
    /// <summary>Writes a line; <paramref name="step"/> and <paramref name="next"/> lead from pixel to pixel.</summary>
    public static void Line<TV>(in LaneProblem p, in LaneTaps taps, int outputs, int step, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        for (int q = 0; q < p.Groups; q++)
        {
            for (int lane = 0; lane < p.Outputs; lane += TV.Lanes)
            {
                int c = (q * p.Outputs) + Math.Min(lane, p.Outputs - TV.Lanes), pixel = 0;
                while (pixel < outputs)
                {
                    bool eight = outputs >= 8 && outputs - pixel > 4;
                    pixel = Math.Max(0, Math.Min(pixel, outputs - (eight ? 8 : 4)));
                    long source = ((long)pixel * step) + (q * p.Inputs);
                    if (eight)
                    {
                        Eight<TV>(p, taps, source, step, c, target + (pixel * next) + c, next);
                        pixel += 8;
                    }
                    else
                    {
                        Four<TV>(p, taps, source, step, Math.Min(3, outputs - 1), c, target + (pixel * next) + c, next);
                        pixel += 4;
                    }
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Eight<TV>(in LaneProblem p, in LaneTaps taps, long source, long step, int c, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        TV y0 = p.Bias == null ? default : TV.Load(p.Bias + c), y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0;
        int inputs = p.Inputs, row = p.Channels;
        long two = 2 * step, three = 3 * step;
        for (int t = 0; t < taps.Count; t++)
        {
            float* x = taps.At[t] + source, z = x + (4 * step), weight = p.Weight + taps.Rows[t] + c;
            for (int i = 0; i < inputs; i++, x++, z++, weight += row)
            {
                TV w = TV.Load(weight);
                y0 = TV.MulAdd(w, TV.Broadcast(*x), y0);
                y1 = TV.MulAdd(w, TV.Broadcast(x[step]), y1);
                y2 = TV.MulAdd(w, TV.Broadcast(x[two]), y2);
                y3 = TV.MulAdd(w, TV.Broadcast(x[three]), y3);
                y4 = TV.MulAdd(w, TV.Broadcast(*z), y4);
                y5 = TV.MulAdd(w, TV.Broadcast(z[step]), y5);
                y6 = TV.MulAdd(w, TV.Broadcast(z[two]), y6);
                y7 = TV.MulAdd(w, TV.Broadcast(z[three]), y7);
            }
        }

        Keep(p, y0, target);
        Keep(p, y1, target + next);
        Keep(p, y2, target + (2 * next));
        Keep(p, y3, target + (3 * next));
        Keep(p, y4, target + (4 * next));
        Keep(p, y5, target + (5 * next));
        Keep(p, y6, target + (6 * next));
        Keep(p, y7, target + (7 * next));
    }

    /// <summary>The pixels 0 … 3; behind <paramref name="last"/>, that one again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TV>(in LaneProblem p, in LaneTaps taps, long source, long step, int last, int c, float* target, long next)
        where TV : unmanaged, IVector<TV>
    {
        TV y0 = p.Bias == null ? default : TV.Load(p.Bias + c), y1 = y0, y2 = y0, y3 = y0;
        int inputs = p.Inputs, row = p.Channels, second = Math.Min(1, last), third = Math.Min(2, last);
        long one = second * step, two = third * step, three = last * step;
        for (int t = 0; t < taps.Count; t++)
        {
            float* x = taps.At[t] + source, weight = p.Weight + taps.Rows[t] + c;
            for (int i = 0; i < inputs; i++, x++, weight += row)
            {
                TV w = TV.Load(weight);
                y0 = TV.MulAdd(w, TV.Broadcast(*x), y0);
                y1 = TV.MulAdd(w, TV.Broadcast(x[one]), y1);
                y2 = TV.MulAdd(w, TV.Broadcast(x[two]), y2);
                y3 = TV.MulAdd(w, TV.Broadcast(x[three]), y3);
            }
        }

        Keep(p, y0, target);
        Keep(p, y1, target + (second * next));
        Keep(p, y2, target + (third * next));
        Keep(p, y3, target + (last * next));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TV>(in LaneProblem p, TV y, float* target)
        where TV : unmanaged, IVector<TV> => TV.Store(p.Relu ? TV.Max(default, y) : y, target);
}
