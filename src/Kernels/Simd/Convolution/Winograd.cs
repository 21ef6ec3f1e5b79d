using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Winograd's F(4x4, 5x5): a 4x4 tile of a 5x5 convolution from 64 products instead of 400 (A. Lavin, S. Gray, "Fast
/// Algorithms for Convolutional Neural Networks", 2016), over the points 0, 1, -1, 2, -2, 1/2, -1/2, infinity:
/// <code>
/// Y  = A' [ (G W G') o (B' X B) ] A           X: 8x8 window, W: 5x5, Y: 4x4
/// dW = G' [ (B' X B) o (A dY A') ] G
/// dX = B  [ (G W G') o (A dY A') ] B'         summed over the overlapping windows (stride 4)
/// </code>
/// The last two are the exact adjoints of the first. Here are the one-dimensional maps B', B, A', A, G, G' on 8, 5 or 4
/// registers (lanes are channels), with shared subexpressions; two passes of them make the two-dimensional maps.
/// "Planes" are the 64 frequencies f = 8 row + column.
/// </summary>
internal static class Winograd
{
    /// <summary>Outputs per tile and side.</summary>
    public const int Tile = 4;

    /// <summary>Inputs per tile and side.</summary>
    public const int Window = 8;

    /// <summary>Products per tile and channel pair.</summary>
    public const int Planes = 64;

    /// <summary>Side of the convolution's window.</summary>
    public const int Kernel = 5;

