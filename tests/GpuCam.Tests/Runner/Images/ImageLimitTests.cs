using System.Buffers.Binary;
using GpuCam.Model;
using GpuCam.Runner.Images;
using GpuCam.Tests.Fuzzing;

namespace GpuCam.Tests.Runner.Images;

/// <summary>Files that ask for more than they are worth: refused, or read, before memory and time are spent on them.</summary>
public class ImageLimitTests
{
    private const string TooMany = "more than the 67108864 that are read", CannotHold = "cannot hold them";
    private const string Broken = "cannot be read: its header is broken";

    public static TheoryData<string, int, int, string> Headers => new()
    {
        { "png", 100_000, 100_000, TooMany }, { "png", int.MaxValue, int.MaxValue, TooMany }, { "png", -1, -1, TooMany },
        { "png", 8000, 8000, CannotHold }, { "png", 0, 9, "size of 0 x 9" },
        { "jpg", 65_500, 65_500, TooMany }, { "jpg", 65_535, 65_535, Broken }, { "jpg", 8000, 8000, CannotHold }, { "jpg", 0, 9, Broken },
        { "gif", 65_535, 65_535, TooMany }, { "gif", 8000, 8000, CannotHold },
        { "bmp", 65_535, 65_535, TooMany }, { "bmp", 100_000, 100_000, Broken }, { "bmp", int.MaxValue, int.MaxValue, Broken },
        { "bmp", 8000, 8000, CannotHold }, { "bmp", int.MinValue, int.MinValue, Broken }, { "bmp", 8, int.MinValue, Broken },
        { "webp", 16_383, 16_383, TooMany }, { "webp", 8000, 8000, CannotHold },
    };

    [Theory]
    [MemberData(nameof(Headers))]
    public void A_lying_header_is_refused_in_a_moment(string format, int width, int height, string part)
    {
        byte[] file = Claiming(format, width, height);
        ReadingCost.Of(() => Refused(file, format, part), out long allocated, out TimeSpan time);
        Assert.InRange(allocated, 0, 1_000_000);
        Assert.InRange(time.TotalSeconds, 0, 0.5);
    }

    [Fact]
    public void Of_a_million_bytes_of_frames_only_the_first_is_looked_at()
    {
        byte[] frame = [0x21, 0xF9, 4, 0, 0, 0, 0, 0, (byte)',', 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0];
        byte[] start = [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 10, 20, 30, 255, 255, 255];
        byte[] file = [.. start, .. Enumerable.Repeat(frame, 50_000).SelectMany(bytes => bytes), (byte)';'];
        ReadingCost.Of(
            () => Assert.Equal([10, 20, 30], ImageReader.Read(new MemoryStream(file), "a.gif").Pixels),
            out long allocated, out TimeSpan time);
        Assert.InRange(allocated, 0, file.Length + 1_000_000);
        Assert.InRange(time.TotalSeconds, 0, 0.5);
    }

    [Theory]
    [InlineData("zTXt", "k\0\0")]
    [InlineData("iTXt", "k\0\u0001\0\0\0")]
    [InlineData("iCCP", "k\0\0")]
    public void Text_and_profiles_that_grow_a_thousandfold_are_not_unpacked(string type, string start)
    {
        byte[] bomb = PngBuilder.Chunk(type, [.. start.Select(c => (byte)c), .. PngBuilder.Zlib(new byte[16 << 20])]);
        byte[] file = new PngBuilder(2, 1, 8, 0, (x, _, _) => x) { Before = [.. Enumerable.Repeat(bomb, 20)] }.Build();
        ReadingCost.Of(() => Assert.Equal([0, 0, 0, 1, 1, 1], PngTests.Read(file).Pixels), out long allocated, out TimeSpan time);
        Assert.InRange(allocated, 0, file.Length + 1_000_000);
        Assert.InRange(time.TotalSeconds, 0, 0.5);
    }

    [Fact]
    public void Two_hundred_thousand_empty_chunks_of_pixels_are_joined_in_place()
    {
        byte[] file = new PngBuilder(3, 1, 8, 0, (x, _, _) => x) { After = [] }.Build();
        byte[] empty = PngBuilder.Chunk("IDAT", []);
        byte[] many = [.. file[..^12], .. Enumerable.Repeat(empty, 200_000).SelectMany(bytes => bytes), .. file[^12..]];
        ReadingCost.Of(
            () => Assert.Equal([0, 0, 0, 1, 1, 1, 2, 2, 2], PngTests.Read(many).Pixels), out long allocated, out TimeSpan time);
        Assert.InRange(allocated, 0, many.Length + 1_000_000);
        Assert.InRange(time.TotalSeconds, 0, 0.5);
    }

    [Fact]
    public void A_small_picture_on_a_canvas_of_a_million_pixels_is_no_lie()
    {
        Image8 image = ImageReader.Read(new MemoryStream(Claiming("gif", 1000, 1000)), "a.gif");
        Assert.Equal((1000, 1000), (image.Width, image.Height));
        Assert.Equal(new Rgb(255, 255, 255), image[999, 999]);
    }

    /// <summary>A small file of the format, whose header has another size.</summary>
    private static byte[] Claiming(string format, int width, int height)
    {
        byte[] file = [.. format switch
        {
            "png" => PngBuilder.Join([
                PngBuilder.Signature, PngBuilder.Chunk("IHDR", PngBuilder.Header(width, height, 8, 6, 0)),
                PngBuilder.Chunk("IDAT", new byte[9]), PngBuilder.Chunk("IEND", [])]),
            "jpg" => PictureSamples.All["progressive.jpg"].File,
            "gif" => PictureSamples.All["frame-in-canvas.gif"].File,
            "bmp" => PictureSamples.All["24-bit.bmp"].File,
            _ => PictureSamples.All["lossless.webp"].File,
        }];
        switch (format)
        {
            case "jpg":
                int header = file.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC2]);
                BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(header + 5), (ushort)height);
                BinaryPrimitives.WriteUInt16BigEndian(file.AsSpan(header + 7), (ushort)width);
                break;
            case "gif":
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(6), (ushort)width);
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)height);
                break;
            case "bmp":
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), width);
                BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), height);
                break;
            case "webp":
                // Behind the signature byte 2F: 14 bits of width - 1, 14 of height - 1.
                int size = file.AsSpan().IndexOf("VP8L"u8) + 9;
                uint flags = BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(size)) & 0xF0000000;
                BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(size), flags | (uint)(width - 1) | ((uint)(height - 1) << 14));
                break;
        }

        return file;
    }

    private static void Refused(byte[] file, string format, string part)
    {
        string message = Assert.Throws<GpuCamException>(() => ImageReader.Read(new MemoryStream(file), $"a.{format}")).Message;
        Assert.StartsWith($"a.{format}: ", message, StringComparison.Ordinal);
        Assert.Contains(part, message, StringComparison.Ordinal);
    }
}
