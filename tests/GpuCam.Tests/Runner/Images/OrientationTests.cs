using System.Buffers.Binary;
using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>EXIF orientation: the letters A to F, stored as two rows of three, stand as the camera saw them.</summary>
public class OrientationTests
{
    /// <summary>Orientation, and the rows of the upright picture.</summary>
    public static TheoryData<int, string> Upright => new()
    {
        { 1, "ABC DEF" }, { 2, "CBA FED" }, { 3, "FED CBA" }, { 4, "DEF ABC" },
        { 5, "AD BE CF" }, { 6, "DA EB FC" }, { 7, "FC EB DA" }, { 8, "CF BE AD" },
    };

    [Theory]
    [MemberData(nameof(Upright))]
    public void A_png_is_turned(int orientation, string rows)
    {
        foreach (bool little in (bool[])[false, true])
        {
            byte[] chunk = PngBuilder.Chunk("eXIf", Exif(orientation, little));
            foreach (byte[] file in (byte[][])[Letters(before: chunk), Letters(after: chunk), Letters(before: chunk, depth: 16)])
            {
                Assert.Equal(rows, Rows(ImageReader.Read(new MemoryStream(file), "a.png")));
                Assert.Equal("ABC DEF", Rows(ImageReader.Read(new MemoryStream(file), "a.png", ImageOrientation.Stored)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Upright))]
    public void A_jpeg_and_a_webp_are_turned_the_same_way(int orientation, string rows)
    {
        foreach (bool little in (bool[])[false, true])
        {
            foreach (string name in (string[])["baseline.jpg", "progressive.jpg", "cmyk-adobe.jpg", "lossless.webp"])
            {
                byte[] plain = PictureSamples.All[name].File;
                byte[] exif = Exif(orientation, little), file = name == "lossless.webp" ? WebPWith(plain, exif) : JpegWith(plain, exif);
                Image8 stored = ImageReader.Read(new MemoryStream(file), name, ImageOrientation.Stored);
                Assert.Equal(ImageReader.Read(new MemoryStream(plain), name).Pixels, stored.Pixels);
                Image8 upright = ImageReader.Read(new MemoryStream(file), name);
                Assert.Equal(rows.IndexOf(' ', StringComparison.Ordinal) == 3 ? (13, 7) : (7, 13), (upright.Width, upright.Height));
                // Corners and the middles of the long sides stand where the letters do.
                string[] lines = rows.Split(' ');
                for (int row = 0; row < lines.Length; row++)
                {
                    for (int column = 0; column < lines[row].Length; column++)
                    {
                        int letter = lines[row][column] - 'A';
                        Rgb expected = stored[(letter % 3) * 6, (letter / 3) * 6];
                        int x = Place(column, lines[row].Length, upright.Width), y = Place(row, lines.Length, upright.Height);
                        Assert.Equal(expected, upright[x, y]);
                    }
                }
            }
        }

        static int Place(int index, int count, int length) => index * (length - 1) / (count - 1);
    }

    [Fact]
    public void Orientations_that_do_not_exist_and_broken_exif_data_turn_nothing()
    {
        byte[] good = Exif(6, little: true);
        List<byte[]> bad = [Exif(0, true), Exif(9, true), Exif(65535, false), [], "MM\0*"u8.ToArray(), [.. "II*\0"u8, 255, 255, 255, 255]];
        for (int length = 0; length < good.Length - 4; length++)
        {
            bad.Add(good[..length]);
        }

        byte[] farAway = [.. good], wrongType = [.. good], many = [.. good];
        BinaryPrimitives.WriteUInt32LittleEndian(farAway.AsSpan(4), int.MaxValue);
        wrongType[12] = 7;
        BinaryPrimitives.WriteUInt16LittleEndian(many.AsSpan(8), ushort.MaxValue);
        many[10] = 0;
        bad.AddRange([farAway, wrongType, many]);
        foreach (byte[] exif in bad)
        {
            Assert.Equal("ABC DEF", Rows(PngTests.Read(Letters(before: PngBuilder.Chunk("eXIf", exif)))));
        }

        byte[] damaged = PngBuilder.Chunk("eXIf", good);
        damaged[^1] ^= 1;
        Assert.Equal("ABC DEF", Rows(PngTests.Read(Letters(before: damaged))));
    }

    internal static byte[] Exif(int orientation, bool little)
    {
        byte[] exif = [.. little ? "II*\0"u8 : "MM\0*"u8, .. new byte[22]];
        if (little)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(exif.AsSpan(4), 8);
        }
        else
        {
            BinaryPrimitives.WriteUInt32BigEndian(exif.AsSpan(4), 8);
        }

        // One entry: tag, type "unsigned short", one of them, the value.
        Short(8, 1);
        Short(10, 0x0112);
        Short(12, 3);
        Short(little ? 14 : 16, 1);
        Short(18, orientation);
        return exif;

        void Short(int at, int value)
        {
            if (little)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(exif.AsSpan(at), (ushort)value);
            }
            else
            {
                BinaryPrimitives.WriteUInt16BigEndian(exif.AsSpan(at), (ushort)value);
            }
        }
    }

    internal static byte[] JpegWith(byte[] file, byte[] exif)
    {
        int length = exif.Length + 8;
        return [.. file[..2], 0xFF, 0xE1, (byte)(length >> 8), (byte)length, .. "Exif\0\0"u8, .. exif, .. file[2..]];
    }

    /// <summary>The extended container: a header with the canvas and a flag for EXIF, the picture, the EXIF chunk.</summary>
    internal static byte[] WebPWith(byte[] file, byte[] exif)
    {
        byte[] header = [8, 0, 0, 0, PictureSamples.Width - 1, 0, 0, PictureSamples.Height - 1, 0, 0];
        byte[] content = [.. "WEBP"u8, .. Chunk("VP8X", header), .. file[12..], .. Chunk("EXIF", exif)];
        return Chunk("RIFF", content);

        static byte[] Chunk(string type, byte[] bytes)
        {
            byte[] length = new byte[4];
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            return [.. System.Text.Encoding.ASCII.GetBytes(type), .. length, .. bytes, .. new byte[bytes.Length % 2]];
        }
    }

    private static byte[] Letters(byte[]? before = null, byte[]? after = null, int depth = 8) =>
        new PngBuilder(3, 2, depth, 0, (x, y, _) => ('A' + (3 * y) + x) * (depth == 16 ? 257 : 1))
        {
            Before = before is null ? [] : [before],
            After = after is null ? [] : [after],
        }.Build();

    private static string Rows(Image8 image) =>
        string.Join(' ', image.ToGrey().Chunk(image.Width).Select(row => new string([.. row.Select(b => (char)b)])));
}