    /// <summary>x := B' x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Input<TV>(
        ref TV x0, ref TV x1, ref TV x2, ref TV x3, ref TV x4, ref TV x5, ref TV x6, ref TV x7)
        where TV : unmanaged, IVector<TV>
    {
        TV t0 = TV.MulAdd(x4 - x2, TV.Broadcast(5.25f), x0 - x6);
        TV t7 = TV.MulAdd(x3 - x5, TV.Broadcast(5.25f), x7 - x1);
        TV even1 = TV.MulAdd(x4, TV.Broadcast(-4.25f), x2 + x6);
        TV odd1 = TV.MulAdd(x3, TV.Broadcast(-4.25f), x1 + x5);
        TV even2 = TV.MulAdd(x4, TV.Broadcast(-1.25f), TV.MulAdd(x2, TV.Broadcast(0.25f), x6));
        TV odd2 = TV.MulAdd(x3, TV.Broadcast(-2.5f), TV.MulAdd(x1, TV.Broadcast(0.5f), x5 + x5));
        TV even3 = TV.MulAdd(x4, TV.Broadcast(-5f), TV.MulAdd(x2, TV.Broadcast(4f), x6));
        TV odd3 = TV.MulAdd(x3, TV.Broadcast(-2.5f), TV.MulAdd(x5, TV.Broadcast(0.5f), x1 + x1));
        x0 = t0;
        x1 = even1 + odd1;
        x2 = even1 - odd1;
        x3 = even2 + odd2;
        x4 = even2 - odd2;
        x5 = even3 + odd3;
        x6 = even3 - odd3;
        x7 = t7;
    }

    /// <summary>t := B t.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void InputAdjoint<TV>(
        ref TV t0, ref TV t1, ref TV t2, ref TV t3, ref TV t4, ref TV t5, ref TV t6, ref TV t7)
        where TV : unmanaged, IVector<TV>
    {
        TV even1 = t1 + t2, odd1 = t1 - t2, even2 = t3 + t4, odd2 = t3 - t4, even3 = t5 + t6, odd3 = t5 - t6;
        t1 = TV.MulAdd(odd2, TV.Broadcast(0.5f), odd1 - t7);
        t1 = TV.MulAdd(odd3, TV.Broadcast(2f), t1);
        t2 = TV.MulAdd(even2, TV.Broadcast(0.25f), TV.MulAdd(even3, TV.Broadcast(4f), even1));
        t2 = TV.MulAdd(t0, TV.Broadcast(-5.25f), t2);
        t3 = TV.MulAdd(odd1, TV.Broadcast(-4.25f), TV.Broadcast(5.25f) * t7);
        t3 = TV.MulAdd(odd2 + odd3, TV.Broadcast(-2.5f), t3);
        t4 = TV.MulAdd(even1, TV.Broadcast(-4.25f), TV.Broadcast(5.25f) * t0);
        t4 = TV.MulAdd(even2, TV.Broadcast(-1.25f), TV.MulAdd(even3, TV.Broadcast(-5f), t4));
        t5 = TV.MulAdd(odd2, TV.Broadcast(2f), TV.MulAdd(odd3, TV.Broadcast(0.5f), odd1));
        t5 = TV.MulAdd(t7, TV.Broadcast(-5.25f), t5);
        t6 = even1 + even2 + (even3 - t0);
    }

    /// <summary>y0..y3 = A' m.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Output<TV>(
        TV m0, TV m1, TV m2, TV m3, TV m4, TV m5, TV m6, TV m7, out TV y0, out TV y1, out TV y2, out TV y3)
        where TV : unmanaged, IVector<TV>
    {
        TV even1 = m1 + m2, odd1 = m1 - m2, even2 = m3 + m4, odd2 = m3 - m4, even3 = m5 + m6, odd3 = m5 - m6;
        y0 = m0 + even1 + (even2 + even3);
        y1 = TV.MulAdd(odd2, TV.Broadcast(2f), TV.MulAdd(odd3, TV.Broadcast(0.5f), odd1));
        y2 = TV.MulAdd(even2, TV.Broadcast(4f), TV.MulAdd(even3, TV.Broadcast(0.25f), even1));
        y3 = TV.MulAdd(odd2, TV.Broadcast(8f), TV.MulAdd(odd3, TV.Broadcast(0.125f), odd1 + m7));
    }

    /// <summary>t0..t7 = A d; t0 is d0 and t7 is d3, so only the six others are returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OutputAdjoint<TV>(
        TV d0, TV d1, TV d2, TV d3, out TV t1, out TV t2, out TV t3, out TV t4, out TV t5, out TV t6)
        where TV : unmanaged, IVector<TV>
    {
        TV even = d0 + d2, odd = d1 + d3;
        t1 = even + odd;
        t2 = even - odd;
        even = TV.MulAdd(d2, TV.Broadcast(4f), d0);
        odd = TV.MulAdd(d3, TV.Broadcast(8f), d1 + d1);
        t3 = even + odd;
        t4 = even - odd;
        even = TV.MulAdd(d2, TV.Broadcast(0.25f), d0);
        odd = TV.MulAdd(d3, TV.Broadcast(0.125f), TV.Broadcast(0.5f) * d1);
        t5 = even + odd;
        t6 = even - odd;
    }

    /// <summary>u0..u7 = G w; u0 is w0 and u7 is w4, so only the six others are returned.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Weight<TV>(
        TV w0, TV w1, TV w2, TV w3, TV w4, out TV u1, out TV u2, out TV u3, out TV u4, out TV u5, out TV u6)
        where TV : unmanaged, IVector<TV>
    {
        TV a = TV.Broadcast(-2f / 9), b = TV.Broadcast(1f / 90), c = TV.Broadcast(32f / 45);
        TV even = a * (w0 + w2 + w4), odd = a * (w1 + w3);
        u1 = even + odd;
        u2 = even - odd;
        even = b * TV.MulAdd(w4, TV.Broadcast(16f), TV.MulAdd(w2, TV.Broadcast(4f), w0));
        odd = b * TV.MulAdd(w3, TV.Broadcast(8f), w1 + w1);
        u3 = even + odd;
        u4 = even - odd;
        even = c * TV.MulAdd(w4, TV.Broadcast(1f / 16), TV.MulAdd(w2, TV.Broadcast(0.25f), w0));
        odd = c * TV.MulAdd(w3, TV.Broadcast(0.125f), TV.Broadcast(0.5f) * w1);
        u5 = even + odd;
        u6 = even - odd;
    }

    /// <summary>w0..w4 = G' u.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WeightAdjoint<TV>(
        TV u0, TV u1, TV u2, TV u3, TV u4, TV u5, TV u6, TV u7,
        out TV w0, out TV w1, out TV w2, out TV w3, out TV w4)
        where TV : unmanaged, IVector<TV>
    {
        TV a = TV.Broadcast(-2f / 9), b = TV.Broadcast(1f / 90), c = TV.Broadcast(32f / 45);
        TV even1 = a * (u1 + u2), odd1 = a * (u1 - u2);
        TV even2 = b * (u3 + u4), odd2 = b * (u3 - u4);
        TV even3 = c * (u5 + u6), odd3 = c * (u5 - u6);
        w0 = u0 + even1 + (even2 + even3);
        w1 = TV.MulAdd(odd2, TV.Broadcast(2f), TV.MulAdd(odd3, TV.Broadcast(0.5f), odd1));
        w2 = TV.MulAdd(even2, TV.Broadcast(4f), TV.MulAdd(even3, TV.Broadcast(0.25f), even1));
        w3 = TV.MulAdd(odd2, TV.Broadcast(8f), TV.MulAdd(odd3, TV.Broadcast(0.125f), odd1));
        w4 = TV.MulAdd(even2, TV.Broadcast(16f), TV.MulAdd(even3, TV.Broadcast(1f / 16), even1 + u7));
    }
}
