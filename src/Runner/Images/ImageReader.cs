using System.Runtime.InteropServices;
using GpuCam.Runner.Images.Formats;
using SkiaSharp;

namespace GpuCam.Runner.Images;

/// <summary>Which way up a picture is read whose file says how the camera was held.</summary>
public enum ImageOrientation
{
    /// <summary>As viewers show it: the EXIF orientation of a JPEG, PNG or WebP file is applied.</summary>
    Exif,

    /// <summary>The pixels as they are stored.</summary>
    Stored,
}

/// <summary>
/// Reads PNG, JPEG, GIF, BMP and WebP, whatever a file is called. Grey becomes three equal channels, CMYK becomes RGB, transparent
/// pixels are laid over white, 16 bits are rounded to 8; gamma and colour profiles are not applied. Of an animation, the first frame.
/// What is cut short or damaged is refused, never shown in part (docs/pictures.md).
/// </summary>
public static class ImageReader
{
    /// <summary>Reads the image file at the path.</summary>
    /// <exception cref="GpuCamException">There is no such file, it may not be read, or <see cref="Read"/> fails.</exception>
    public static Image8 ReadFile(string path, ImageOrientation orientation = ImageOrientation.Exif)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(stream, path, orientation);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new GpuCamException($"{path}: there is no such file; check the path", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            string what = Directory.Exists(path)
                ? "is a folder, not an image; name a file in it"
                : $"cannot be read ({e.Message}); check its permissions";
            throw new GpuCamException($"{path}: {what}", e);
        }
    }

    /// <summary>Reads a whole image.</summary>
    /// <param name="stream">Read from its current place to the end; need not be seekable.</param>
    /// <param name="nameForErrors">What the user calls the file, usually its path.</param>
    /// <param name="orientation">Which way up.</param>
    /// <exception cref="GpuCamException">No image, a format that is not read, a damaged file, or one too big; one line.</exception>
    public static Image8 Read(Stream stream, string nameForErrors, ImageOrientation orientation = ImageOrientation.Exif)
    {
        byte[] file = ReadAll(stream, nameForErrors);
        ImageFormat format = ImageSniffer.Sniff(file);
        switch (format)
        {
            case ImageFormat.Png:
                var png = PngFile.Parse(file, nameForErrors);
                Image8 image = png.Depth == 16 ? PngSamples16.Read(png, nameForErrors) : Decode(png.Plain(), format, nameForErrors, out _);
                return Turned(image, png.Orientation, orientation);
            case ImageFormat.Jpeg:
                JpegFile.Check(file, nameForErrors);
                break;
            case ImageFormat.WebP:
                CheckWebP(file, nameForErrors);
                break;
            case ImageFormat.Other:
                throw ImageSniffer.CannotRead(file, nameForErrors);
        }

        return Turned(Decode(file, format, nameForErrors, out SKEncodedOrigin origin), (int)origin, orientation);
    }

    private static Image8 Decode(ReadOnlySpan<byte> file, ImageFormat format, string name, out SKEncodedOrigin origin)
    {
        try
        {
            return DecodeNative(file, format, name, out origin);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException)
        {
            throw new GpuCamException(
                $"{name}: the library that reads pictures, libSkiaSharp, is not there for {RuntimeInformation.RuntimeIdentifier}; "
                + "use Linux, Windows or macOS on x64 or ARM64", e);
        }
    }

    private static unsafe Image8 DecodeNative(ReadOnlySpan<byte> file, ImageFormat format, string name, out SKEncodedOrigin origin)
    {
        fixed (byte* bytes = file)
        {
            // The decoder works on these bytes without a copy, so it must be gone before they are let go.
            using var data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw Bad("its header is broken or of a kind that is not read");
            SKImageInfo header = codec.Info;
            ImageLimits.Check(name, header.Width, header.Height);
            ImageLimits.CheckHeld(name, (long)header.Width * header.Height, file.Length, format);
            origin = codec.EncodedOrigin;
            // Without a colour space of its own the target gets the stored colours.
            var target = new SKImageInfo(header.Width, header.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
            byte[] pixels = new byte[target.BytesSize];
            fixed (byte* start = pixels)
            {
                switch (codec.GetPixels(target, (nint)start))
                {
                    case SKCodecResult.Success:
                        return OverWhite(pixels, header.Width, header.Height);
                    case SKCodecResult.Unimplemented or SKCodecResult.InvalidConversion:
                        throw Bad("it is of a kind that is not read");
                    default:
                        throw Bad("its pixels are broken or end too early");
                }
            }
        }

        GpuCamException Bad(string what) =>
            new($"{name}: the {Name(format)} file cannot be read: {what}; get or make it again, as PNG if need be");
    }

    private static string Name(ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

    /// <summary>From RGBA: value * alpha + 255 * (1 - alpha), rounded once.</summary>
    private static Image8 OverWhite(byte[] rgba, int width, int height)
    {
        var image = new Image8(width, height);
        byte[] pixels = image.Pixels;
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3], white = (255 * (255 - alpha)) + 127;
            pixels[to] = (byte)(((rgba[from] * alpha) + white) / 255);
            pixels[to + 1] = (byte)(((rgba[from + 1] * alpha) + white) / 255);
            pixels[to + 2] = (byte)(((rgba[from + 2] * alpha) + white) / 255);
        }

        return image;
    }

    /// <summary>The picture upright. EXIF counts 1 to 8; from 5 on rows are columns.</summary>
    private static Image8 Turned(Image8 stored, int exif, ImageOrientation orientation)
    {
        if (orientation == ImageOrientation.Stored || exif is < 2 or > 8)
        {
            return stored;
        }

        bool swapped = exif >= 5, fromRight = exif is 2 or 3 or 7 or 8, fromBottom = exif is 3 or 4 or 6 or 7;
        Image8 upright = swapped ? new Image8(stored.Height, stored.Width) : new Image8(stored.Width, stored.Height);
        for (int y = 0; y < upright.Height; y++)
        {
            for (int x = 0; x < upright.Width; x++)
            {
                (int column, int row) = swapped ? (y, x) : (x, y);
                upright[x, y] = stored[fromRight ? stored.Width - 1 - column : column, fromBottom ? stored.Height - 1 - row : row];
            }
        }

        return upright;
    }

    /// <summary>The container tells its length; the decoder would show what is there of a shorter file.</summary>
    private static void CheckWebP(ReadOnlySpan<byte> file, string name)
    {
        long claimed = System.Buffers.Binary.BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) + 8L;
        if (claimed > file.Length)
        {
            throw new GpuCamException(
                $"{name}: the WebP file is damaged: it claims {claimed} bytes, but has {file.Length}; get or make the file again");
        }
    }

    /// <summary>The rest of the stream, with a limit, so that an endless one ends in an error.</summary>
    private static byte[] ReadAll(Stream stream, string name)
    {
        long expected = stream.CanSeek ? stream.Length - stream.Position : 0;
        using var bytes = new MemoryStream((int)Math.Clamp(expected, 0, ImageLimits.MaxFileBytes));
        byte[] buffer = new byte[81920];
        int read;
        while ((read = stream.Read(buffer)) > 0)
        {
            if (bytes.Length + read > ImageLimits.MaxFileBytes)
            {
                throw new GpuCamException($"{name}: the file is longer than {ImageLimits.MaxFileBytes} bytes; scale the image down");
            }

            bytes.Write(buffer, 0, read);
        }

        return bytes.Length == bytes.Capacity ? bytes.GetBuffer() : bytes.ToArray();
    }
}
