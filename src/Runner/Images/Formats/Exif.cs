using System.Buffers.Binary;

namespace GpuCam.Runner.Images.Formats;

/// <summary>EXIF data as a PNG file holds them: a TIFF header and a directory of entries of 12 bytes (CIPA DC-008).</summary>
internal static class Exif
{
    private const ushort OrientationTag = 0x0112;
    private const ushort UnsignedShort = 3;

    /// <summary>The orientation, 1 to 8; 1 where the data do not tell, or are broken.</summary>
    public static int Orientation(ReadOnlySpan<byte> exif)
    {
        bool little = exif.StartsWith("II*\0"u8);
        if (exif.Length < 8 || !(little || exif.StartsWith("MM\0*"u8)))
        {
            return 1;
        }

        uint directory = little ? BinaryPrimitives.ReadUInt32LittleEndian(exif[4..]) : BinaryPrimitives.ReadUInt32BigEndian(exif[4..]);
        if (directory > exif.Length - 2)
        {
            return 1;
        }

        ReadOnlySpan<byte> entries = exif[((int)directory + 2)..];
        for (int left = Short(exif[(int)directory..]); left > 0 && entries.Length >= 12; left--, entries = entries[12..])
        {
            if (Short(entries) == OrientationTag && Short(entries[2..]) == UnsignedShort)
            {
                return Short(entries[8..]) is >= 1 and <= 8 and int value ? value : 1;
            }
        }

        return 1;
        int Short(ReadOnlySpan<byte> at) => little ? BinaryPrimitives.ReadUInt16LittleEndian(at) : BinaryPrimitives.ReadUInt16BigEndian(at);
    }
}
