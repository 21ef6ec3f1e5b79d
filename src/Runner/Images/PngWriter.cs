using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace GpuCam.Runner.Images;

/// <summary>Writes PNG of 8 bits a channel, grey when all pixels are, else RGB; the same picture always gives the same bytes.</summary>
public static class PngWriter
{
    private static readonly PngEncoder s_grey = Encoder(PngColorType.Grayscale);
    private static readonly PngEncoder s_rgb = Encoder(PngColorType.Rgb);

    /// <summary>Writes the picture to a stream, which is left open.</summary>
    public static void Write(Image8 image, Stream stream)
    {
        if (image.IsGrey)
        {
            Save<L8>(image.ToGrey(), image, stream, s_grey);
        }
        else
        {
            Save<Rgb24>(image.Pixels, image, stream, s_rgb);
        }
    }

    /// <summary>Writes a file: whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="GpuCamException">The folder cannot be written.</exception>
    public static void WriteFile(string path, Image8 image) =>
        AtomicFile.Write(path, stream => Write(image, stream), flushed: false);

    private static void Save<TPixel>(byte[] samples, Image8 size, Stream stream, PngEncoder encoder)
        where TPixel : unmanaged, IPixel<TPixel>
    {
        using var picture = Image.LoadPixelData<TPixel>(samples, size.Width, size.Height);
        picture.Save(stream, encoder);
    }

    private static PngEncoder Encoder(PngColorType colour) => new()
    {
        ColorType = colour,
        BitDepth = PngBitDepth.Bit8,
        FilterMethod = PngFilterMethod.Adaptive,
        CompressionLevel = PngCompressionLevel.Level8,
        IgnoreMetadata = true,
    };
}
