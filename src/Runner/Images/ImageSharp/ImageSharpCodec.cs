using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.Formats.Png;
using SixLabors.ImageSharp.PixelFormats;

namespace GpuCam.Runner.Images;

/// <summary>
/// All formats through ImageSharp. A PNG's skeleton is checked by our own code first, for the same errors in every build.
/// </summary>
internal sealed class ImageSharpCodec : IImageCodec
{
    private static readonly PngEncoder Grey = Encoder(PngColorType.Grayscale);
    private static readonly PngEncoder Colour = Encoder(PngColorType.Rgb);

    public string Name => "ImageSharp";

    public bool CanRead(ImageFormat format) =>
        format is ImageFormat.Png or ImageFormat.Jpeg or ImageFormat.Gif or ImageFormat.WebP or ImageFormat.Bmp or ImageFormat.Tiff;

    public Image8 Read(Stream stream, string nameForErrors)
    {
        byte[] file = ImageCodec.ReadAll(stream, nameForErrors);
        ImageFormat format = ImageSniffer.Sniff(file);
        if (!CanRead(format))
            throw ImageSniffer.CannotRead(format, file, nameForErrors, this);
        if (format == ImageFormat.Png)
            RefuseMisread(Png.Parse(file, nameForErrors).Header, nameForErrors);
        try
        {
            var options = new DecoderOptions { MaxFrames = 1, SkipMetadata = true };
            ImageInfo info = Image.Identify(options, file);
            ImageLimits.Check(nameForErrors, info.Width, info.Height, 0);
            // 16 bits a channel, so that rounding to 8 happens once, in OverWhite.
            using var image = Image.Load<Rgba64>(options, file);
            return OverWhite(image);
        }
        catch (Exception e) when (e is not GpuCamException)
        {
            // Whatever a decoder trips over in a damaged file, the file is to blame.
            string what = $"the {format.ToString().ToUpperInvariant()} file cannot be read: {e.Message.ReplaceLineEndings(" ")}";
            throw new GpuCamException($"{nameForErrors}: {what}; get or make the file again", e);
        }
    }

    public void WritePng(Image8 image, Stream stream)
    {
        if (image.IsGrey)
        {
            using var grey = Image.LoadPixelData<L8>(image.ToGrey(), image.Width, image.Height);
            grey.Save(stream, Grey);
            return;
        }
        using var colour = Image.LoadPixelData<Rgb24>(image.Pixels, image.Width, image.Height);
        colour.Save(stream, Colour);
    }

    /// <summary>
    /// ImageSharp 3.1 does not start at the right row after an Adam7 pass without columns, so it takes wrong pixels from interlaced
    /// images narrower than 5; an error is better than a wrong picture.
    /// </summary>
    private static void RefuseMisread(PngHeader header, string name)
    {
        if (header is { Interlaced: true, Width: < 5 })
        {
            throw new GpuCamException($"{name}: the ImageSharp codec of this build misreads interlaced PNG images narrower than 5 pixels; "
                + "save it without interlacing");
        }
    }

    private static PngEncoder Encoder(PngColorType colour) => new()
    {
        ColorType = colour,
        BitDepth = PngBitDepth.Bit8,
        FilterMethod = PngFilterMethod.Adaptive,
        CompressionLevel = PngCompressionLevel.BestCompression,
        SkipMetadata = true,
    };

    private static Image8 OverWhite(Image<Rgba64> source)
    {
        var image = new Image8(source.Width, source.Height);
        source.ProcessPixelRows(rows =>
        {
            for (int y = 0; y < rows.Height; y++)
            {
                Span<Rgba64> row = rows.GetRowSpan(y);
                for (int x = 0; x < row.Length; x++)
                    image[x, y] = new Rgb(Mix(row[x].R, row[x].A), Mix(row[x].G, row[x].A), Mix(row[x].B, row[x].A));
            }
        });
        return image;
    }

    private static byte Mix(ushort value, ushort alpha)
    {
        const ulong full = ushort.MaxValue;
        ulong mixed = ((ulong)value * alpha) + (full * (full - alpha));
        return (byte)(((mixed * 255) + (full * full / 2)) / (full * full));
    }
}
