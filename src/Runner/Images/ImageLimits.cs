namespace GpuCam.Runner.Images;

/// <summary>What an image file may ask for. A header can claim anything; these are checked before memory is taken.</summary>
public static class ImageLimits
{
    /// <summary>Most pixels of one picture (192 MB of RGB).</summary>
    public const int MaxPixels = 64 * 1024 * 1024;

    /// <summary>Longest image file that is read, in bytes.</summary>
    public const int MaxFileBytes = 256 * 1024 * 1024;

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
}
