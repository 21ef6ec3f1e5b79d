using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A tile of 6 rows x 2 vectors of a product, kept in named accumulators from the first turn to the last (the JIT unrolls nothing).
/// With 32 registers of 16 lanes a vector is <see cref="Two{TV}"/> registers: per turn 4 loads and 6 broadcasts feed 24
/// multiply-adds, so two FMA ports are the limit, not the two load ports. With 16 registers it is one.
/// </summary>
internal static unsafe class RegisterTile
{
    /// <summary>Rows of the tile.</summary>
    public const int Rows = 6;

    /// <summary>
    /// c[r, 0 … 2 * lanes] (+)= sum over runs and taps of at[run, r][tap] * b[run, tap]: the rows' runs may lie anywhere. A line behind
    /// <paramref name="next"/> is prefetched per turn.
    /// </summary>
    /// <param name="at">[runs, 6]: where each row's run starts.</param>
    /// <param name="runs">How many.</param>
    /// <param name="from">The first tap of a run that counts.</param>
    /// <param name="length">Taps of a run that count.</param>
    /// <param name="b">[runs * length, 2 * lanes].</param>
    /// <param name="ldb">Floats from row to row of b.</param>
    /// <param name="c">[6, 2 * lanes].</param>
    /// <param name="ldc">Floats from row to row of c.</param>
    /// <param name="add">Whether c is added to; else it is written.</param>
    /// <param name="next">What is read next.</param>
    /// <param name="finish">Where the rows go with their bias, clipped, instead of to c; null: they go to c.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TV>(
        float** at, int runs, int from, int length, float* b, int ldb, float* c, int ldc, bool add, float* next, TileFinish* finish = null)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        TV c10 = default, c11 = default;
        TV c20 = default, c21 = default;
        TV c30 = default, c31 = default;
        TV c40 = default, c41 = default;
        TV c50 = default, c51 = default;
        for (int run = 0; run < runs; run++, at += Rows)
        {
            float* a0 = at[0] + from, a1 = at[1] + from, a2 = at[2] + from, a3 = at[3] + from, a4 = at[4] + from, a5 = at[5] + from;
            for (int i = 0; i < length; i++)
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes);
                TV x = TV.Broadcast(a0[i]);
                c00 = TV.MulAdd(x, b0, c00);
                c01 = TV.MulAdd(x, b1, c01);
                x = TV.Broadcast(a1[i]);
                c10 = TV.MulAdd(x, b0, c10);
                c11 = TV.MulAdd(x, b1, c11);
                x = TV.Broadcast(a2[i]);
                c20 = TV.MulAdd(x, b0, c20);
                c21 = TV.MulAdd(x, b1, c21);
                x = TV.Broadcast(a3[i]);
                c30 = TV.MulAdd(x, b0, c30);
                c31 = TV.MulAdd(x, b1, c31);
                x = TV.Broadcast(a4[i]);
                c40 = TV.MulAdd(x, b0, c40);
                c41 = TV.MulAdd(x, b1, c41);
                x = TV.Broadcast(a5[i]);
                c50 = TV.MulAdd(x, b0, c50);
                c51 = TV.MulAdd(x, b1, c51);
                Prefetch.Line(next);
                next += AlignedBuffer.Line;
                b += ldb;
            }
        }

        if (add)
        {
            c00 += TV.Load(c);
            c01 += TV.Load(c + TV.Lanes);
            c10 += TV.Load(c + ldc);
            c11 += TV.Load(c + ldc + TV.Lanes);
            c20 += TV.Load(c + (2 * ldc));
            c21 += TV.Load(c + (2 * ldc) + TV.Lanes);
            c30 += TV.Load(c + (3 * ldc));
            c31 += TV.Load(c + (3 * ldc) + TV.Lanes);
            c40 += TV.Load(c + (4 * ldc));
            c41 += TV.Load(c + (4 * ldc) + TV.Lanes);
            c50 += TV.Load(c + (5 * ldc));
            c51 += TV.Load(c + (5 * ldc) + TV.Lanes);
        }

        if (finish != null)
        {
            TV bias0 = TV.Load(finish->Bias), bias1 = TV.Load(finish->Bias + TV.Lanes);
            TV low = TV.Broadcast(finish->Low), high = TV.Broadcast(finish->High);
            StoreRow(finish->Targets[0], Clip(c00 + bias0, low, high), Clip(c01 + bias1, low, high));
            StoreRow(finish->Targets[1], Clip(c10 + bias0, low, high), Clip(c11 + bias1, low, high));
            StoreRow(finish->Targets[2], Clip(c20 + bias0, low, high), Clip(c21 + bias1, low, high));
            StoreRow(finish->Targets[3], Clip(c30 + bias0, low, high), Clip(c31 + bias1, low, high));
            StoreRow(finish->Targets[4], Clip(c40 + bias0, low, high), Clip(c41 + bias1, low, high));
            StoreRow(finish->Targets[5], Clip(c50 + bias0, low, high), Clip(c51 + bias1, low, high));
            return;
        }

        StoreRow(c, c00, c01);
        StoreRow(c + ldc, c10, c11);
        StoreRow(c + (2 * ldc), c20, c21);
        StoreRow(c + (3 * ldc), c30, c31);
        StoreRow(c + (4 * ldc), c40, c41);
        StoreRow(c + (5 * ldc), c50, c51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreRow<TV>(float* c, TV c0, TV c1)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(c0, c);
        TV.Store(c1, c + TV.Lanes);
    }

    /// <summary>The same with a panel of <see cref="Panels"/> for b, and rows of c as wide as it.</summary>
    public static void MultiplyPanel<TV>(
        float** at, int runs, int from, int length, float* panel, int width, float* c, bool add, float* next, TileFinish* finish = null)
        where TV : unmanaged, IVector<TV>
    {
        if (width > 2 * TV.Lanes)
        {
            Multiply<Two<TV>>(at, runs, from, length, panel, width, c, width, add, next, finish);
        }
        else
        {
            Multiply<TV>(at, runs, from, length, panel, width, c, width, add, next, finish);
        }
    }

    /// <summary>A NaN stays one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TV Clip<TV>(TV value, TV low, TV high)
        where TV : unmanaged, IVector<TV> => TV.Min(high, TV.Max(low, value));
}

/// <summary>
/// What a register tile does with its sums on the way to their places. Nothing that branches: the accumulators would be spilled inside the
/// loop.
/// </summary>
internal unsafe struct TileFinish
{
    /// <summary>As many floats as the tile has columns.</summary>
    public float* Bias;

    /// <summary>The least value that is kept.</summary>
    public float Low;

    /// <summary>The largest.</summary>
    public float High;

    /// <summary>Where each of the six rows goes; written in this order.</summary>
    public float** Targets;
}
