using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A 2x2 max-pool over ReLU(y + bias), fused: since bias is one number per channel, the winner of y is the winner of all.
/// Kept are the pooled value and one byte: 0..3 which of the four won (row-major, the first on a tie), 4 nobody, because
/// ReLU let nothing through.
/// </summary>
internal static class Pool
{
    /// <summary>The code of a cell that ReLU switched off.</summary>
    public const int Off = 4;

    /// <summary>Value and code of one cell; lanes are channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Cell<TV>(TV y0, TV y1, TV y2, TV y3, TV bias, out TV codes)
        where TV : unmanaged, IVector<TV>
    {
        TV top = TV.SelectGreater(y1, y0, TV.Code(1), TV.Code(0));
        TV bottom = TV.SelectGreater(y3, y2, TV.Code(3), TV.Code(2));
        TV high = TV.Max(y0, y1), low = TV.Max(y2, y3);
        TV code = TV.SelectGreater(low, high, bottom, top);
        TV value = TV.Max(low, high) + bias;
        codes = TV.SelectGreater(value, default, code, TV.Code(Off));
        return TV.Max(default, value);
    }

    /// <summary>The value alone.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TV Cell<TV>(TV y0, TV y1, TV y2, TV y3, TV bias)
        where TV : unmanaged, IVector<TV> =>
        TV.Max(default, TV.Max(TV.Max(y0, y1), TV.Max(y2, y3)) + bias);
}
