namespace GpuCam.Runner.Images;

/// <summary>What a file is by its first bytes; its name is never asked.</summary>
public enum ImageFormat
{
    /// <summary>None of the formats known here.</summary>
    Unknown,

    /// <summary>No bytes at all.</summary>
    Empty,

    /// <summary>Printable text: HTML of an error page, a CSV, ...</summary>
    Text,

    /// <summary>Portable Network Graphics (ISO/IEC 15948).</summary>
    Png,

    /// <summary>JPEG (ITU-T T.81).</summary>
    Jpeg,

    /// <summary>GIF 87a or 89a.</summary>
    Gif,

    /// <summary>WebP in its RIFF container.</summary>
    WebP,

    /// <summary>Windows bitmap.</summary>
    Bmp,

    /// <summary>TIFF, either byte order.</summary>
    Tiff,

    /// <summary>A gzip stream, perhaps with an image within.</summary>
    Gzip,
}

/// <summary>Tells formats apart and words what is wrong with a file that cannot be read; shared by all codecs.</summary>
internal static class ImageSniffer
{
    /// <summary>The PNG signature.</summary>
    public static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The format by the file's first bytes (32 are enough).</summary>
    public static ImageFormat Sniff(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            return ImageFormat.Empty;
        }

        if (file.StartsWith(PngSignature[..4]))
        {
            return ImageFormat.Png;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
        {
            return ImageFormat.Jpeg;
        }

        if (file.StartsWith("GIF87a"u8) || file.StartsWith("GIF89a"u8))
        {
            return ImageFormat.Gif;
        }

        if (file.StartsWith("RIFF"u8) && file.Length >= 12 && file[8..12].SequenceEqual("WEBP"u8))
        {
            return ImageFormat.WebP;
        }

        if (file.StartsWith("II*\0"u8) || file.StartsWith("MM\0*"u8))
        {
            return ImageFormat.Tiff;
        }

        if (file.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            return ImageFormat.Gzip;
        }
        // "BM" alone could start a text; a bitmap has its 4 reserved bytes zero.
        if (file.StartsWith("BM"u8) && file.Length >= 10 && file[6..10].IndexOfAnyExcept((byte)0) < 0)
        {
            return ImageFormat.Bmp;
        }

        return LooksLikeText(file) ? ImageFormat.Text : ImageFormat.Unknown;
    }

    /// <summary>The error for a file that the codec does not read.</summary>
    public static GpuCamException CannotRead(ImageFormat format, ReadOnlySpan<byte> file, string name, IImageCodec codec)
    {
        string readable = codec.CanRead(ImageFormat.Gif) ? "PNG, JPEG, GIF, WebP, BMP or TIFF" : "PNG or JPEG";
        string message = format switch
        {
            ImageFormat.Empty => $"the file is empty (0 bytes); give a {readable} image",
            ImageFormat.Text => $"this is no image but text, starting with \"{Printable(file)}\"; give a {readable} image",
            ImageFormat.Gzip => "this is a gzip stream, not an image; unpack it first (gunzip)",
            ImageFormat.Unknown => "this is no image known here, its first bytes are "
                + $"{Convert.ToHexString(file[..Math.Min(8, file.Length)])}; give a {readable} image",
            _ => $"this is a {format.ToString().ToUpperInvariant()} image, which the {codec.Name} codec of this build does not read; "
                + "convert it to PNG (magick in out.png), or build with the SixLabors.ImageSharp package (-p:ImageSharp=package)",
        };
        return new GpuCamException($"{name}: {message}");
    }

    private static bool LooksLikeText(ReadOnlySpan<byte> file)
    {
        foreach (byte b in file[..Math.Min(64, file.Length)])
        {
            // UTF-8 continuation bytes count as text; control characters but tab, LF, CR, form feed do not.
            if (b is < 9 or 11 or (> 13 and < 32) or 127)
            {
                return false;
            }
        }

        return file[0] < 0x80 || file.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]);
    }

    private static string Printable(ReadOnlySpan<byte> file)
    {
        char[] text = new char[Math.Min(24, file.Length)];
        for (int i = 0; i < text.Length; i++)
        {
            text[i] = file[i] is >= 32 and < 127 and not (byte)'"' ? (char)file[i] : '.';
        }

        return new string(text);
    }
}
