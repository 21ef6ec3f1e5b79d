using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>How a tile gets what its lanes meet from a panel.</summary>
internal unsafe interface ILaneSource
{
    TV Load<TV>(float* at)
        where TV : unmanaged, IVector<TV>;

    /// <summary>The same for the second register.</summary>
    TV Second<TV>(float* at)
        where TV : unmanaged, IVector<TV>;

    /// <summary>How far on lanes from this one on find theirs.</summary>
    int Lane(int lane);
}

/// <summary>Each lane its own.</summary>
internal readonly unsafe struct OwnLane : ILaneSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Load<TV>(float* at)
        where TV : unmanaged, IVector<TV> => TV.Load(at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Second<TV>(float* at)
        where TV : unmanaged, IVector<TV> => TV.Load(at + TV.Lanes);

    public int Lane(int lane) => lane;
}

/// <summary>All lanes the same.</summary>
internal readonly unsafe struct SharedLane : ILaneSource
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Load<TV>(float* at)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(*at);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TV Second<TV>(float* at)
        where TV : unmanaged, IVector<TV> => TV.Broadcast(*at);

    public int Lane(int lane) => 0;
}

/// <summary>The taps of a line: where the first pixel meets them in the panel, and their weights; and what becomes of sums.</summary>
internal unsafe struct LaneTaps
{
    public float** At;
    public int* Weights;
    public float* Weight, Bias;
    public int Count;
    public bool Clips;
    public float Low, High;

    /// <summary>Takes from a problem what a tile does to sums that it stores where they are to lie.</summary>
    public void Clip(in LaneProblem p)
    {
        bool clips = p.Activation.Function is not null;
        (Clips, Low, High) = (
            p.Direct && !p.Activation.IsNone, clips ? p.Activation.Alpha : 0, clips ? p.Activation.Beta : float.PositiveInfinity);
    }

    /// <summary>A sum as it is stored; a NaN stays.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TV Clip<TV>(TV sum)
        where TV : unmanaged, IVector<TV> => Clips ? TV.Min(TV.Broadcast(High), TV.Max(TV.Broadcast(Low), sum)) : sum;
}

/// <summary>
/// Tiles of <see cref="LaneConv"/>: 7 pixels of a line, the number that the lines of image networks are multiples of, x 1 or 2 registers
/// of channels stay in named accumulators over all taps; 4 x 1 where a line is shorter.
/// </summary>
internal static unsafe class LaneTile
{
    /// <summary>Pixels of a tile.</summary>
    public const int Wide = 7;

    /// <summary>Pixels of a tile of short lines.</summary>
    private const int Few = 4;

