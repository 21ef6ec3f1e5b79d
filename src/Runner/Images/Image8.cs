using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>
/// An 8-bit picture. Layout: interleaved RGB, row by row from the top, no padding: pixel (x, y) starts at byte
/// <c>3 * (y * Width + x)</c>. A grey picture has three equal channels.
/// </summary>
public sealed class Image8
{
    /// <summary>A black picture.</summary>
    /// <exception cref="GpuCamException">
    /// A side is not positive, or there are more than <see cref="ImageLimits.MaxPixels"/> pixels.
    /// </exception>
    public Image8(int width, int height)
    {
        if (width < 1 || height < 1 || (long)width * height > ImageLimits.MaxPixels)
        {
            throw new GpuCamException($"a picture of {width} x {height} pixels cannot be: at least 1, at most {ImageLimits.MaxPixels}");
        }

        Width = width;
        Height = height;
        Pixels = new byte[width * height * 3];
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The RGB bytes, 3 * Width * Height of them, in the layout of this class.</summary>
    public byte[] Pixels { get; }

    /// <summary>The colour at column x, row y, both from 0 at the top left.</summary>
    public Rgb this[int x, int y]
    {
        get
        {
            int at = Offset(x, y);
            return new Rgb(Pixels[at], Pixels[at + 1], Pixels[at + 2]);
        }
        set
        {
            int at = Offset(x, y);
            Pixels[at] = value.R;
            Pixels[at + 1] = value.G;
            Pixels[at + 2] = value.B;
        }
    }

    /// <summary>True when every pixel has three equal channels; such a picture is written as a grey PNG.</summary>
    public bool IsGrey
    {
        get
        {
            for (int i = 0; i < Pixels.Length; i += 3)
            {
                if (Pixels[i] != Pixels[i + 1] || Pixels[i] != Pixels[i + 2])
                {
                    return false;
                }
            }

            return true;
        }
    }

    /// <summary>A grey picture from width * height bytes, row by row.</summary>
    public static Image8 FromGrey(ReadOnlySpan<byte> grey, int width, int height)
    {
        var image = new Image8(width, height);
        RequireLength(grey.Length, width * height, width, height, 1);
        for (int i = 0; i < grey.Length; i++)
        {
            image.Pixels.AsSpan(3 * i, 3).Fill(grey[i]);
        }

        return image;
    }

    /// <summary>A picture from its RGB bytes, in the layout of this class.</summary>
    public static Image8 FromRgb(ReadOnlySpan<byte> pixels, int width, int height)
    {
        var image = new Image8(width, height);
        RequireLength(pixels.Length, image.Pixels.Length, width, height, 3);
        pixels.CopyTo(image.Pixels);
        return image;
    }

    /// <summary>
    /// A picture from one NHWC sample: height * width * channels floats, [0, 1] to [0, 255] rounded. Values outside are
    /// clamped, NaN becomes 0. One channel gives grey, three RGB.
    /// </summary>
    public static Image8 FromFloats(ReadOnlySpan<float> values, int width, int height, int channels)
    {
        if (channels is not (1 or 3))
        {
            throw new GpuCamException($"a picture is made of 1 or 3 channels, not {channels}");
        }

        var image = new Image8(width, height);
        RequireLength(values.Length, width * height * channels, width, height, channels);
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = Rgb.ToByte(values[channels == 3 ? i : i / 3]);
        }

        return image;
    }

    /// <summary>The brightness of every pixel, width * height bytes, row by row (<see cref="Rgb.Grey"/>).</summary>
    public byte[] ToGrey()
    {
        byte[] grey = new byte[Width * Height];
        for (int i = 0; i < grey.Length; i++)
        {
            grey[i] = new Rgb(Pixels[3 * i], Pixels[(3 * i) + 1], Pixels[(3 * i) + 2]).Grey;
        }

        return grey;
    }

    /// <summary>
    /// Writes the picture as one NHWC sample in [0, 1]: height * width * channels floats; 1 channel takes the brightness.
    /// </summary>
    public void ToFloats(Span<float> values, int channels)
    {
        if (channels is not (1 or 3))
        {
            throw new GpuCamException($"a picture becomes 1 or 3 channels, not {channels}");
        }

        RequireLength(values.Length, Width * Height * channels, Width, Height, channels);
        if (channels == 3)
        {
            for (int i = 0; i < values.Length; i++)
            {
                values[i] = Pixels[i] / 255f;
            }

            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            values[i] = new Rgb(Pixels[3 * i], Pixels[(3 * i) + 1], Pixels[(3 * i) + 2]).Grey / 255f;
        }
    }

    /// <summary>Paints every pixel.</summary>
    public void Fill(Rgb colour) => FillRectangle(0, 0, Width, Height, colour);

    /// <summary>Paints a rectangle; what lies outside the picture is left out.</summary>
    public void FillRectangle(int x, int y, int width, int height, Rgb colour)
    {
        for (int row = Math.Max(0, y); row < Math.Min(Height, y + height); row++)
        {
            for (int column = Math.Max(0, x); column < Math.Min(Width, x + width); column++)
            {
                this[column, row] = colour;
            }
        }
    }

    /// <summary>Copies another picture with its top left corner to (x, y); what lies outside is left out.</summary>
    public void Draw(Image8 source, int x, int y)
    {
        int left = Math.Max(0, x);
        int count = Math.Min(Width, x + source.Width) - left;
        if (count <= 0)
        {
            return;
        }

        for (int row = Math.Max(0, y); row < Math.Min(Height, y + source.Height); row++)
        {
            source.Pixels.AsSpan(source.Offset(left - x, row - y), 3 * count).CopyTo(Pixels.AsSpan(Offset(left, row)));
        }
    }

    /// <summary>The picture in another size, scaled bilinearly, averaged where it shrinks; itself where it has the size.</summary>
    public Image8 ScaledTo(int width, int height)
    {
        if ((width, height) == (Width, Height))
        {
            return this;
        }

        var scaled = new Image8(width, height);
        Resampler.Scale(PictureFilter.Bilinear, Pixels, Width, Height, width, height, scaled.Pixels);
        return scaled;
    }

    private static void RequireLength(int got, int wanted, int width, int height, int channels)
    {
        if (got != wanted)
        {
            throw new GpuCamException($"a picture of {width} x {height} x {channels} needs {wanted} values, but {got} were given");
        }
    }

    private int Offset(int x, int y) => 3 * ((y * Width) + x);
}
