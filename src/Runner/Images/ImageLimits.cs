namespace GpuCam.Runner.Images;

/// <summary>What an image file may ask for. A header can claim anything; these are checked before memory is taken.</summary>
public static class ImageLimits
{
    /// <summary>Most pixels of one picture (192 MB of RGB).</summary>
    public const int MaxPixels = 64 * 1024 * 1024;

    /// <summary>Longest image file that is read, in bytes.</summary>
    public const int MaxFileBytes = 256 * 1024 * 1024;

    // A GIF may leave most of its canvas empty, a BMP most of its rows; that is allowed while it costs little.
    private const int HarmlessPixels = 1024 * 1024;

    /// <summary>Fails when a picture of that size would be too big or empty.</summary>
    /// <exception cref="GpuCamException">A side is not positive or there are too many pixels.</exception>
    internal static void Check(string name, long width, long height)
    {
        if (width < 1 || height < 1)
        {
            throw Bad($"gives a size of {width} x {height} pixels; the file is damaged, make it again");
        }

        if (width > MaxPixels || height > MaxPixels || width * height > MaxPixels)
        {
            throw Bad($"claims {width} x {height} pixels, more than the {MaxPixels} that are read; scale it down, or the file is damaged");
        }

        GpuCamException Bad(string what) => new($"{name}: the image's header {what}");
    }

    /// <summary>
    /// Fails when a file is too short for its pixels, by the best that a format's compression can do; that of PNG is in
    /// <see cref="Formats.PngFile"/>.
    /// </summary>
    /// <exception cref="GpuCamException">It is.</exception>
    internal static void CheckHeld(string name, long pixels, long bytes, ImageFormat format)
    {
        long perByte = format switch
        {
            ImageFormat.Jpeg => 8 * 256,    // a bit for each 8x8 block of the component that is sampled most densely along a side
            ImageFormat.Gif => 2600,        // codes of 12 bits for runs of up to 4096 - 256 equal pixels
            ImageFormat.Bmp => 128,         // two bytes for a run of 255
            ImageFormat.WebP => 32 * 1024,  // what libwebp makes of a single colour; nothing else comes near
            _ => MaxPixels,
        };
        if (pixels > HarmlessPixels && pixels > bytes * perByte)
        {
            throw new GpuCamException(
                $"{name}: the image's header claims {pixels} pixels, but {bytes} bytes cannot hold them; get or make the file again");
        }
    }
}
