using System.Buffers.Binary;
using System.IO.Compression;

namespace GpuCam.Runner.Images.Portable;

/// <summary>
/// Writes an 8-bit grey or RGB PNG. Rows are filtered two ways, each row by the filter that leaves the smallest differences
/// (good for photographs and maps), and none at all (good for flat drawings); the shorter of the two files is kept.
/// </summary>
internal static class PngWriter
{
    // "Up" first: it leaves nothing of the repeated rows of an enlarged picture, and nothing else is tried then.
    private static ReadOnlySpan<byte> Order => [2, 1, 3, 4];

    public static void Write(Image8 image, Stream stream)
    {
        bool grey = image.IsGrey;
        byte[] samples = grey ? image.ToGrey() : image.Pixels;
        int bytesPerPixel = grey ? 1 : 3;
        byte[] filtered = Compress(Filter(samples, image.Width * bytesPerPixel, bytesPerPixel, adaptive: true));
        byte[] plain = Compress(Filter(samples, image.Width * bytesPerPixel, bytesPerPixel, adaptive: false));

        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], image.Height);
        header[8] = 8;
        header[9] = (byte)(grey ? PngColour.Grey : PngColour.Rgb);
        header[10..].Clear();

        stream.Write(ImageSniffer.PngSignature);
        WriteChunk(stream, "IHDR"u8, header);
        WriteChunk(stream, "IDAT"u8, filtered.Length < plain.Length ? filtered : plain);
        WriteChunk(stream, "IEND"u8, []);
    }

    /// <summary>Length, type, content, and the CRC over type and content.</summary>
    private static void WriteChunk(Stream stream, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
        stream.Write(number);
        stream.Write(type);
        stream.Write(content);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(content, Crc32.Of(type)));
        stream.Write(number);
    }

    private static byte[] Filter(byte[] samples, int rowBytes, int bytesPerPixel, bool adaptive)
    {
        int rows = samples.Length / rowBytes;
        byte[] result = new byte[rows * (rowBytes + 1)];
        byte[] zeros = new byte[rowBytes];
        byte[] trial = new byte[rowBytes];
        for (int y = 0; y < rows; y++)
        {
            ReadOnlySpan<byte> row = samples.AsSpan(y * rowBytes, rowBytes);
            ReadOnlySpan<byte> above = y > 0 ? samples.AsSpan((y - 1) * rowBytes, rowBytes) : zeros;
            Span<byte> target = result.AsSpan(y * (rowBytes + 1), rowBytes + 1);
            long best = PngFilter.Apply(0, row, above, target[1..], bytesPerPixel, long.MaxValue);
            foreach (byte filter in adaptive ? Order : [])
            {
                long sum = PngFilter.Apply(filter, row, above, trial, bytesPerPixel, best);
                if (sum >= best)
                {
                    continue;
                }

                best = sum;
                target[0] = filter;
                trial.CopyTo(target[1..]);
            }
        }

        return result;
    }

    private static byte[] Compress(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            zlib.Write(bytes);
        }

        return packed.ToArray();
    }
}
