using SkiaSharp;

namespace GpuCam.Runner.Images;

/// <summary>
/// Writes JPEG, for photographs: grey when all pixels are, else with half the resolution for colour; the same picture always gives the same
/// bytes.
/// </summary>
internal static class JpegWriter
{
    /// <summary>For what is drawn over photographs.</summary>
    public const int Drawn = 88;

    /// <summary>For thumbnails in a page.</summary>
    public const int Thumbnail = 75;

    /// <summary>Writes the picture to a stream, which is left open.</summary>
    public static unsafe void Write(Image8 image, Stream stream, int quality)
    {
        bool grey = image.IsGrey;
        byte[] samples = grey ? image.ToGrey() : WithFourthByte(image.Pixels);
        var info = new SKImageInfo(image.Width, image.Height, grey ? SKColorType.Gray8 : SKColorType.Rgb888x, SKAlphaType.Opaque);
        fixed (byte* start = samples)
        {
            using var pixels = new SKPixmap(info, (nint)start);
            var options = new SKJpegEncoderOptions(quality, SKJpegEncoderDownsample.Downsample420, SKJpegEncoderAlphaOption.Ignore);
            using SKData file = pixels.Encode(options)
                ?? throw new GpuCamException($"a picture of {image.Width} x {image.Height} pixels cannot be JPEG: at most 65535 a side");
            stream.Write(file.AsSpan());
        }
    }

    /// <summary>Writes a file: whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="GpuCamException">The folder cannot be written.</exception>
    public static void WriteFile(string path, Image8 image) =>
        AtomicFile.Write(path, stream => Write(image, stream, Drawn), flushed: false);

    /// <summary>RGB as the encoder takes it: four bytes a pixel, of which it skips the last.</summary>
    private static unsafe byte[] WithFourthByte(byte[] pixels)
    {
        int count = pixels.Length / 3;
        byte[] wide = GC.AllocateUninitializedArray<byte>(4 * count);
        fixed (byte* from = pixels, to = wide)
        {
            uint* target = (uint*)to;
            byte* source = from;
            for (int i = 0; i < count; i++, source += 3)
            {
                target[i] = source[0] | ((uint)source[1] << 8) | ((uint)source[2] << 16) | 0xFF000000;
            }
        }

        return wide;
    }
}
