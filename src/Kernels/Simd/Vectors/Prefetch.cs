using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace GpuCam.Kernels.Simd;

/// <summary>Asks for a cache line before it is needed; a hint, nothing where the machine has none.</summary>
internal static unsafe class Prefetch
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Line(float* address)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(address);
        }
    }

    /// <summary>Eight lines, <paramref name="stride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Lines8(float* address, long stride)
    {
        Line(address);
        Line(address + stride);
        Line(address + (2 * stride));
        Line(address + (3 * stride));
        Line(address + (4 * stride));
        Line(address + (5 * stride));
        Line(address + (6 * stride));
        Line(address + (7 * stride));
    }
}
