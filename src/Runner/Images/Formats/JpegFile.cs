using System.Buffers.Binary;

namespace GpuCam.Runner.Images.Formats;

/// <summary>
/// The markers of a JPEG file (ITU-T T.81, annex B), followed from start to end without decoding: a decoder fills what is missing of
/// a cut file with grey and says nothing. Stray bytes before a marker are skipped, as every decoder does.
/// </summary>
internal static class JpegFile
{
    /// <summary>Fails when the file ends before its end marker.</summary>
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

            at += length;
        }

        GpuCamException Bad(int offset, string what) =>
            new($"{name}: the JPEG file is damaged at byte {offset}: {what}; get or make the file again");
    }
}
