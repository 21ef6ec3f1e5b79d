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
    /// Row r of the tile, 2 * lanes wide, is the sum over runs and taps of at[run, r][tap] * b[run, tap]: the rows' runs may lie anywhere.
    /// A place behind <paramref name="next"/> is prefetched per tap.
    /// </summary>
    /// <param name="at">[runs, 6]: where each row's run starts.</param>
    /// <param name="runs">How many.</param>
    /// <param name="from">The first tap of a run that counts.</param>
    /// <param name="length">Taps of a run that count.</param>
    /// <param name="b">[runs * length, 2 * lanes].</param>
    /// <param name="ldb">Floats from row to row of b.</param>
    /// <param name="next">What is read next.</param>
    /// <param name="ahead">Floats from one prefetched place to the next.</param>
    /// <param name="end">Where the rows go.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TV, TEnd>(float** at, int runs, int from, int length, float* b, long ldb, float* next, long ahead, TEnd end)
        where TV : unmanaged, IVector<TV>
        where TEnd : struct, ITileEnd
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
            // Two taps a turn: what counts and jumps is shared, and the processor is often asked for more than it can issue.
            nint i = 0;
            for (; i < length - 1; i += 2)
            {
                AddTap(
                    b, a0 + i, a1 + i, a2 + i, a3 + i, a4 + i, a5 + i,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                Prefetch.Line(next);
                AddTap(
                    b + ldb, a0 + i + 1, a1 + i + 1, a2 + i + 1, a3 + i + 1, a4 + i + 1, a5 + i + 1,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                Prefetch.Line(next + ahead);
                next += 2 * ahead;
                b += 2 * ldb;
            }

            if (i < length)
            {
                AddTap(
                    b, a0 + i, a1 + i, a2 + i, a3 + i, a4 + i, a5 + i,
                    ref c00, ref c01, ref c10, ref c11, ref c20, ref c21, ref c30, ref c31, ref c40, ref c41, ref c50, ref c51);
                Prefetch.Line(next);
                next += ahead;
                b += ldb;
            }
        }

        end.Row(0, c00, c01);
        end.Row(1, c10, c11);
        end.Row(2, c20, c21);
        end.Row(3, c30, c31);
        end.Row(4, c40, c41);
        end.Row(5, c50, c51);
    }

    /// <summary>What one tap, a row of b, adds to the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void AddTap<TV>(
        float* b, float* a0, float* a1, float* a2, float* a3, float* a4, float* a5, ref TV c00, ref TV c01, ref TV c10, ref TV c11,
        ref TV c20, ref TV c21, ref TV c30, ref TV c31, ref TV c40, ref TV c41, ref TV c50, ref TV c51)
        where TV : unmanaged, IVector<TV>
    {
        TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes);
        TV x = TV.Broadcast(*a0);
        TV.AddProduct(x, b0, ref c00);
        TV.AddProduct(x, b1, ref c01);
        x = TV.Broadcast(*a1);
        TV.AddProduct(x, b0, ref c10);
        TV.AddProduct(x, b1, ref c11);
        x = TV.Broadcast(*a2);
        TV.AddProduct(x, b0, ref c20);
        TV.AddProduct(x, b1, ref c21);
        x = TV.Broadcast(*a3);
        TV.AddProduct(x, b0, ref c30);
        TV.AddProduct(x, b1, ref c31);
        x = TV.Broadcast(*a4);
        TV.AddProduct(x, b0, ref c40);
        TV.AddProduct(x, b1, ref c41);
        x = TV.Broadcast(*a5);
        TV.AddProduct(x, b0, ref c50);
        TV.AddProduct(x, b1, ref c51);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void StoreRow<TV>(float* c, TV c0, TV c1)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(c0, c);
        TV.Store(c1, c + TV.Lanes);
    }

    /// <summary>The same with a panel of <see cref="Panels"/> for b.</summary>
    public static void MultiplyPanel<TV, TEnd>(
        float** at, int runs, int from, int length, float* panel, int width, float* next, long ahead, TEnd end)
        where TV : unmanaged, IVector<TV>
        where TEnd : struct, ITileEnd
    {
        if (width > 2 * TV.Lanes)
        {
            Multiply<Two<TV>, TEnd>(at, runs, from, length, panel, width, next, ahead, end);
        }
        else
        {
            Multiply<TV, TEnd>(at, runs, from, length, panel, width, next, ahead, end);
        }
    }
}
