using System.Buffers.Binary;
using GpuCam.Runner.Images.Formats;
using SkiaSharp;

namespace GpuCam.Runner.Images;

/// <summary>
/// The size of a picture without its pixels: its header, and whether its end is there. What is not plain at a glance is read as a whole,
/// so that the reason is the reader's.
/// </summary>
internal static class ImageHeader
{
    private const int Tail = 4096;

    /// <summary>Columns and rows of a picture as <see cref="ImageReader.ReadFile"/> gives it.</summary>
    /// <param name="path">The file.</param>
    /// <param name="orientation">Which way up.</param>
    /// <exception cref="GpuCamException">It cannot be read, as far as can be told without its pixels; one line.</exception>
    public static (int Width, int Height) Read(string path, ImageOrientation orientation)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            if (stream.Length <= ImageLimits.MaxFileBytes && Glance(stream, path, orientation) is { } size)
            {
                return size;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // The reader words it.
        }

        Image8 picture = ImageReader.ReadFile(path, orientation);
        return (picture.Width, picture.Height);
    }

    private static (int Width, int Height)? Glance(FileStream stream, string path, ImageOrientation orientation)
    {
        long length = stream.Length;    // the codec closes what it reads
        byte[] start = new byte[Math.Min(32, length)];
        stream.ReadExactly(start);
        ImageFormat format = ImageSniffer.Sniff(start);
        (int Width, int Height, int Exif)? header = format switch
        {
            ImageFormat.Png => OfPng(stream),
            ImageFormat.Jpeg when EndsIn(stream, [0xFF, 0xD9]) => OfCodec(stream),
            ImageFormat.WebP when BinaryPrimitives.ReadUInt32LittleEndian(start.AsSpan(4)) + 8L <= length => OfCodec(stream),
            ImageFormat.Gif or ImageFormat.Bmp => OfCodec(stream),
            _ => null,
        };
        if (header is not { Width: > 0, Height: > 0 } size)
        {
            return null;
        }

        ImageLimits.Check(path, size.Width, size.Height);
        ImageLimits.CheckHeld(path, (long)size.Width * size.Height, length, format);
        return DecodedPixels.Swaps(size.Exif, orientation) ? (size.Height, size.Width) : (size.Width, size.Height);
    }

    /// <summary>From chunk to chunk up to the end; null where they do not follow each other.</summary>
    private static (int Width, int Height, int Exif)? OfPng(FileStream stream)
    {
        (int Width, int Height, int Exif) found = (0, 0, 1);
        Span<byte> chunk = stackalloc byte[16];
        for (long at = 8; at + 12 <= stream.Length;)
        {
            stream.Position = at;
            int read = stream.ReadAtLeast(chunk, chunk.Length, throwOnEndOfStream: false);
            uint length = BinaryPrimitives.ReadUInt32BigEndian(chunk);
            ReadOnlySpan<byte> type = chunk[4..8];
            if (read < 12 || length > stream.Length - at - 12)
            {
                return null;
            }

            if (type.SequenceEqual("IEND"u8))
            {
                return found;
            }

            if (type.SequenceEqual("IHDR"u8) && read == 16)
            {
                found.Width = BinaryPrimitives.ReadInt32BigEndian(chunk[8..]);
                found.Height = BinaryPrimitives.ReadInt32BigEndian(chunk[12..]);
            }
            else if (type.SequenceEqual("eXIf"u8))
            {
                byte[] exif = new byte[length];
                stream.Position = at + 8;
                stream.ReadExactly(exif);
                found.Exif = Exif.Orientation(exif);
            }

            at += 12 + length;
        }

        return null;
    }

    /// <summary>Whether a marker stands near the end of the file: what follows it there is let pass.</summary>
    private static bool EndsIn(FileStream stream, ReadOnlySpan<byte> marker)
    {
        byte[] tail = new byte[Math.Min(Tail, stream.Length)];
        stream.Position = stream.Length - tail.Length;
        stream.ReadExactly(tail);
        return tail.AsSpan().LastIndexOf(marker) >= 0;
    }

    private static (int Width, int Height, int Exif)? OfCodec(FileStream stream)
    {
        stream.Position = 0;
        try
        {
            using var codec = SKCodec.Create(stream);
            return codec is null ? null : (codec.Info.Width, codec.Info.Height, (int)codec.EncodedOrigin);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException)
        {
            return null;    // the reader says which library is missing
        }
    }
}
