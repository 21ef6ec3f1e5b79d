namespace GpuCam.Runner.Images.Formats;

/// <summary>The CRC of PNG chunks (ISO 3309: polynomial EDB88320 reflected, preset and inverted), one table look-up a byte.</summary>
internal static class Crc32
{
    private static readonly uint[] s_table = MakeTable();

    /// <summary>The CRC of the bytes, continuing from that of the bytes before them (0 at the start).</summary>
    public static uint Of(ReadOnlySpan<byte> bytes, uint previous = 0)
    {
        uint crc = ~previous;
        foreach (byte b in bytes)
        {
            crc = s_table[(byte)(crc ^ b)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint n = 0; n < 256; n++)
        {
            uint value = n;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value & 1) != 0 ? 0xEDB88320u ^ (value >> 1) : value >> 1;
            }

            table[n] = value;
        }

        return table;
    }
}
