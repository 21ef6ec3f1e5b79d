namespace GpuCam.CudaTests.Machine.Memory;

/// <summary>Who touched a cell of memory, and when: the thread, its group, and how many barriers the group had passed.</summary>
/// <remarks>
/// Bits 0 to 10: the thread's number + 1, so that no stamp is 0; 12 to 31: barriers; 32 to 61: the group. Bit 11 says that other threads
/// of the same interval did so too, bit 63 that other groups did, bit 62 that a copy to the cell is under way.
/// </remarks>
internal static class Stamp
{
    /// <summary>Other threads of the same interval between two barriers read the cell too.</summary>
    public const ulong Many = 1ul << 11;

    /// <summary>A copy was begun and has not been waited for.</summary>
    public const ulong UnderWay = 1ul << 62;

    /// <summary>Other groups read the cell too.</summary>
    public const ulong OtherGroups = 1ul << 63;

    private const ulong ThreadBits = 0x7FF;
    private const ulong IntervalBits = 0xFFFFFul << 12;
    private const ulong GroupBits = 0x3FFF_FFFFul << 32;

    /// <summary>The part that all threads of a group share between two barriers.</summary>
    public static ulong Interval(long group, int barriers) =>
        (((ulong)group << 32) & GroupBits) | (((ulong)barriers << 12) & IntervalBits) | 1;

    public static bool SameGroup(ulong a, ulong b) => ((a ^ b) & GroupBits) == 0;

    public static bool SameInterval(ulong a, ulong b) => ((a ^ b) & (GroupBits | IntervalBits)) == 0;

    public static bool SameThread(ulong a, ulong b) => ((a ^ b) & (GroupBits | ThreadBits)) == 0;

    /// <summary>Whether nothing orders the two: other groups, or other threads of a group without a barrier between.</summary>
    public static bool Unordered(ulong a, ulong b) => !SameGroup(a, b) || (SameInterval(a, b) && !SameThread(a, b));

    /// <summary>For people.</summary>
    public static string Describe(ulong stamp) => $"thread {(stamp & ThreadBits) - 1} of group {(stamp & GroupBits) >> 32}";
}