    /// <summary>Pixels of a line, <paramref name="step"/> apart in the panel; one register of channels or two.</summary>
    public static void Line<TV, TX>(in LaneTaps taps, int registers, int count, long step, float* target, long next)
        where TV : unmanaged, IVector<TV>
        where TX : struct, ILaneSource
    {
        int tile = count >= Wide ? Wide : Few;
        for (int pixel = 0; pixel < count; pixel += tile)
        {
            int j = Math.Max(0, Math.Min(pixel, count - tile)), last = Math.Min(tile, count) - 1;
            float* to = target + (j * next);
            if (tile == Few)
            {
                for (int i = 0; i < registers * TV.Lanes; i += TV.Lanes)
                {
                    Four<TV, TX>(taps, i, j * step, step, last, to + i, next);
                }
            }
            else if (registers == 2)
            {
                Fourteen<TV, TX>(taps, j * step, step, to, next);
            }
            else
            {
                Seven<TV, TX>(taps, j * step, step, to, next);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Fourteen<TV, TX>(in LaneTaps taps, long offset, long step, float* target, long next)
        where TV : unmanaged, IVector<TV>
        where TX : struct, ILaneSource
    {
        TV a0 = taps.Bias == null ? default : TV.Load(taps.Bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
        TV b0 = taps.Bias == null ? default : TV.Load(taps.Bias + TV.Lanes), b1 = b0, b2 = b0, b3 = b0, b4 = b0, b5 = b0, b6 = b0;
        long two = 2 * step, three = 3 * step;
        int count = taps.Count;
        int* weights = taps.Weights;
        float** all = taps.At;
        float* weight = taps.Weight;
        for (int t = 0; t < count; t++)
        {
            float* x = all[t] + offset, z = x + three, at = weight + weights[t];
            TV w = TV.Load(at), v = TV.Load(at + TV.Lanes);
            TV.AddProduct(w, default(TX).Load<TV>(x), ref a0);
            TV.AddProduct(v, default(TX).Second<TV>(x), ref b0);
            TV.AddProduct(w, default(TX).Load<TV>(x + step), ref a1);
            TV.AddProduct(v, default(TX).Second<TV>(x + step), ref b1);
            TV.AddProduct(w, default(TX).Load<TV>(x + two), ref a2);
            TV.AddProduct(v, default(TX).Second<TV>(x + two), ref b2);
            TV.AddProduct(w, default(TX).Load<TV>(z), ref a3);
            TV.AddProduct(v, default(TX).Second<TV>(z), ref b3);
            TV.AddProduct(w, default(TX).Load<TV>(z + step), ref a4);
            TV.AddProduct(v, default(TX).Second<TV>(z + step), ref b4);
            TV.AddProduct(w, default(TX).Load<TV>(z + two), ref a5);
            TV.AddProduct(v, default(TX).Second<TV>(z + two), ref b5);
            TV.AddProduct(w, default(TX).Load<TV>(z + three), ref a6);
            TV.AddProduct(v, default(TX).Second<TV>(z + three), ref b6);
        }

        if (taps.Clips)
        {
            TV low = TV.Broadcast(taps.Low), high = TV.Broadcast(taps.High);
            a0 = TV.Min(high, TV.Max(low, a0));
            b0 = TV.Min(high, TV.Max(low, b0));
            a1 = TV.Min(high, TV.Max(low, a1));
            b1 = TV.Min(high, TV.Max(low, b1));
            a2 = TV.Min(high, TV.Max(low, a2));
            b2 = TV.Min(high, TV.Max(low, b2));
            a3 = TV.Min(high, TV.Max(low, a3));
            b3 = TV.Min(high, TV.Max(low, b3));
            a4 = TV.Min(high, TV.Max(low, a4));
            b4 = TV.Min(high, TV.Max(low, b4));
            a5 = TV.Min(high, TV.Max(low, a5));
            b5 = TV.Min(high, TV.Max(low, b5));
            a6 = TV.Min(high, TV.Max(low, a6));
            b6 = TV.Min(high, TV.Max(low, b6));
        }

        TV.Store(a0, target);
        TV.Store(b0, target + TV.Lanes);
        TV.Store(a1, target + next);
        TV.Store(b1, target + next + TV.Lanes);
        TV.Store(a2, target + (2 * next));
        TV.Store(b2, target + (2 * next) + TV.Lanes);
        TV.Store(a3, target + (3 * next));
        TV.Store(b3, target + (3 * next) + TV.Lanes);
        TV.Store(a4, target + (4 * next));
        TV.Store(b4, target + (4 * next) + TV.Lanes);
        TV.Store(a5, target + (5 * next));
        TV.Store(b5, target + (5 * next) + TV.Lanes);
        TV.Store(a6, target + (6 * next));
        TV.Store(b6, target + (6 * next) + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Seven<TV, TX>(in LaneTaps taps, long offset, long step, float* target, long next)
        where TV : unmanaged, IVector<TV>
        where TX : struct, ILaneSource
    {
        TV a0 = taps.Bias == null ? default : TV.Load(taps.Bias), a1 = a0, a2 = a0, a3 = a0, a4 = a0, a5 = a0, a6 = a0;
        long two = 2 * step, three = 3 * step;
        int count = taps.Count;
        int* weights = taps.Weights;
        float** all = taps.At;
        float* weight = taps.Weight;
        for (int t = 0; t < count; t++)
        {
            float* x = all[t] + offset, z = x + three;
            TV w = TV.Load(weight + weights[t]);
            TV.AddProduct(w, default(TX).Load<TV>(x), ref a0);
            TV.AddProduct(w, default(TX).Load<TV>(x + step), ref a1);
            TV.AddProduct(w, default(TX).Load<TV>(x + two), ref a2);
            TV.AddProduct(w, default(TX).Load<TV>(z), ref a3);
            TV.AddProduct(w, default(TX).Load<TV>(z + step), ref a4);
            TV.AddProduct(w, default(TX).Load<TV>(z + two), ref a5);
            TV.AddProduct(w, default(TX).Load<TV>(z + three), ref a6);
        }

        TV.Store(taps.Clip(a0), target);
        TV.Store(taps.Clip(a1), target + next);
        TV.Store(taps.Clip(a2), target + (2 * next));
        TV.Store(taps.Clip(a3), target + (3 * next));
        TV.Store(taps.Clip(a4), target + (4 * next));
        TV.Store(taps.Clip(a5), target + (5 * next));
        TV.Store(taps.Clip(a6), target + (6 * next));
    }

    /// <summary>The pixels 0 … 3; behind <paramref name="last"/>, that one again.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Four<TV, TX>(in LaneTaps taps, int channel, long offset, long step, int last, float* target, long next)
        where TV : unmanaged, IVector<TV>
        where TX : struct, ILaneSource
    {
        TV a0 = taps.Bias == null ? default : TV.Load(taps.Bias + channel), a1 = a0, a2 = a0, a3 = a0;
        int second = Math.Min(1, last), third = Math.Min(2, last);
        long one = second * step, two = third * step, three = last * step;
        offset += default(TX).Lane(channel);
        for (int t = 0; t < taps.Count; t++)
        {
            float* x = taps.At[t] + offset;
            TV w = TV.Load(taps.Weight + taps.Weights[t] + channel);
            TV.AddProduct(w, default(TX).Load<TV>(x), ref a0);
            TV.AddProduct(w, default(TX).Load<TV>(x + one), ref a1);
            TV.AddProduct(w, default(TX).Load<TV>(x + two), ref a2);
            TV.AddProduct(w, default(TX).Load<TV>(x + three), ref a3);
        }

        TV.Store(taps.Clip(a0), target);
        TV.Store(taps.Clip(a1), target + (second * next));
        TV.Store(taps.Clip(a2), target + (third * next));
        TV.Store(taps.Clip(a3), target + (last * next));
    }
}
