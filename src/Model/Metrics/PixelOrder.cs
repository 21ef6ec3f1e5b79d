namespace GpuCam.Model;

/// <summary>Pixels by what a map says of them.</summary>
public static class PixelOrder
{
    /// <summary>Indices of all pixels, the highest value first, equals in reading order.</summary>
    /// <param name="normalized">A map with values in [0, 1].</param>
    public static int[] HighestFirst(ReadOnlySpan<float> normalized)
    {
        // The bits of floats that are not negative are in the order of their values; the index breaks ties.
        ulong[] keys = new ulong[normalized.Length];
        for (int i = 0; i < keys.Length; i++)
        {
            keys[i] = ((ulong)(uint.MaxValue - BitConverter.SingleToUInt32Bits(normalized[i] + 0f)) << 32) | (uint)i;
        }

        Array.Sort(keys);
        return Array.ConvertAll(keys, key => (int)(uint)key);
    }
}
