using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace GpuCam.Tests.Runner.Images;

/// <summary>
/// A PNG encoder written apart from the one under test, from the specification: any colour type, depth, row filter, Adam7,
/// extra chunks, and whatever lie a test wants to tell. Samples are given as numbers, sample(x, y, channel).
/// </summary>
internal sealed class PngBuilder(int width, int height, int depth, int colour, Func<int, int, int, int> sample)
{
    public bool Interlaced { get; init; }

    /// <summary>The filter of row y.</summary>
    public Func<int, int> Filter { get; init; } = _ => 0;

    public byte[]? Palette { get; init; }

    public byte[]? Transparency { get; init; }

    /// <summary>More chunks, in front of the pixels.</summary>
    public IReadOnlyList<byte[]> Before { get; init; } = [];

    /// <summary>More chunks, behind the pixels.</summary>
    public IReadOnlyList<byte[]> After { get; init; } = [];

    /// <summary>Into how many IDAT chunks the data is cut, if it has so many bytes.</summary>
    public int Pieces { get; init; } = 1;

    private int Channels => colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };

    public byte[] Build()
    {
        byte[] header = Header(width, height, depth, colour, Interlaced ? 1 : 0);
        byte[] data = Zlib(Raw());
        var parts = new List<byte[]> { Signature, Chunk("IHDR", header), Chunk("tEXt", "Comment\0made by a test"u8.ToArray()) };
        if (Palette is not null)
        {
            parts.Add(Chunk("PLTE", Palette));
        }

        if (Transparency is not null)
        {
            parts.Add(Chunk("tRNS", Transparency));
        }

        parts.AddRange(Before);
        int length = (data.Length + Math.Min(Pieces, data.Length) - 1) / Math.Min(Pieces, data.Length);
        parts.AddRange(data.Chunk(length).Select(piece => Chunk("IDAT", piece)));
        parts.AddRange(After);
        parts.Add(Chunk("IEND", []));
        return Join(parts);
    }

    public static byte[] Signature => [137, 80, 78, 71, 13, 10, 26, 10];

    public static byte[] Header(int width, int height, int depth, int colour, int interlace)
    {
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, (byte)interlace);
        return header;
    }

    public static byte[] Chunk(string type, byte[] content)
    {
        byte[] chunk = new byte[content.Length + 12];
        BinaryPrimitives.WriteInt32BigEndian(chunk, content.Length);
        Encoding.ASCII.GetBytes(type, chunk.AsSpan(4));
        content.CopyTo(chunk, 8);
        BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(content.Length + 8), Crc(chunk.AsSpan(4, content.Length + 4)));
        return chunk;
    }

    public static byte[] Join(IEnumerable<byte[]> parts) => parts.SelectMany(part => part).ToArray();

    public static byte[] Zlib(byte[] bytes)
    {
        var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            zlib.Write(bytes);
        }

        return packed.ToArray();
    }

    private static uint Crc(ReadOnlySpan<byte> bytes)
    {
        uint crc = 0xFFFFFFFF;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ (0xEDB88320u & (uint)-(int)(crc & 1));
            }
        }

        return crc ^ 0xFFFFFFFF;
    }

    private byte[] Raw()
    {
        if (!Interlaced)
        {
            return Pass(Enumerable.Range(0, width).ToArray(), Enumerable.Range(0, height).ToArray());
        }
        // The 8x8 table of the specification: in which pass each pixel is sent.
        string[] table = ["16462646", "77777777", "56565656", "77777777", "36463646", "77777777", "56565656", "77777777"];
        var raw = new List<byte>();
        for (char pass = '1'; pass <= '7'; pass++)
        {
            char p = pass;
            int[] rows = Enumerable.Range(0, height).Where(y => table[y % 8].Contains(p)).ToArray();
            int[] columns = Enumerable.Range(0, width).Where(x => table.Where((line, y) => line[x % 8] == p).Any()).ToArray();
            if (columns.Length > 0)
            {
                raw.AddRange(Pass(columns, rows));
            }
        }

        return raw.ToArray();
    }

    private byte[] Pass(int[] columns, int[] rows)
    {
        int rowBytes = ((columns.Length * Channels * depth) + 7) / 8;
        int step = Math.Max(1, Channels * depth / 8);
        byte[] above = new byte[rowBytes];
        var raw = new List<byte>();
        for (int j = 0; j < rows.Length; j++)
        {
            byte[] row = new byte[rowBytes];
            int bit = 0;
            foreach (int x in columns)
            {
                for (int channel = 0; channel < Channels; channel++, bit += depth)
                {
                    int value = sample(x, rows[j], channel);
                    for (int k = 0; k < depth; k++)
                    {
                        if ((value >> (depth - 1 - k) & 1) != 0)
                        {
                            row[(bit + k) / 8] |= (byte)(0x80 >> ((bit + k) % 8));
                        }
                    }
                }
            }

            int filter = Filter(rows[j]);
            raw.Add((byte)filter);
            for (int i = 0; i < rowBytes; i++)
            {
                int a = i >= step ? row[i - step] : 0, b = above[i], c = i >= step ? above[i - step] : 0;
                int nearest = new[] { a, b, c }.MinBy(v => Math.Abs(a + b - c - v));
                raw.Add((byte)(row[i] - filter switch { 1 => a, 2 => b, 3 => (a + b) / 2, 4 => nearest, _ => 0 }));
            }

            above = row;
        }

        return raw.ToArray();
    }
}
