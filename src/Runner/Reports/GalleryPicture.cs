using GpuCam.Runner.Images;

namespace GpuCam.Runner.Reports;

/// <summary>A picture as a page holds it: a file in base64, and of what kind.</summary>
/// <param name="Type">Its media type.</param>
/// <param name="Text">The file.</param>
internal sealed record GalleryPicture(string Type, string Text)
{
    private const string Png = "image/png", Jpeg = "image/jpeg";

    // A JPEG of a photograph takes about a byte for six pixels of the square around it.
    private const int SideSquaredPerByte = 6;

    /// <summary>A PNG file as it is.</summary>
    public static GalleryPicture Whole(string path) => new(Png, Convert.ToBase64String(File.ReadAllBytes(path)));

    /// <summary>
    /// A picture for a page of many: the file itself where it is small, which keeps every pixel, else a JPEG of at most
    /// <paramref name="side"/> pixels a side.
    /// </summary>
    /// <exception cref="GpuCamException">The file is missing or damaged.</exception>
    public static GalleryPicture Within(string path, int side)
    {
        DecodedPicture decoded = ImageReader.ReadReduced(path, ImageOrientation.Exif, (width, height) => Fitted(width, height, side));
        if (Math.Max(decoded.Width, decoded.Height) <= side && new FileInfo(path).Length <= side * side / SideSquaredPerByte)
        {
            byte[] file = File.ReadAllBytes(path);
            ImageFormat format = ImageSniffer.Sniff(file);
            if (format is ImageFormat.Png or ImageFormat.Jpeg)
            {
                return new GalleryPicture(format == ImageFormat.Png ? Png : Jpeg, Convert.ToBase64String(file));
            }
        }

        (long wide, long high) = Fitted(decoded.Width, decoded.Height, side);
        using var jpeg = new MemoryStream();
        JpegWriter.Write(decoded.Image.ScaledTo((int)wide, (int)high), jpeg, JpegWriter.Thumbnail);
        return new GalleryPicture(Jpeg, Convert.ToBase64String(jpeg.GetBuffer(), 0, (int)jpeg.Length));
    }

    private static (long Width, long Height) Fitted(int width, int height, int side)
    {
        double scale = Math.Min(1, (double)side / Math.Max(width, height));
        return (Math.Max(1, (long)Math.Round(width * scale)), Math.Max(1, (long)Math.Round(height * scale)));
    }
}
