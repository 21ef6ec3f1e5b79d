using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Small dense products over memory that is already in cache, row-major:
/// <list type="bullet">
/// <item><c>Multiply</c>: c[m,n] = sum_k a[m,k] b[k,n]</item>
/// <item><c>AddTransposed</c>: c[m,n] += sum_k a[k,m] b[k,n]</item>
/// </list>
/// A register tile of rows x vectors of c stays in named accumulators (the JIT unrolls nothing). With 32 registers of 16
/// lanes that is 6 x 4 vectors: per k, 4 loads and 6 broadcasts feed 24 multiply-adds, so two FMA ports are the limit, not
/// the two load ports. With 16 registers it is 6 x 2.
/// <c>next</c> is what the caller reads next, from its start for the first half of the rows of c and from
/// <c>nextHalf</c> for the second: a line of it is prefetched per turn of the inner loop (any readable or unreadable address will do).
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>
    /// Rows of c are computed in groups of this many, the last group overlapping its neighbour; a and c have room for one group.
    /// </summary>
    public const int RowGroup = 6;

    /// <summary>c[m,n] = sum_k a[m,k] b[k,n]. Below one <see cref="RowGroup"/> m counts as one; n is a multiple of 2 * lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, float* next,
        float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        int last = Math.Max(0, m - RowGroup);
        int column = 0;
        if (TV.Lanes == 16)
        {
            for (; column + (4 * TV.Lanes) <= n; column += 4 * TV.Lanes)
            {
                for (int row = 0; row < m; row += RowGroup)
                {
                    int at = Math.Min(row, last);
                    Tile6x4<TV>(a + (at * lda), lda, b + column, ldb, c + (at * ldc) + column, ldc, k, next);
                    next = 2 * (row + RowGroup) == m ? nextHalf : next + (k * AlignedBuffer.Line);
                }
            }
        }

        for (; column < n; column += 2 * TV.Lanes)
        {
            for (int row = 0; row < m; row += RowGroup)
            {
                int at = Math.Min(row, last);
                Tile6x2<TV>(a + (at * lda), lda, b + column, ldb, c + (at * ldc) + column, ldc, k, next);
                next = 2 * (row + RowGroup) == m ? nextHalf : next + (k * AlignedBuffer.Line);
            }
        }
    }

    /// <summary>c[m,n] += sum_k a[k,m] b[k,n]. n is a multiple of 2 * lanes; m and k are any numbers, m best a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddTransposed<TV>(
        float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, float* next, float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        int column = 0;
        if (TV.Lanes == 16)
        {
            for (; column + (4 * TV.Lanes) <= n; column += 4 * TV.Lanes)
            {
                int row = 0;
                for (; row + 4 <= m; row += 4)
                {
                    AddTransposed4x4<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, ldc, k, next);
                    next = 2 * (row + 4) == m ? nextHalf : next + (k * AlignedBuffer.Line);
                }

                for (; row < m; row++)
                {
                    AddTransposed1x2<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, k);
                    AddTransposed1x2<TV>(a + row, lda, b + column + (2 * TV.Lanes), ldb, c + (row * ldc) + column + (2 * TV.Lanes), k);
                }
            }
        }

        for (; column < n; column += 2 * TV.Lanes)
        {
            int row = 0;
            for (; row + 4 <= m; row += 4)
            {
                AddTransposed4x2<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, ldc, k);
            }

            for (; row < m; row++)
            {
                AddTransposed1x2<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, k);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x4<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int k, float* next)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default, c02 = default, c03 = default;
        TV c10 = default, c11 = default, c12 = default, c13 = default;
        TV c20 = default, c21 = default, c22 = default, c23 = default;
        TV c30 = default, c31 = default, c32 = default, c33 = default;
        TV c40 = default, c41 = default, c42 = default, c43 = default;
        TV c50 = default, c51 = default, c52 = default, c53 = default;
        float* a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda;
        for (int i = 0; i < k; i++)
        {
            TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes), b2 = TV.Load(b + (2 * TV.Lanes)), b3 = TV.Load(b + (3 * TV.Lanes));
            TV x = TV.Broadcast(a[i]);
            c00 = TV.MulAdd(x, b0, c00);
            c01 = TV.MulAdd(x, b1, c01);
            c02 = TV.MulAdd(x, b2, c02);
            c03 = TV.MulAdd(x, b3, c03);
            x = TV.Broadcast(a1[i]);
            c10 = TV.MulAdd(x, b0, c10);
            c11 = TV.MulAdd(x, b1, c11);
            c12 = TV.MulAdd(x, b2, c12);
            c13 = TV.MulAdd(x, b3, c13);
            x = TV.Broadcast(a2[i]);
            c20 = TV.MulAdd(x, b0, c20);
            c21 = TV.MulAdd(x, b1, c21);
            c22 = TV.MulAdd(x, b2, c22);
            c23 = TV.MulAdd(x, b3, c23);
            x = TV.Broadcast(a3[i]);
            c30 = TV.MulAdd(x, b0, c30);
            c31 = TV.MulAdd(x, b1, c31);
            c32 = TV.MulAdd(x, b2, c32);
            c33 = TV.MulAdd(x, b3, c33);
            x = TV.Broadcast(a4[i]);
            c40 = TV.MulAdd(x, b0, c40);
            c41 = TV.MulAdd(x, b1, c41);
            c42 = TV.MulAdd(x, b2, c42);
            c43 = TV.MulAdd(x, b3, c43);
            x = TV.Broadcast(a5[i]);
            c50 = TV.MulAdd(x, b0, c50);
            c51 = TV.MulAdd(x, b1, c51);
            c52 = TV.MulAdd(x, b2, c52);
            c53 = TV.MulAdd(x, b3, c53);
            Prefetch.Line(next + (i * AlignedBuffer.Line));
            b += ldb;
        }

        StoreRow(c, c00, c01, c02, c03);
        StoreRow(c + ldc, c10, c11, c12, c13);
        StoreRow(c + (2 * ldc), c20, c21, c22, c23);
        StoreRow(c + (3 * ldc), c30, c31, c32, c33);
        StoreRow(c + (4 * ldc), c40, c41, c42, c43);
        StoreRow(c + (5 * ldc), c50, c51, c52, c53);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x2<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int k, float* next)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        TV c10 = default, c11 = default;
        TV c20 = default, c21 = default;
        TV c30 = default, c31 = default;
        TV c40 = default, c41 = default;
        TV c50 = default, c51 = default;
        float* a1 = a + lda, a2 = a1 + lda, a3 = a2 + lda, a4 = a3 + lda, a5 = a4 + lda;
        for (int i = 0; i < k; i++)
        {
            TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes);
            TV x = TV.Broadcast(a[i]);
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
            Prefetch.Line(next + (i * AlignedBuffer.Line));
            b += ldb;
        }

        StoreRow(c, c00, c01);
        StoreRow(c + ldc, c10, c11);
        StoreRow(c + (2 * ldc), c20, c21);
        StoreRow(c + (3 * ldc), c30, c31);
        StoreRow(c + (4 * ldc), c40, c41);
        StoreRow(c + (5 * ldc), c50, c51);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposed4x4<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int k, float* next)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default, c02 = default, c03 = default;
        TV c10 = default, c11 = default, c12 = default, c13 = default;
        TV c20 = default, c21 = default, c22 = default, c23 = default;
        TV c30 = default, c31 = default, c32 = default, c33 = default;
        for (int i = 0; i < k; i++)
        {
            TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes), b2 = TV.Load(b + (2 * TV.Lanes)), b3 = TV.Load(b + (3 * TV.Lanes));
            TV x = TV.Broadcast(a[0]);
            c00 = TV.MulAdd(x, b0, c00);
            c01 = TV.MulAdd(x, b1, c01);
            c02 = TV.MulAdd(x, b2, c02);
            c03 = TV.MulAdd(x, b3, c03);
            x = TV.Broadcast(a[1]);
            c10 = TV.MulAdd(x, b0, c10);
            c11 = TV.MulAdd(x, b1, c11);
            c12 = TV.MulAdd(x, b2, c12);
            c13 = TV.MulAdd(x, b3, c13);
            x = TV.Broadcast(a[2]);
            c20 = TV.MulAdd(x, b0, c20);
            c21 = TV.MulAdd(x, b1, c21);
            c22 = TV.MulAdd(x, b2, c22);
            c23 = TV.MulAdd(x, b3, c23);
            x = TV.Broadcast(a[3]);
            c30 = TV.MulAdd(x, b0, c30);
            c31 = TV.MulAdd(x, b1, c31);
            c32 = TV.MulAdd(x, b2, c32);
            c33 = TV.MulAdd(x, b3, c33);
            Prefetch.Line(next + (i * AlignedBuffer.Line));
            b += ldb;
            a += lda;
        }

        AddRow(c, c00, c01, c02, c03);
        AddRow(c + ldc, c10, c11, c12, c13);
        AddRow(c + (2 * ldc), c20, c21, c22, c23);
        AddRow(c + (3 * ldc), c30, c31, c32, c33);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposed4x2<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int k)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        TV c10 = default, c11 = default;
        TV c20 = default, c21 = default;
        TV c30 = default, c31 = default;
        for (int i = 0; i < k; i++)
        {
            TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes);
            TV x = TV.Broadcast(a[0]);
            c00 = TV.MulAdd(x, b0, c00);
            c01 = TV.MulAdd(x, b1, c01);
            x = TV.Broadcast(a[1]);
            c10 = TV.MulAdd(x, b0, c10);
            c11 = TV.MulAdd(x, b1, c11);
            x = TV.Broadcast(a[2]);
            c20 = TV.MulAdd(x, b0, c20);
            c21 = TV.MulAdd(x, b1, c21);
            x = TV.Broadcast(a[3]);
            c30 = TV.MulAdd(x, b0, c30);
            c31 = TV.MulAdd(x, b1, c31);
            b += ldb;
            a += lda;
        }

        AddRow(c, c00, c01);
        AddRow(c + ldc, c10, c11);
        AddRow(c + (2 * ldc), c20, c21);
        AddRow(c + (3 * ldc), c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddTransposed1x2<TV>(float* a, int lda, float* b, int ldb, float* c, int k)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        for (int i = 0; i < k; i++)
        {
            TV x = TV.Broadcast(*a);
            c00 = TV.MulAdd(x, TV.Load(b), c00);
            c01 = TV.MulAdd(x, TV.Load(b + TV.Lanes), c01);
            a += lda;
            b += ldb;
        }

        AddRow(c, c00, c01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TV>(float* c, TV c0, TV c1, TV c2, TV c3)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(c0, c);
        TV.Store(c1, c + TV.Lanes);
        TV.Store(c2, c + (2 * TV.Lanes));
        TV.Store(c3, c + (3 * TV.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow<TV>(float* c, TV c0, TV c1)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(c0, c);
        TV.Store(c1, c + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TV>(float* c, TV c0, TV c1, TV c2, TV c3)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(TV.Load(c) + c0, c);
        TV.Store(TV.Load(c + TV.Lanes) + c1, c + TV.Lanes);
        TV.Store(TV.Load(c + (2 * TV.Lanes)) + c2, c + (2 * TV.Lanes));
        TV.Store(TV.Load(c + (3 * TV.Lanes)) + c3, c + (3 * TV.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TV>(float* c, TV c0, TV c1)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(TV.Load(c) + c0, c);
        TV.Store(TV.Load(c + TV.Lanes) + c1, c + TV.Lanes);
    }
}
