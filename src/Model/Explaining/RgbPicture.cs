namespace GpuCam.Model;

/// <summary>What the bytes of a pixel are, in their order in memory.</summary>
public enum PixelLayout
{
    /// <summary>Red, green, blue.</summary>
    Rgb,

    /// <summary>Blue, green, red.</summary>
    Bgr,

    /// <summary>Red, green, blue, opacity; colours are not multiplied by it.</summary>
    Rgba,

    /// <summary>Blue, green, red, opacity; colours are not multiplied by it.</summary>
    Bgra,

    /// <summary>Brightness.</summary>
    Grey,
}

/// <summary>A picture as it is explained: 8-bit RGB, upright, rows without padding. Its bytes are not copied.</summary>
/// <param name="Pixels">3 bytes a pixel, row by row from the top: pixel (x, y) begins at <c>3 * (y * Width + x)</c>.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public sealed record RgbPicture(ReadOnlyMemory<byte> Pixels, int Width, int Height)
{
    /// <summary>A copy of pixels in another layout. What is transparent is laid over white.</summary>
    /// <param name="pixels">The rows, from the top.</param>
    /// <param name="width">Columns.</param>
    /// <param name="height">Rows.</param>
    /// <param name="layout">What the bytes of a pixel are.</param>
    /// <param name="stride">Bytes from one row to the next; 0 for rows without padding.</param>
    /// <exception cref="GpuCamException">There are fewer bytes than that, or rows overlap.</exception>
    public static RgbPicture From(ReadOnlySpan<byte> pixels, int width, int height, PixelLayout layout, int stride = 0)
    {
        int each = layout switch
        {
            PixelLayout.Grey => 1,
            PixelLayout.Rgb or PixelLayout.Bgr => 3,
            _ => 4,
        };
        long row = (long)each * width, step = stride == 0 ? row : stride;
        if (width < 1 || height < 1 || step < row || pixels.Length < (step * (height - 1)) + row || 3L * width * height > Array.MaxLength)
        {
            throw new GpuCamException($"{pixels.Length} bytes are no picture of {width} x {height} pixels of {each} bytes, a row every "
                + $"{step} bytes; give its own size and stride");
        }

        byte[] rgb = new byte[3 * width * height];
        bool turned = layout is PixelLayout.Bgr or PixelLayout.Bgra;
        (int red, int green, int blue) = layout == PixelLayout.Grey ? (0, 0, 0) : turned ? (2, 1, 0) : (0, 1, 2);
        for (int y = 0, to = 0; y < height; y++)
        {
            ReadOnlySpan<byte> line = pixels.Slice((int)(y * step), (int)row);
            for (int from = 0; from < line.Length; from += each, to += 3)
            {
                int opacity = each == 4 ? line[from + 3] : byte.MaxValue;
                rgb[to] = OverWhite(line[from + red], opacity);
                rgb[to + 1] = OverWhite(line[from + green], opacity);
                rgb[to + 2] = OverWhite(line[from + blue], opacity);
            }
        }

        return new RgbPicture(rgb, width, height);
    }

    /// <summary>value * opacity + 255 * (1 - opacity), opacity from 0 to 255, rounded once.</summary>
    public static byte OverWhite(int value, int opacity) =>
        (byte)(((value * opacity) + (byte.MaxValue * (byte.MaxValue - opacity)) + (byte.MaxValue / 2)) / byte.MaxValue);

    /// <summary>Throws unless there are 3 bytes for each pixel.</summary>
    internal static void Check(ReadOnlySpan<byte> rgb, int width, int height)
    {
        if (rgb.Length != 3L * width * height)
        {
            throw new GpuCamException($"a picture of {width} x {height} pixels has {3L * width * height} bytes of RGB, not {rgb.Length}");
        }
    }
}
