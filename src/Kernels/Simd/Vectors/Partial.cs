using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The last elements of an array, fewer than a register holds, in a register all the same: they are computed as all others are, so that
/// no bit depends on where a range ends.
/// </summary>
internal static unsafe class Partial
{
    /// <summary>The first <paramref name="count"/> lanes from memory, zeros in the others.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static TV Load<TV>(float* source, int count)
        where TV : unmanaged, IVector<TV>
    {
        TV value = default;
        for (int lane = 0; lane < count; lane++)
        {
            ((float*)&value)[lane] = source[lane];
        }

        return value;
    }

    /// <summary>The first <paramref name="count"/> lanes to memory.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void Store<TV>(TV value, float* target, int count)
        where TV : unmanaged, IVector<TV>
    {
        for (int lane = 0; lane < count; lane++)
        {
            target[lane] = ((float*)&value)[lane];
        }
    }
}
