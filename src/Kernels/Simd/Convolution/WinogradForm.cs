using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A tile size of Winograd's minimal filtering for kernels of 3 taps, F(tile, 3), in one dimension: <c>y = A' ((G w) * (B' d))</c>
/// (Lavin and Gray, CVPR 2016; the points 0, ±3/4, ±3/2 and infinity of the larger one round half as much as 0, ±1, ±2).
/// </summary>
internal interface IWinogradForm
{
    /// <summary>Outputs of a tile along an axis.</summary>
    static abstract int Tile { get; }

    /// <summary>Inputs of a tile along an axis: <see cref="Tile"/> + 2; at most 6.</summary>
    static abstract int Window { get; }

    /// <summary>x = B' x; behind <see cref="Window"/> nothing is read or written.</summary>
    static abstract void Input<TV>(ref TV x0, ref TV x1, ref TV x2, ref TV x3, ref TV x4, ref TV x5)
        where TV : unmanaged, IVector<TV>;

    /// <summary>y = A' m; behind <see cref="Tile"/> nothing is written.</summary>
    static abstract void Output<TV>(
        TV m0, TV m1, TV m2, TV m3, TV m4, TV m5, out TV y0, out TV y1, out TV y2, out TV y3)
        where TV : unmanaged, IVector<TV>;

    /// <summary>u = G w.</summary>
    static abstract void Weight<TV>(TV w0, TV w1, TV w2, out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5)
        where TV : unmanaged, IVector<TV>;
}

/// <summary>F(2, 3): 16 products for 4 outputs of 9 taps.</summary>
internal readonly struct WinogradTwo : IWinogradForm
{
    public static int Tile => 2;

    public static int Window => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TV>(ref TV x0, ref TV x1, ref TV x2, ref TV x3, ref TV x4, ref TV x5)
        where TV : unmanaged, IVector<TV>
    {
        TV t1 = x1 + x2, t2 = x2 - x1;
        x0 -= x2;
        x3 = x1 - x3;
        x1 = t1;
        x2 = t2;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TV>(TV m0, TV m1, TV m2, TV m3, TV m4, TV m5, out TV y0, out TV y1, out TV y2, out TV y3)
        where TV : unmanaged, IVector<TV>
    {
        y0 = m0 + m1 + m2;
        y1 = m1 - m2 - m3;
        y2 = default;
        y3 = default;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight<TV>(TV w0, TV w1, TV w2, out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5)
        where TV : unmanaged, IVector<TV>
    {
        TV half = TV.Broadcast(0.5f), even = (w0 + w2) * half, odd = w1 * half;
        u0 = w0;
        u1 = even + odd;
        u2 = even - odd;
        u3 = w2;
        u4 = default;
        u5 = default;
    }
}

/// <summary>F(4, 3): 36 products for 16 outputs of 9 taps.</summary>
internal readonly struct WinogradFour : IWinogradForm
{
    private const float A = 0.75f, B = 1.5f, AA = A * A, BB = B * B;

    public static int Tile => 4;

    public static int Window => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TV>(ref TV x0, ref TV x1, ref TV x2, ref TV x3, ref TV x4, ref TV x5)
        where TV : unmanaged, IVector<TV>
    {
        TV a = TV.Broadcast(A), b = TV.Broadcast(B), aa = TV.Broadcast(-AA), bb = TV.Broadcast(-BB);
        TV product = TV.Broadcast(AA * BB), sum = TV.Broadcast(-AA - BB);
        TV first = TV.MulAdd(product, x0, TV.MulAdd(sum, x2, x4)), last = TV.MulAdd(product, x1, TV.MulAdd(sum, x3, x5));
        TV even = TV.MulAdd(bb, x2, x4), odd = a * TV.MulAdd(bb, x1, x3);
        TV far = TV.MulAdd(aa, x2, x4), farOdd = b * TV.MulAdd(aa, x1, x3);
        x0 = first;
        x1 = even + odd;
        x2 = even - odd;
        x3 = far + farOdd;
        x4 = far - farOdd;
        x5 = last;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TV>(TV m0, TV m1, TV m2, TV m3, TV m4, TV m5, out TV y0, out TV y1, out TV y2, out TV y3)
        where TV : unmanaged, IVector<TV>
    {
        TV near = m1 + m2, nearOdd = m1 - m2, far = m3 + m4, farOdd = m3 - m4;
        y0 = m0 + near + far;
        y1 = TV.MulAdd(TV.Broadcast(A), nearOdd, TV.Broadcast(B) * farOdd);
        y2 = TV.MulAdd(TV.Broadcast(AA), near, TV.Broadcast(BB) * far);
        y3 = TV.MulAdd(TV.Broadcast(AA * A), nearOdd, TV.MulAdd(TV.Broadcast(BB * B), farOdd, m5));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight<TV>(TV w0, TV w1, TV w2, out TV u0, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5)
        where TV : unmanaged, IVector<TV>
    {
        TV near = TV.Broadcast(1 / (2 * AA * (AA - BB))), far = TV.Broadcast(1 / (2 * BB * (BB - AA)));
        TV even = TV.MulAdd(TV.Broadcast(AA), w2, w0) * near, odd = TV.Broadcast(A) * w1 * near;
        TV farEven = TV.MulAdd(TV.Broadcast(BB), w2, w0) * far, farOdd = TV.Broadcast(B) * w1 * far;
        u0 = w0 * TV.Broadcast(1 / (AA * BB));
        u1 = even + odd;
        u2 = even - odd;
        u3 = farEven + farOdd;
        u4 = farEven - farOdd;
        u5 = w2;
    }

    /// <summary>m = A y, for gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputGradient<TV>(
        TV y0, TV y1, TV y2, TV y3, out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5)
        where TV : unmanaged, IVector<TV>
    {
        TV even = TV.MulAdd(TV.Broadcast(AA), y2, y0), odd = TV.MulAdd(TV.Broadcast(AA * A), y3, TV.Broadcast(A) * y1);
        TV far = TV.MulAdd(TV.Broadcast(BB), y2, y0), farOdd = TV.MulAdd(TV.Broadcast(BB * B), y3, TV.Broadcast(B) * y1);
        m0 = y0;
        m1 = even + odd;
        m2 = even - odd;
        m3 = far + farOdd;
        m4 = far - farOdd;
        m5 = y3;
    }

    /// <summary>w = G' u, for gradients.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightGradient<TV>(TV u0, TV u1, TV u2, TV u3, TV u4, TV u5, out TV w0, out TV w1, out TV w2)
        where TV : unmanaged, IVector<TV>
    {
        TV near = TV.Broadcast(1 / (2 * AA * (AA - BB))), far = TV.Broadcast(1 / (2 * BB * (BB - AA)));
        TV even = near * (u1 + u2), odd = near * (u1 - u2), farEven = far * (u3 + u4), farOdd = far * (u3 - u4);
        w0 = TV.MulAdd(TV.Broadcast(1 / (AA * BB)), u0, even + farEven);
        w1 = TV.MulAdd(TV.Broadcast(A), odd, TV.Broadcast(B) * farOdd);
        w2 = TV.MulAdd(TV.Broadcast(AA), even, TV.MulAdd(TV.Broadcast(BB), farEven, u5));
    }
}
