namespace GpuCam.Runner.Images.Portable;

/// <summary>Reads the colour of one pixel out of an unfiltered row, whatever the colour type and depth.</summary>
internal readonly struct PngPixels
{
    private readonly PngHeader header;
    private readonly ReadOnlyMemory<byte> palette;
    private readonly ReadOnlyMemory<byte> transparency;
    private readonly bool hasKey;
    private readonly int maximum;

    public PngPixels(Png png)
    {
        header = png.Header;
        palette = png.Palette;
        transparency = png.Transparency;
        hasKey = header.Colour is PngColour.Grey or PngColour.Rgb && !transparency.IsEmpty;
        maximum = (1 << header.Depth) - 1;
    }

    /// <summary>False when the pixel names a palette entry that is not there.</summary>
    public bool TryRead(ReadOnlySpan<byte> row, int x, out Rgb colour)
    {
        int first = x * header.SamplesPerPixel;
        switch (header.Colour)
        {
            case PngColour.Palette:
                int index = Sample(row, first);
                if (index * 3 >= palette.Length)
                {
                    colour = default;
                    return false;
                }
                ReadOnlySpan<byte> entry = palette.Span.Slice(index * 3, 3);
                byte alpha = index < transparency.Length ? transparency.Span[index] : (byte)255;
                colour = OverWhite(entry[0], entry[1], entry[2], alpha);
                return true;
            case PngColour.Grey or PngColour.GreyAlpha:
                int value = Sample(row, first);
                byte grey = Narrow(value);
                byte opacity = header.Colour == PngColour.GreyAlpha ? Narrow(Sample(row, first + 1)) : (byte)255;
                colour = hasKey && value == Key(0) ? Rgb.FromGrey(255) : OverWhite(grey, grey, grey, opacity);
                return true;
            default:
                int r = Sample(row, first), g = Sample(row, first + 1), b = Sample(row, first + 2);
                byte a = header.Colour == PngColour.RgbAlpha ? Narrow(Sample(row, first + 3)) : (byte)255;
                bool isKey = hasKey && r == Key(0) && g == Key(1) && b == Key(2);
                colour = isKey ? Rgb.FromGrey(255) : OverWhite(Narrow(r), Narrow(g), Narrow(b), a);
                return true;
        }
    }

    private static Rgb OverWhite(byte r, byte g, byte b, byte alpha) =>
        alpha == 255 ? new Rgb(r, g, b) : new Rgb(OverWhite(r, alpha), OverWhite(g, alpha), OverWhite(b, alpha));

    private static byte OverWhite(byte value, byte alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);

    // The sample that counts as transparent, compared at the file's own depth.
    private int Key(int channel) => ((transparency.Span[2 * channel] << 8) | transparency.Span[(2 * channel) + 1]) & maximum;

    private byte Narrow(int sample) => header.Depth switch
    {
        8 => (byte)sample,
        16 => (byte)(((sample * 255L) + 32767) / 65535),
        _ => (byte)(sample * 255 / maximum),
    };

    private int Sample(ReadOnlySpan<byte> row, int i) => header.Depth switch
    {
        8 => row[i],
        16 => (row[2 * i] << 8) | row[(2 * i) + 1],
        int depth => (row[i * depth >> 3] >> (8 - depth - (i * depth & 7))) & maximum,
    };
}
