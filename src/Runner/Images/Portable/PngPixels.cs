namespace GpuCam.Runner.Images.Portable;

/// <summary>Reads the colour of one pixel out of an unfiltered row, whatever the colour type and depth.</summary>
internal readonly struct PngPixels
{
    private readonly PngHeader _header;
    private readonly ReadOnlyMemory<byte> _palette;
    private readonly ReadOnlyMemory<byte> _transparency;
    private readonly bool _hasKey;
    private readonly int _maximum;

    public PngPixels(Png png)
    {
        _header = png.Header;
        _palette = png.Palette;
        _transparency = png.Transparency;
        _hasKey = _header.Colour is PngColour.Grey or PngColour.Rgb && !_transparency.IsEmpty;
        _maximum = (1 << _header.Depth) - 1;
    }

    /// <summary>False when the pixel names a _palette entry that is not there.</summary>
    public bool TryRead(ReadOnlySpan<byte> row, int x, out Rgb colour)
    {
        int first = x * _header.SamplesPerPixel;
        switch (_header.Colour)
        {
            case PngColour.Palette:
                int index = Sample(row, first);
                if (index * 3 >= _palette.Length)
                {
                    colour = default;
                    return false;
                }

                ReadOnlySpan<byte> entry = _palette.Span.Slice(index * 3, 3);
                byte alpha = index < _transparency.Length ? _transparency.Span[index] : (byte)255;
                colour = OverWhite(entry[0], entry[1], entry[2], alpha);
                return true;
            case PngColour.Grey or PngColour.GreyAlpha:
                int value = Sample(row, first);
                byte grey = Narrow(value);
                byte opacity = _header.Colour == PngColour.GreyAlpha ? Narrow(Sample(row, first + 1)) : (byte)255;
                colour = _hasKey && value == Key(0) ? Rgb.FromGrey(255) : OverWhite(grey, grey, grey, opacity);
                return true;
            default:
                int r = Sample(row, first), g = Sample(row, first + 1), b = Sample(row, first + 2);
                byte a = _header.Colour == PngColour.RgbAlpha ? Narrow(Sample(row, first + 3)) : (byte)255;
                bool isKey = _hasKey && r == Key(0) && g == Key(1) && b == Key(2);
                colour = isKey ? Rgb.FromGrey(255) : OverWhite(Narrow(r), Narrow(g), Narrow(b), a);
                return true;
        }
    }

    private static Rgb OverWhite(byte r, byte g, byte b, byte alpha) =>
        alpha == 255 ? new Rgb(r, g, b) : new Rgb(OverWhite(r, alpha), OverWhite(g, alpha), OverWhite(b, alpha));

    private static byte OverWhite(byte value, byte alpha) => (byte)(((value * alpha) + (255 * (255 - alpha)) + 127) / 255);

    // The sample that counts as transparent, compared at the file's own depth.
    private int Key(int channel) => ((_transparency.Span[2 * channel] << 8) | _transparency.Span[(2 * channel) + 1]) & _maximum;

    private byte Narrow(int sample) => _header.Depth switch
    {
        8 => (byte)sample,
        16 => (byte)(((sample * 255L) + 32767) / 65535),
        _ => (byte)(sample * 255 / _maximum),
    };

    private int Sample(ReadOnlySpan<byte> row, int i) => _header.Depth switch
    {
        8 => row[i],
        16 => (row[2 * i] << 8) | row[(2 * i) + 1],
        int depth => (row[i * depth >> 3] >> (8 - depth - (i * depth & 7))) & _maximum,
    };
}
