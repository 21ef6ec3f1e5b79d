using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>From what a decoder gives to a picture: opaque, upright RGB.</summary>
internal static class DecodedPixels
{
    private const int TurnedRows = 32;

    /// <summary>Whether rows become columns.</summary>
    public static bool Swaps(int exif, ImageOrientation orientation) => orientation == ImageOrientation.Exif && exif is >= 5 and <= 8;

    /// <summary>From RGBX: the first three bytes of four.</summary>
    public static Image8 Opaque(byte[] rgba, int width, int height)
    {
        var image = new Image8(width, height);
        ref byte from = ref MemoryMarshal.GetArrayDataReference(rgba), to = ref MemoryMarshal.GetArrayDataReference(image.Pixels);
        var threeOfFour = Vector128.Create((byte)0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 255, 255, 255, 255);
        int pixel = 0;
        // Sixteen bytes are written for twelve, so the last pixels are left to the loop below.
        for (; pixel <= (width * height) - 6; pixel += 4)
        {
            var four = Vector128.LoadUnsafe(ref from, (nuint)(4 * pixel));
            Vector128.Shuffle(four, threeOfFour).StoreUnsafe(ref to, (nuint)(3 * pixel));
        }

        for (; pixel < width * height; pixel++)
        {
            rgba.AsSpan(4 * pixel, 3).CopyTo(image.Pixels.AsSpan(3 * pixel));
        }

        return image;
    }

    /// <summary>From RGBA: value * alpha + 255 * (1 - alpha), rounded once.</summary>
    public static Image8 OverWhite(byte[] rgba, int width, int height)
    {
        var image = new Image8(width, height);
        byte[] pixels = image.Pixels;
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            pixels[to] = RgbPicture.OverWhite(rgba[from], alpha);
            pixels[to + 1] = RgbPicture.OverWhite(rgba[from + 1], alpha);
            pixels[to + 2] = RgbPicture.OverWhite(rgba[from + 2], alpha);
        }

        return image;
    }

    /// <summary>The picture upright. EXIF counts 1 to 8; from 5 on rows are columns.</summary>
    public static Image8 Turned(Image8 stored, int exif, ImageOrientation orientation)
    {
        if (orientation == ImageOrientation.Stored || exif is < 2 or > 8)
        {
            return stored;
        }

        bool swapped = exif >= 5, fromRight = exif is 2 or 3 or 7 or 8, fromBottom = exif is 3 or 4 or 6 or 7;
        Image8 upright = swapped ? new Image8(stored.Height, stored.Width) : new Image8(stored.Width, stored.Height);
        int along = 3 * (fromRight ? -1 : 1), down = 3 * stored.Width * (fromBottom ? -1 : 1);
        int first = 3 * ((fromRight ? stored.Width - 1 : 0) + (fromBottom ? (stored.Height - 1) * stored.Width : 0));
        (int stepX, int stepY) = swapped ? (down, along) : (along, down);
        // A tile of rows is read while the cache still has it: where rows are columns, every pixel of a row lies in another line.
        for (int top = 0; top < upright.Height; top += TurnedRows)
        {
            int bottom = Math.Min(top + TurnedRows, upright.Height);
            for (int x = 0; x < upright.Width; x++)
            {
                for (int y = top; y < bottom; y++)
                {
                    int from = first + (x * stepX) + (y * stepY), to = 3 * ((y * upright.Width) + x);
                    upright.Pixels[to] = stored.Pixels[from];
                    upright.Pixels[to + 1] = stored.Pixels[from + 1];
                    upright.Pixels[to + 2] = stored.Pixels[from + 2];
                }
            }
        }

        return upright;
    }
}
