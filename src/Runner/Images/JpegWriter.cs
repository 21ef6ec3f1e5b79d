using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;

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
    public static void Write(Image8 image, Stream stream, int quality)
    {
        if (image.IsGrey)
        {
            using var grey = Image.LoadPixelData<L8>(image.ToGrey(), image.Width, image.Height);
            grey.Save(stream, new JpegEncoder { Quality = quality, ColorType = JpegColorType.Luminance });
            return;
        }

        using var colour = Image.LoadPixelData<Rgb24>(image.Pixels, image.Width, image.Height);
        colour.Save(stream, new JpegEncoder { Quality = quality, ColorType = JpegColorType.YCbCrRatio420 });
    }

    /// <summary>Writes a file: whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="GpuCamException">The folder cannot be written.</exception>
    public static void WriteFile(string path, Image8 image) => AtomicFile.Write(path, stream => Write(image, stream, Drawn));
}
