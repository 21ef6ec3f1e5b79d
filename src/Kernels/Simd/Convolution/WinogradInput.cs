using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// One 8x8 window of a padded NHWC image to 64 planes, and the adjoint:
/// <code>
/// window  [8 rows (rowStride apart), 8, channels]
/// planes  [64 (plane apart), channels]
/// </code>
/// </summary>
internal static unsafe class WinogradInput
{
    /// <summary>planes = B' window B.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Transform<TV>(float* window, int rowStride, int channels, float* planes, int plane)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Planes * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        for (int c = 0; c < channels; c += TV.Lanes)
        {
            for (int column = 0; column < Winograd.Window; column++)
            {
                float* source = window + (column * channels) + c;
                Load8<TV>(source, rowStride, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4, out TV x5, out TV x6,
                    out TV x7);
                Winograd.Input(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
                WinogradWeights.Store8(half + (column * TV.Lanes), 8 * TV.Lanes, x0, x1, x2, x3, x4, x5, x6, x7);
            }

            for (int row = 0; row < Winograd.Window; row++)
            {
                Load8<TV>(half + (row * 8 * TV.Lanes), TV.Lanes, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4, out TV x5,
                    out TV x6, out TV x7);
                Winograd.Input(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
                float* target = planes + ((long)row * 8 * plane) + c;
                WinogradWeights.Store8(target, plane, x0, x1, x2, x3, x4, x5, x6, x7);
                Prefetch.Lines8(target + channels, plane);
            }
        }
    }

    /// <summary>window += B planes B'.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddAdjoint<TV>(float* planes, int plane, int channels, float* window, int rowStride)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Planes * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        for (int c = 0; c < channels; c += TV.Lanes)
        {
            for (int row = 0; row < Winograd.Window; row++)
            {
                float* source = planes + ((long)row * 8 * plane) + c;
                Load8<TV>(source, plane, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4, out TV x5, out TV x6, out TV x7);
                Winograd.InputAdjoint(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
                WinogradWeights.Store8(half + (row * 8 * TV.Lanes), TV.Lanes, x0, x1, x2, x3, x4, x5, x6, x7);
            }

            for (int column = 0; column < Winograd.Window; column++)
            {
                Load8<TV>(half + (column * TV.Lanes), 8 * TV.Lanes, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4,
                    out TV x5, out TV x6, out TV x7);
                Winograd.InputAdjoint(ref x0, ref x1, ref x2, ref x3, ref x4, ref x5, ref x6, ref x7);
                float* target = window + (column * channels) + c;
                Add(x0, target);
                Add(x1, target + rowStride);
                Add(x2, target + (2 * rowStride));
                Add(x3, target + (3 * rowStride));
                Add(x4, target + (4 * rowStride));
                Add(x5, target + (5 * rowStride));
                Add(x6, target + (6 * rowStride));
                Add(x7, target + (7 * rowStride));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void Load8<TV>(
        float* source, long stride, out TV x0, out TV x1, out TV x2, out TV x3, out TV x4, out TV x5, out TV x6, out TV x7)
        where TV : unmanaged, IVector<TV>
    {
        x0 = TV.Load(source);
        x1 = TV.Load(source + stride);
        x2 = TV.Load(source + (2 * stride));
        x3 = TV.Load(source + (3 * stride));
        x4 = TV.Load(source + (4 * stride));
        x5 = TV.Load(source + (5 * stride));
        x6 = TV.Load(source + (6 * stride));
        x7 = TV.Load(source + (7 * stride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TV>(TV value, float* target)
        where TV : unmanaged, IVector<TV> => TV.Store(TV.Load(target) + value, target);
}
