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

/// <summary>A picture as it was decoded: perhaps smaller than its file has it.</summary>
/// <param name="Image">The pixels, upright.</param>
/// <param name="Width">Columns of the picture in its file, upright.</param>
/// <param name="Height">Its rows.</param>
public sealed record DecodedPicture(Image8 Image, int Width, int Height);

/// <summary>
/// Reads PNG, JPEG, GIF, BMP and WebP, whatever a file is called. Grey becomes three equal channels, CMYK becomes RGB, transparent
/// pixels are laid over white, 16 bits are rounded to 8; gamma and colour profiles are not applied. Of an animation, the first frame.
/// What is cut short or damaged is refused, never shown in part (docs/pictures.md).
/// </summary>
public static class ImageReader
{
    /// <summary>Reads the image file at the path.</summary>
    /// <exception cref="GpuCamException">There is no such file, it may not be read, or <see cref="Read"/> fails.</exception>
    public static Image8 ReadFile(string path, ImageOrientation orientation = ImageOrientation.Exif) =>
        Opened(path, stream => Read(stream, path, orientation));

    /// <summary>
    /// Reads the image file at the path, a large JPEG at 1/2, 1/4 or 1/8 of its size while that is enough: the decoder then leaves out
    /// what is not needed. Pixels are averages over those of the whole picture, nearly.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="orientation">Which way up.</param>
    /// <param name="enough">The size that must at least be left, by the size of the picture, both upright.</param>
    /// <exception cref="GpuCamException">There is no such file, it may not be read, or <see cref="Read"/> fails.</exception>
    public static DecodedPicture ReadReduced(
        string path, ImageOrientation orientation, Func<int, int, (long Width, long Height)> enough) =>
        Opened(path, stream => ReadReduced(ReadAll(stream, path), path, orientation, enough));

    private static T Opened<T>(string path, Func<Stream, T> read)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return read(stream);
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
    public static Image8 Read(Stream stream, string nameForErrors, ImageOrientation orientation = ImageOrientation.Exif) =>
        ReadReduced(ReadAll(stream, nameForErrors), nameForErrors, orientation, null).Image;

    /// <summary>
    /// Reads an image file that lies in memory; a large JPEG at 1/2, 1/4 or 1/8 of its size while that is enough.
    /// </summary>
    /// <param name="file">The whole file; taken over, and perhaps written to.</param>
    /// <param name="nameForErrors">What the user calls the file.</param>
    /// <param name="orientation">Which way up.</param>
    /// <param name="enough">The size that must at least be left, by that of the picture; null for the picture as it is.</param>
    /// <exception cref="GpuCamException">As <see cref="Read"/>.</exception>
    public static DecodedPicture ReadReduced(
        byte[] file, string nameForErrors, ImageOrientation orientation, Func<int, int, (long Width, long Height)>? enough)
    {
        ImageFormat format = ImageSniffer.Sniff(file);
        switch (format)
        {
            case ImageFormat.Png:
                var png = PngFile.Parse(file, nameForErrors);
                Image8 image = DecodedPixels.Turned(
                    png.Depth == 16 ? PngSamples16.Read(png, nameForErrors) : Decode(png.Plain(), format, nameForErrors, null).Image,
                    png.Orientation, orientation);
                return new DecodedPicture(image, image.Width, image.Height);
            case ImageFormat.Jpeg:
                JpegFile.Check(file, nameForErrors);
                break;
            case ImageFormat.WebP:
                CheckWebP(file, nameForErrors);
                break;
            case ImageFormat.Other:
                throw ImageSniffer.CannotRead(file, nameForErrors);
        }

        Stored stored = Decode(file, format, nameForErrors, enough is null ? null : (width, height, exif) =>
        {
            (long Width, long Height) least = DecodedPixels.Swaps(exif, orientation) ? enough(height, width) : enough(width, height);
            return DecodedPixels.Swaps(exif, orientation) ? (least.Height, least.Width) : least;
        });
        Image8 upright = DecodedPixels.Turned(stored.Image, stored.Exif, orientation);
        return DecodedPixels.Swaps(stored.Exif, orientation)
            ? new DecodedPicture(upright, stored.Height, stored.Width)
            : new DecodedPicture(upright, stored.Width, stored.Height);
    }

    private static Stored Decode(
        ReadOnlySpan<byte> file, ImageFormat format, string name, Func<int, int, int, (long Width, long Height)>? enough)
    {
        try
        {
            return DecodeNative(file, format, name, enough);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or TypeInitializationException)
        {
            throw new GpuCamException(
                $"{name}: the library that reads pictures, libSkiaSharp, is not there for {RuntimeInformation.RuntimeIdentifier}; "
                + "use Linux, Windows or macOS on x64 or ARM64", e);
        }
    }

    private static unsafe Stored DecodeNative(
        ReadOnlySpan<byte> file, ImageFormat format, string name, Func<int, int, int, (long Width, long Height)>? enough)
    {
        fixed (byte* bytes = file)
        {
            // The decoder works on these bytes without a copy, so it must be gone before they are let go.
            using var data = SKData.Create((nint)bytes, file.Length);
            using SKCodec codec = SKCodec.Create(data) ?? throw Bad("its header is broken or of a kind that is not read");
            SKImageInfo header = codec.Info;
            ImageLimits.Check(name, header.Width, header.Height);
            ImageLimits.CheckHeld(name, (long)header.Width * header.Height, file.Length, format);
            int exif = (int)codec.EncodedOrigin;
            SKSizeI size = format == ImageFormat.Jpeg && enough is not null
                ? Reduced(codec, enough(header.Width, header.Height, exif))
                : header.Size;
            // Without a colour space of its own the target gets the stored colours.
            var target = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
            byte[] pixels = new byte[target.BytesSize];
            fixed (byte* start = pixels)
            {
                switch (codec.GetPixels(target, (nint)start))
                {
                    case SKCodecResult.Success:
                        bool opaque = header.AlphaType == SKAlphaType.Opaque;
                        return new Stored(
                            opaque
                                ? DecodedPixels.Opaque(pixels, size.Width, size.Height)
                                : DecodedPixels.OverWhite(pixels, size.Width, size.Height),
                            header.Width, header.Height, exif);
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

    /// <summary>The smallest of the sizes that the decoder makes by itself, halved up to three times.</summary>
    private static SKSizeI Reduced(SKCodec codec, (long Width, long Height) least)
    {
        foreach (float scale in (float[])[1f / 8, 1f / 4, 1f / 2])
        {
            SKSizeI size = codec.GetScaledDimensions(scale);
            if (size.Width >= least.Width && size.Height >= least.Height)
            {
                return size;
            }
        }

        return codec.Info.Size;
    }

    private static string Name(ImageFormat format) => format == ImageFormat.WebP ? "WebP" : format.ToString().ToUpperInvariant();

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

    /// <summary>As it lies in the file, perhaps reduced; the size is that of the file.</summary>
    private readonly record struct Stored(Image8 Image, int Width, int Height, int Exif);
}
