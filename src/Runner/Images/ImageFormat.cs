using System.Buffers.Binary;

namespace GpuCam.Runner.Images;

/// <summary>What a file is by its first bytes; its name is never asked.</summary>
internal enum ImageFormat
{
    /// <summary>None of the formats that are read.</summary>
    Other,

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
}

/// <summary>Tells formats apart and words what is wrong with a file that is not read.</summary>
internal static class ImageSniffer
{
    private const string Readable = "PNG, JPEG, GIF, BMP or WebP";

    /// <summary>The PNG signature.</summary>
    public static ReadOnlySpan<byte> PngSignature => [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A];

    /// <summary>The format by the file's first bytes (32 are enough).</summary>
    public static ImageFormat Sniff(ReadOnlySpan<byte> file)
    {
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
        // "BM" alone could start a text; a bitmap has its 4 reserved bytes zero.
        bool isBitmap = file.StartsWith("BM"u8) && file.Length >= 10 && file[6..10].IndexOfAnyExcept((byte)0) < 0;
        return isBitmap ? ImageFormat.Bmp : ImageFormat.Other;
    }

    /// <summary>The error for a file of another format.</summary>
    public static GpuCamException CannotRead(ReadOnlySpan<byte> file, string name)
    {
        string message;
        if (file.IsEmpty)
        {
            message = $"the file is empty (0 bytes); give a {Readable} image";
        }
        else if (file.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
        {
            message = "this is a gzip stream, not an image; unpack it first (gunzip)";
        }
        else if (file.StartsWith("PK\x03\x04"u8))
        {
            message = $"this is a ZIP archive, not an image; unpack it and give a {Readable} image in it";
        }
        else if (OtherFormat(file) is { } format)
        {
            message = $"this is a {format} image, which is not read; convert it to PNG (magick IN out.png)";
        }
        else if (LooksLikeText(file))
        {
            message = $"this is no image but text, starting with \"{Printable(file)}\"; give a {Readable} image";
        }
        else
        {
            string start = Convert.ToHexString(file[..Math.Min(8, file.Length)]);
            message = $"this is no image known here, its first bytes are {start}; give a {Readable} image";
        }

        return new GpuCamException($"{name}: {message}");
    }

    /// <summary>The name of a format that image programs read, but not this one; null for none of them.</summary>
    private static string? OtherFormat(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> start = file[..Math.Min(16, file.Length)];
        if (start.StartsWith("II*\0"u8) || start.StartsWith("MM\0*"u8) || start.StartsWith("II+\0"u8) || start.StartsWith("MM\0+"u8))
        {
            return "TIFF";
        }

        if (start.Length >= 12 && start[4..].StartsWith("ftyp"u8))
        {
            return start[8..].StartsWith("avi"u8) ? "AVIF" : "HEIC";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x0A]) || start.StartsWith("\0\0\0\x0CJXL "u8))
        {
            return "JPEG XL";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0xFF, 0x4F, 0xFF, 0x51]) || start.StartsWith("\0\0\0\x0CjP  "u8))
        {
            return "JPEG 2000";
        }

        if (start.StartsWith("\0\0\x01\0"u8) && start.Length >= 6 && start[4] > 0 && start[5] == 0)
        {
            return "ICO";
        }

        if (start.StartsWith("8BPS"u8))
        {
            return "Photoshop";
        }

        if (start.StartsWith("qoif"u8))
        {
            return "QOI";
        }

        if (start.StartsWith("DDS "u8))
        {
            return "DDS";
        }

        if (start.StartsWith((ReadOnlySpan<byte>)[0x76, 0x2F, 0x31, 0x01]))
        {
            return "OpenEXR";
        }

        if (start.StartsWith("#?RADIANCE"u8))
        {
            return "Radiance HDR";
        }

        if (start.StartsWith("%PDF-"u8))
        {
            return "PDF";
        }

        if (start.StartsWith("<svg"u8))
        {
            return "SVG";
        }

        if (start.Length >= 3 && start[0] == 'P' && start[1] is >= (byte)'1' and <= (byte)'7' && start[2] is (byte)'\n' or (byte)' ')
        {
            return "PNM";
        }

        return IsTarga(file) ? "TGA" : null;
    }

    /// <summary>By the signature at its end, or, as old files have none, by a header whose fields all have values that exist.</summary>
    private static bool IsTarga(ReadOnlySpan<byte> file)
    {
        if (file.Length < 18)
        {
            return false;
        }

        bool pictured = (file[1], file[2]) is (0, 2 or 3 or 10 or 11) or (1, 1 or 9);
        bool sized = BinaryPrimitives.ReadUInt16LittleEndian(file[12..]) > 0 && BinaryPrimitives.ReadUInt16LittleEndian(file[14..]) > 0;
        return file.EndsWith("TRUEVISION-XFILE.\0"u8) || (pictured && sized && file[16] is 8 or 15 or 16 or 24 or 32 && file[17] < 64);
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
