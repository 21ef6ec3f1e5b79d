namespace GpuCam.Model;

/// <summary>NumPy's broadcasting: axes are matched from the last, an extent of 1 goes with any.</summary>
internal static class OnnxBroadcast
{
    /// <summary>The extents of the result; null if these do not go together.</summary>
    public static long[]? Extents(IReadOnlyList<long> a, IReadOnlyList<long> b)
    {
        long[] extents = new long[Math.Max(a.Count, b.Count)];
        for (int i = 1; i <= extents.Length; i++)
        {
            long x = i <= a.Count ? a[^i] : 1, y = i <= b.Count ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
            {
                return null;
            }

            extents[^i] = x == 1 ? y : x;
        }

        return extents;
    }
}
