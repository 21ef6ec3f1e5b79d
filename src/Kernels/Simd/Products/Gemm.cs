using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Small dense products over memory that is already in cache, row-major:
/// <list type="bullet">
/// <item><c>Multiply</c>: c[m,n] = sum_k a[m,k] b[k,n]</item>
/// <item><c>AddTransposed</c>: c[m,n] += sum_k a[k,m] b[k,n]</item>
/// </list>
/// Two vectors of columns at a time (see <see cref="RegisterTile"/>), with 16 lanes four where there are as many.
/// <c>next</c> is what the caller reads next, from its start for the first half of the rows of c and from
/// <c>nextHalf</c> for the second: a line of it is prefetched per turn of the inner loop (any readable or unreadable address will do).
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>
    /// Rows of c are computed in groups of this many, the last group overlapping its neighbour; a and c have room for one group.
    /// </summary>
    public const int RowGroup = RegisterTile.Rows;

    /// <summary>c[m,n] = sum_k a[m,k] b[k,n]. Below one <see cref="RowGroup"/> m counts as one; n is a multiple of 2 * lanes.</summary>
    public static void Multiply<TV>(
        float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, float* next, float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        int column = TV.Lanes == 16 ? MultiplyColumns<Two<TV>>(a, lda, b, ldb, c, ldc, m, 0, n, k, ref next, nextHalf) : 0;
        MultiplyColumns<TV>(a, lda, b, ldb, c, ldc, m, column, n, k, ref next, nextHalf);
    }

    /// <summary>c[m,n] += sum_k a[k,m] b[k,n]. n is a multiple of 2 * lanes; m and k are any numbers, m best a multiple of 4.</summary>
    public static void AddTransposed<TV>(
        float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int n, int k, float* next, float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        int column = TV.Lanes == 16 ? AddColumns<Two<TV>>(a, lda, b, ldb, c, ldc, m, 0, n, k, ref next, nextHalf) : 0;
        AddColumns<TV>(a, lda, b, ldb, c, ldc, m, column, n, k, ref next, nextHalf);
    }

    /// <summary>The columns from <paramref name="column"/> on, two vectors at a time; returns the first that is left.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int MultiplyColumns<TV>(
        float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int column, int n, int k, ref float* next, float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        float** rows = stackalloc float*[RowGroup];
        int last = Math.Max(0, m - RowGroup);
        for (; column + (2 * TV.Lanes) <= n; column += 2 * TV.Lanes)
        {
            for (int row = 0; row < m; row += RowGroup)
            {
                int at = Math.Min(row, last);
                for (int r = 0; r < RowGroup; r++)
                {
                    rows[r] = a + ((at + r) * lda);
                }

                RegisterTile.Multiply<TV, TileStore>(
                    rows, 1, 0, k, b + column, ldb, next, AlignedBuffer.Line, new(c + (at * ldc) + column, ldc));
                next = 2 * (row + RowGroup) == m ? nextHalf : next + (k * AlignedBuffer.Line);
            }
        }

        return column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int AddColumns<TV>(
        float* a, int lda, float* b, int ldb, float* c, int ldc, int m, int column, int n, int k, ref float* next, float* nextHalf)
        where TV : unmanaged, IVector<TV>
    {
        for (; column + (2 * TV.Lanes) <= n; column += 2 * TV.Lanes)
        {
            int row = 0;
            for (; row + 4 <= m; row += 4)
            {
                Add4x2<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, ldc, k, next);
                next = 2 * (row + 4) == m ? nextHalf : next + (k * AlignedBuffer.Line);
            }

            for (; row < m; row++)
            {
                Add1x2<TV>(a + row, lda, b + column, ldb, c + (row * ldc) + column, k);
            }
        }

        return column;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add4x2<TV>(float* a, int lda, float* b, int ldb, float* c, int ldc, int k, float* next)
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
            TV.AddProduct(x, b0, ref c00);
            TV.AddProduct(x, b1, ref c01);
            x = TV.Broadcast(a[1]);
            TV.AddProduct(x, b0, ref c10);
            TV.AddProduct(x, b1, ref c11);
            x = TV.Broadcast(a[2]);
            TV.AddProduct(x, b0, ref c20);
            TV.AddProduct(x, b1, ref c21);
            x = TV.Broadcast(a[3]);
            TV.AddProduct(x, b0, ref c30);
            TV.AddProduct(x, b1, ref c31);
            Prefetch.Line(next);
            next += AlignedBuffer.Line;
            b += ldb;
            a += lda;
        }

        AddRow(c, c00, c01);
        AddRow(c + ldc, c10, c11);
        AddRow(c + (2 * ldc), c20, c21);
        AddRow(c + (3 * ldc), c30, c31);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add1x2<TV>(float* a, int lda, float* b, int ldb, float* c, int k)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        for (int i = 0; i < k; i++)
        {
            TV x = TV.Broadcast(*a);
            TV.AddProduct(x, TV.Load(b), ref c00);
            TV.AddProduct(x, TV.Load(b + TV.Lanes), ref c01);
            a += lda;
            b += ldb;
        }

        AddRow(c, c00, c01);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRow<TV>(float* c, TV c0, TV c1)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(TV.Load(c) + c0, c);
        TV.Store(TV.Load(c + TV.Lanes) + c1, c + TV.Lanes);
    }
}
