using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Between a 5x5 convolution's weights and their 64 planes:
/// <code>
/// weight   [kh, kw, ic, oc]
/// planes   [f, ic, oc]          U = G W G'
/// turned   [f, oc, ic]          the same for the product that gives dX
/// dWeight  [kh, kw, ic, oc]     = G' dU G
/// </code>
/// Work is split over input channels; nothing is shared between two of them.
/// </summary>
internal static unsafe class WinogradWeights
{
    /// <summary>planes[f, ic, oc] for ic in [from, to).</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<TV>(float* weight, int inChannels, int outChannels, int from, int to, float* planes)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Window * Winograd.Kernel * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        long tap = (long)inChannels * outChannels;
        int lanes = TV.Lanes;
        for (int ic = from; ic < to; ic++)
        {
            for (int oc = 0; oc < outChannels; oc += lanes)
            {
                long at = ((long)ic * outChannels) + oc;
                for (int kw = 0; kw < Winograd.Kernel; kw++)
                {
                    float* w = weight + at + (kw * tap);
                    TV w0 = TV.Load(w), w4 = TV.Load(w + (20 * tap));
                    Winograd.Weight(
                        w0, TV.Load(w + (5 * tap)), TV.Load(w + (10 * tap)), TV.Load(w + (15 * tap)), w4,
                        out TV u1, out TV u2, out TV u3, out TV u4, out TV u5, out TV u6);
                    Store8(half + (kw * lanes), Winograd.Kernel * lanes, w0, u1, u2, u3, u4, u5, u6, w4);
                }

                for (int row = 0; row < Winograd.Window; row++)
                {
                    float* h = half + (row * Winograd.Kernel * lanes);
                    TV w0 = TV.Load(h), w4 = TV.Load(h + (4 * lanes));
                    Winograd.Weight(
                        w0, TV.Load(h + lanes), TV.Load(h + (2 * lanes)), TV.Load(h + (3 * lanes)), w4,
                        out TV u1, out TV u2, out TV u3, out TV u4, out TV u5, out TV u6);
                    Store8(planes + at + (row * 8 * tap), tap, w0, u1, u2, u3, u4, u5, u6, w4);
                }
            }
        }
    }

    /// <summary>turned[f, oc, ic] = planes[f, ic, oc] for f in [from, to).</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Turn(float* planes, int inChannels, int outChannels, int from, int to, float* turned)
    {
        for (int f = from; f < to; f++)
        {
            float* source = planes + ((long)f * inChannels * outChannels);
            float* target = turned + ((long)f * inChannels * outChannels);
            for (int oc = 0; oc < outChannels; oc++)
            {
                for (int ic = 0; ic < inChannels; ic++)
                {
                    target[(oc * inChannels) + ic] = source[(ic * outChannels) + oc];
                }
            }
        }
    }

    /// <summary>dWeight[kh, kw, ic, oc] from dPlanes[f, ic, oc] for ic in [from, to).</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Gradient<TV>(float* dPlanes, int inChannels, int outChannels, int from, int to, float* dWeight)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Window * Winograd.Kernel * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        long tap = (long)inChannels * outChannels;
        int lanes = TV.Lanes;
        for (int ic = from; ic < to; ic++)
        {
            for (int oc = 0; oc < outChannels; oc += lanes)
            {
                long at = ((long)ic * outChannels) + oc;
                for (int column = 0; column < Winograd.Window; column++)
                {
                    Gradient<TV>(dPlanes + at + (column * tap), 8 * tap, half + (column * lanes), 8 * lanes);
                }

                for (int kh = 0; kh < Winograd.Kernel; kh++)
                {
                    Gradient<TV>(half + (kh * 8 * lanes), lanes, dWeight + at + (kh * 5 * tap), tap);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Gradient<TV>(float* source, long sourceStride, float* target, long targetStride)
        where TV : unmanaged, IVector<TV>
    {
        Winograd.WeightAdjoint(
            TV.Load(source), TV.Load(source + sourceStride), TV.Load(source + (2 * sourceStride)),
            TV.Load(source + (3 * sourceStride)), TV.Load(source + (4 * sourceStride)), TV.Load(source + (5 * sourceStride)),
            TV.Load(source + (6 * sourceStride)), TV.Load(source + (7 * sourceStride)),
            out TV w0, out TV w1, out TV w2, out TV w3, out TV w4);
        TV.Store(w0, target);
        TV.Store(w1, target + targetStride);
        TV.Store(w2, target + (2 * targetStride));
        TV.Store(w3, target + (3 * targetStride));
        TV.Store(w4, target + (4 * targetStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Store8<TV>(float* target, long stride, TV t0, TV t1, TV t2, TV t3, TV t4, TV t5, TV t6, TV t7)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(t0, target);
        TV.Store(t1, target + stride);
        TV.Store(t2, target + (2 * stride));
        TV.Store(t3, target + (3 * stride));
        TV.Store(t4, target + (4 * stride));
        TV.Store(t5, target + (5 * stride));
        TV.Store(t6, target + (6 * stride));
        TV.Store(t7, target + (7 * stride));
    }
}
