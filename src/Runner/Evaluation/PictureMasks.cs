using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Images;

namespace GpuCam.Runner.Evaluation;

/// <summary>Masks of pictures: PNG files, the object above 0, of any size: each is scaled to the picture.</summary>
internal static class PictureMasks
{
    /// <summary>
    /// 1 where any mask names the object, else <see cref="PixelPrecision.Ignored"/> where the ignore mask is above 0, else 0; empty where
    /// no mask is known.
    /// </summary>
    /// <exception cref="GpuCamException">A file cannot be read.</exception>
    public static byte[] Read(DataPicture picture, int width, int height, MapRules rules)
    {
        if (picture.Masks.Count == 0)
        {
            return [];
        }

        byte[] mask = new byte[width * height];
        if (picture.IgnoreMask is { } ignore)
        {
            Mark(ignore, PixelPrecision.Ignored);
        }

        foreach (string path in picture.Masks)
        {
            Mark(path, 1);
        }

        return mask;

        void Mark(string path, byte value)
        {
            Image8 image = ImageReader.ReadFile(path, ImageOrientation.Stored);
            byte[] above = new byte[image.Width * image.Height];
            for (int i = 0; i < above.Length; i++)
            {
                above[i] = image.Pixels.AsSpan(3 * i, 3).ContainsAnyExcept((byte)0) ? (byte)1 : (byte)0;
            }

            byte[] scaled = Scaled(above, image.Width, image.Height, width, height, rules);
            for (int i = 0; i < mask.Length; i++)
            {
                mask[i] = scaled[i] != 0 ? value : mask[i];
            }
        }
    }

    /// <summary>
    /// A mask of another size: each pixel is the one that its middle falls on; by the rules of the public code, its corner.
    /// </summary>
    public static byte[] Scaled(ReadOnlySpan<byte> mask, int width, int height, int newWidth, int newHeight, MapRules rules)
    {
        int[] columns = Places(width, newWidth, rules), rows = Places(height, newHeight, rules);
        byte[] scaled = new byte[newWidth * newHeight];
        for (int i = 0; i < scaled.Length; i++)
        {
            scaled[i] = mask[(rows[i / newWidth] * width) + columns[i % newWidth]];
        }

        return scaled;
    }

    private static int[] Places(int from, int to, MapRules rules)
    {
        // The reciprocal of a quotient, as OpenCV has it: that decides where a corner meets a whole number.
        double step = 1 / ((double)to / from), shift = rules == MapRules.Contours ? 0 : 0.5;
        return [.. Enumerable.Range(0, to).Select(i => Math.Min(from - 1, (int)Math.Floor((i + shift) * step)))];
    }
}
