using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;

namespace GpuCam.Runner.Images;

/// <summary>
/// Writes JPEG for pages to look at, of quality 75, grey when all pixels are, else with half the resolution for colour; the same picture
/// always gives the same bytes.
/// </summary>
internal static class JpegWriter
{
    private const int Quality = 75;

    /// <summary>Writes the picture to a stream, which is left open.</summary>
    public static void Write(Image8 image, Stream stream)
    {
        if (image.IsGrey)
        {
            using var grey = Image.LoadPixelData<L8>(image.ToGrey(), image.Width, image.Height);
            grey.Save(stream, new JpegEncoder { Quality = Quality, ColorType = JpegColorType.Luminance });
            return;
        }

        using var colour = Image.LoadPixelData<Rgb24>(image.Pixels, image.Width, image.Height);
        colour.Save(stream, new JpegEncoder { Quality = Quality, ColorType = JpegColorType.YCbCrRatio420 });
    }
}
