using System.Buffers.Binary;

namespace GpuCam.Runner.Images.Formats;

/// <summary>
/// The markers of a JPEG file (ITU-T T.81, annex B), followed from start to end without decoding: a decoder fills what is missing of
/// a cut file with grey and says nothing. Stray bytes before a marker are skipped, as every decoder does.
/// </summary>
internal static class JpegFile
{
    // A block of 8x8 takes a bit at least, and stands for 8x32 pixels at most in the component that is sampled best along a side.
    private const long MaxPixelsPerByte = 8 * 256;

    /// <summary>Fails when the file ends before its end marker, or cannot hold the pixels that it claims.</summary>
    /// <exception cref="GpuCamException">The message has the name and the offset.</exception>
    public static void Check(ReadOnlySpan<byte> file, string name)
    {
        int at = 2;
        while (true)
        {
            int next = file[at..].IndexOf((byte)0xFF);
            if (next < 0 || at + next + 1 >= file.Length)
            {
                throw Bad(file.Length, "the file ends here, before its end marker");
            }

            at += next + 1;
            byte marker = file[at];
            if (marker == 0xD9)
            {
                return;
            }
            // Fill bytes, and what has no length: a stuffed zero among the pixels, restarts, a start.
            if (marker == 0xFF)
            {
                continue;
            }

            at++;
            if (marker is 0 or 1 or (>= 0xD0 and <= 0xD8))
            {
                continue;
            }

            int length = file.Length - at < 2 ? 0 : BinaryPrimitives.ReadUInt16BigEndian(file[at..]);
            if (length > file.Length - at || file.Length - at < 2)
            {
                throw Bad(at - 2, $"segment FF{marker:X2} claims {length} bytes, but only {file.Length - at} are left");
            }

            if (length < 2)
            {
                throw Bad(at - 2, $"segment FF{marker:X2} claims {length} bytes, fewer than its own length takes");
            }
            // Baseline, extended and progressive with Huffman codes; arithmetic codes have no least length.
            if (marker is 0xC0 or 0xC1 or 0xC2 && length >= 8)
            {
                int height = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 3)..]),
                    width = BinaryPrimitives.ReadUInt16BigEndian(file[(at + 5)..]);
                if ((long)width * height > file.Length * MaxPixelsPerByte)
                {
                    throw Bad(at - 2, $"the header claims {width} x {height} pixels, but {file.Length} bytes cannot hold them");
                }
            }

            at += length;
        }

        GpuCamException Bad(int offset, string what) =>
            new($"{name}: the JPEG file is damaged at byte {offset}: {what}; get or make the file again");
    }
}
