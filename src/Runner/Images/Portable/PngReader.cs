using System.IO.Compression;
using System.Runtime.InteropServices;

namespace GpuCam.Runner.Images.Portable;

/// <summary>
/// Turns a checked PNG into pixels: inflate, undo the row filters, widen or narrow every sample to 8 bits. All colour types,
/// 1 to 16 bits, s_adam7. Transparency (alpha, tRNS) is laid over white.
/// </summary>
internal sealed class PngReader
{
    // Adam7: first column, first row, column step, row step of each pass.
    private static readonly (int X, int Y, int StepX, int StepY)[] s_adam7 =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    private readonly Png _png;
    private readonly PngHeader _header;
    private readonly string _name;
    private readonly Image8 _image;
    private readonly PngPixels _pixels;

    private PngReader(Png _png, string _name)
    {
        this._png = _png;
        this._name = _name;
        _header = _png.Header;
        _image = new Image8(_header.Width, _header.Height);
        _pixels = new PngPixels(_png);
    }

    public static Image8 Read(Png _png, string _name)
    {
        var reader = new PngReader(_png, _name);
        using Stream packed = _png.Data.Count == 1 && MemoryMarshal.TryGetArray(_png.Data[0], out ArraySegment<byte> one)
            ? new MemoryStream(one.Array!, one.Offset, one.Count, writable: false)
            : new MemoryStream(Join(_png.Data), writable: false);
        using var inflated = new ZLibStream(packed, CompressionMode.Decompress);
        if (!reader._header.Interlaced)
        {
            reader.ReadPass(inflated, 0, 0, 1, 1);
        }
        else
        {
            foreach ((int x, int y, int stepX, int stepY) in s_adam7)
            {
                reader.ReadPass(inflated, x, y, stepX, stepY);
            }
        }
        // One more read makes zlib compare its checksum; surplus _pixels are ignored, as other readers do.
        reader.Fill(inflated, new byte[1], reader._header.Height, mayEnd: true);
        return reader._image;
    }

    private static byte[] Join(List<ReadOnlyMemory<byte>> pieces)
    {
        byte[] all = new byte[pieces.Sum(piece => piece.Length)];
        int at = 0;
        foreach (ReadOnlyMemory<byte> piece in pieces)
        {
            piece.CopyTo(all.AsMemory(at));
            at += piece.Length;
        }

        return all;
    }

    private void ReadPass(Stream inflated, int firstX, int firstY, int stepX, int stepY)
    {
        if (firstX >= _header.Width || firstY >= _header.Height)
        {
            return; // an empty pass has no bytes at all
        }

        int width = (_header.Width - firstX + stepX - 1) / stepX;
        int bytesPerPixel = Math.Max(1, _header.BitsPerPixel / 8);
        // The filter byte stands in front of each row; the row above the first counts as zeros.
        byte[] row = new byte[_header.RowBytes(width) + 1];
        byte[] above = new byte[row.Length];
        for (int y = firstY; y < _header.Height; y += stepY)
        {
            Fill(inflated, row, y, mayEnd: false);
            if (!PngFilter.Undo(row[0], row.AsSpan(1), above.AsSpan(1), bytesPerPixel))
            {
                throw Bad(y, $"filter {row[0]} does not exist");
            }

            for (int i = 0; i < width; i++)
            {
                if (!_pixels.TryRead(row.AsSpan(1), i, out Rgb colour))
                {
                    throw Bad(y, $"a pixel has a colour number beyond the {_png.Palette.Length / 3} colours of the palette");
                }

                _image[firstX + (i * stepX), y] = colour;
            }

            (row, above) = (above, row);
        }
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
        new($"{_name}: the PNG file is damaged in row {y} of {_header.Height} (_pixels from byte {_png.DataOffset}): {what}; "
            + "get or make the file again");
}
