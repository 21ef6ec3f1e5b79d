using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats.Jpeg;
using SixLabors.ImageSharp.PixelFormats;

namespace GpuCam.Runner.Images;

/// <summary>Writes JPEG, for photographs; the same picture always gives the same bytes.</summary>
public static class JpegWriter
{
    private static readonly JpegEncoder s_encoder = new() { Quality = 88 };

    /// <summary>Writes the picture to a stream, which is left open.</summary>
    public static void Write(Image8 image, Stream stream)
    {
        using var picture = Image.LoadPixelData<Rgb24>(image.Pixels, image.Width, image.Height);
        picture.Save(stream, s_encoder);
    }

    /// <summary>Writes a file: whole or not at all (<see cref="AtomicFile"/>).</summary>
    /// <exception cref="GpuCamException">The folder cannot be written.</exception>
    public static void WriteFile(string path, Image8 image) => AtomicFile.Write(path, stream => Write(image, stream));
}
