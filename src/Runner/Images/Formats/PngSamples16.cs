using System.Buffers.Binary;
using System.IO.Compression;
using GpuCam.Model;

namespace GpuCam.Runner.Images.Formats;

/// <summary>
/// Reads the pixels of a PNG of 16 bits a sample. Skia drops the lower 8 of them before it lays a pixel over anything; here
/// value * alpha + white * (1 - alpha) is computed from all 16 and rounded once.
/// </summary>
internal sealed class PngSamples16
{
    private const int Most = ushort.MaxValue;

    // Adam7: first column, first row, column step, row step of each pass.
    private static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly PngFile _png;
    private readonly string _name;
    private readonly Image8 _image;
    private readonly bool _hasAlpha;
    private readonly int[] _key;    // the one colour that is transparent; none without a tRNS chunk

    private PngSamples16(PngFile png, string name)
    {
        (_png, _name) = (png, name);
        _image = new Image8(png.Width, png.Height);
        _hasAlpha = png.ColourType >= 4;
        ReadOnlySpan<byte> key = png.Transparency;
        _key = new int[key.Length / 2];
        for (int i = 0; i < _key.Length; i++)
        {
            _key[i] = BinaryPrimitives.ReadUInt16BigEndian(key[(2 * i)..]);
        }
    }

    public static Image8 Read(PngFile png, string name)
    {
        var reader = new PngSamples16(png, name);
        ArraySegment<byte> data = png.Data;
        using var packed = new MemoryStream(data.Array!, data.Offset, data.Count, writable: false);
        using var inflated = new ZLibStream(packed, CompressionMode.Decompress);
        foreach ((int x, int y, int stepX, int stepY) in png.Interlaced ? s_adam7 : [(0, 0, 1, 1)])
        {
            reader.ReadPass(inflated, x, y, stepX, stepY);
        }
        // One more read makes zlib compare its checksum; surplus pixels are ignored, as other readers do.
        reader.Fill(inflated, new byte[1], png.Height, mayEnd: true);
        return reader._image;
    }

    private void ReadPass(Stream inflated, int firstX, int firstY, int stepX, int stepY)
    {
        if (firstX >= _png.Width || firstY >= _png.Height)
        {
            return; // an empty pass has no bytes at all
        }

        int width = (_png.Width - firstX + stepX - 1) / stepX;
        int pixelBytes = 2 * _png.SamplesPerPixel;
        // The filter byte stands in front of each row; the row above the first counts as zeros.
        byte[] row = new byte[1 + (width * pixelBytes)];
        byte[] above = new byte[row.Length];
        for (int y = firstY; y < _png.Height; y += stepY)
        {
            Fill(inflated, row, y, mayEnd: false);
            if (row[0] > 4)
            {
                throw Bad(y, $"filter {row[0]} does not exist");
            }

            Unfilter(row, above, pixelBytes);
            for (int i = 0; i < width; i++)
            {
                _image[firstX + (i * stepX), y] = Pixel(row.AsSpan(1 + (i * pixelBytes), pixelBytes));
            }

            (row, above) = (above, row);
        }
    }

    /// <summary>
    /// Undoes a row's filter. Each predicts a byte from its neighbours one pixel to the left (a), above (b) and above left (c), and
    /// keeps the difference: 0 none, 1 a, 2 b, 3 (a + b) / 2, 4 whichever of a, b, c is nearest to a + b - c.
    /// </summary>
    private static void Unfilter(Span<byte> row, ReadOnlySpan<byte> above, int pixelBytes)
    {
        byte filter = row[0];
        for (int i = 1; filter > 0 && i < row.Length; i++)
        {
            int a = i > pixelBytes ? row[i - pixelBytes] : 0, b = above[i], c = i > pixelBytes ? above[i - pixelBytes] : 0;
            row[i] += (byte)(filter switch { 1 => a, 2 => b, 3 => (a + b) >> 1, _ => Nearest(a, b, c) });
        }

        static int Nearest(int a, int b, int c)
        {
            int pa = Math.Abs(b - c), pb = Math.Abs(a - c), pc = Math.Abs(a + b - c - c);
            return pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
        }
    }

    private Rgb Pixel(ReadOnlySpan<byte> samples)
    {
        int red = Sample(samples, 0), green = red, blue = red;
        if (_png.SamplesPerPixel >= 3)
        {
            (green, blue) = (Sample(samples, 1), Sample(samples, 2));
        }

        bool transparent = _key.Length == 1 ? red == _key[0] : _key.Length == 3 && red == _key[0] && green == _key[1] && blue == _key[2];
        int alpha = transparent ? 0 : _hasAlpha ? Sample(samples, _png.SamplesPerPixel - 1) : Most;
        return new Rgb(OverWhite(red, alpha), OverWhite(green, alpha), OverWhite(blue, alpha));
    }

    private static int Sample(ReadOnlySpan<byte> samples, int i) => BinaryPrimitives.ReadUInt16BigEndian(samples[(2 * i)..]);

    /// <summary>In 65535ths of 65535ths; 257 of the former are a step of 8 bits.</summary>
    private static byte OverWhite(int value, int alpha)
    {
        const long step = 257L * Most;
        return (byte)((((long)value * alpha) + ((long)Most * (Most - alpha)) + (step / 2)) / step);
    }

    private void Fill(Stream inflated, byte[] buffer, int y, bool mayEnd)
    {
        int got;
        try
        {
            got = inflated.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw Bad(y, "the compressed data is broken");
        }

        if (got < buffer.Length && !mayEnd)
        {
            throw Bad(y, "the compressed data ends too early");
        }
    }

    private GpuCamException Bad(int y, string what) =>
        new($"{_name}: the PNG file is damaged in row {y} of {_png.Height}: {what}; get or make the file again");
}
