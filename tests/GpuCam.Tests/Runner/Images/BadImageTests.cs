using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>
/// Damaged and disguised files: one line with the name, where, and what to do; never another exception, never a big allocation.
/// </summary>
public class BadImageTests
{
    [Fact]
    public void A_text_file_named_png_says_it_is_text()
    {
        string message = Fails("hello, I am a letter\n"u8.ToArray());
        Assert.Contains("test.png: this is no image but text, starting with \"hello, I am a letter", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("89504E470A1A0A00", "damaged at byte 0")]
    [InlineData("1F8B0800000000000003", "gzip")]
    [InlineData("7F454C4602010100", "7F454C46")]
    public void Other_bytes_are_named_for_what_they_are(string hex, string part) =>
        Assert.Contains(part, Fails(Convert.FromHexString(hex)), StringComparison.Ordinal);

    [Theory]
    [InlineData("49492A0008000000", "TIFF")]
    [InlineData("4D4D002A00000008", "TIFF")]
    [InlineData("4D4D002B00080000", "TIFF")]
    [InlineData("00000020667479706865696300000000", "HEIC")]
    [InlineData("0000001C667479706D69663100000000", "HEIC")]
    [InlineData("0000002066747970617669660000000061766966", "AVIF")]
    [InlineData("FF0AFA7F01900600", "JPEG XL")]
    [InlineData("0000000C4A584C200D0A870A", "JPEG XL")]
    [InlineData("0000000C6A5020200D0A870A", "JPEG 2000")]
    [InlineData("000001000100101000000100", "ICO")]
    [InlineData("384250530001000000000000", "Photoshop")]
    [InlineData("716F69660000000100000001", "QOI")]
    [InlineData("50360A31203120323535 0A", "PNM")]
    [InlineData("762F310102000000", "OpenEXR")]
    [InlineData("255044462D312E34", "PDF")]
    [InlineData("3C73766720786D6C6E733D", "SVG")]
    [InlineData("00000200000000000000000002000100180000FF00FF0000", "TGA")]
    [InlineData("0001010000020018000000000100010008200000FF00FF000000", "TGA")]
    public void Formats_that_are_not_read_are_named_with_a_way_out(string hex, string format)
    {
        string message = Fails(Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));
        Assert.Contains($"a {format} image, which is not read; convert it to PNG", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_truncated_file_names_its_offset_wherever_it_is_cut()
    {
        byte[] whole = Sample();
        for (int length = 9; length < whole.Length; length++)
        {
            Assert.Contains("damaged at byte", Fails(whole[..length]), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_flipped_bit_in_the_pixels_is_found_by_the_checksum()
    {
        byte[] file = Sample();
        int data = file.AsSpan().IndexOf("IDAT"u8) + 10;
        file[data] ^= 4;
        Assert.Contains($"damaged at byte {data - 14}: chunk IDAT has CRC", Fails(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100_000, 100_000, 8, 6, "more than the")]
    [InlineData(-1, 1, 8, 0, "more than the")]
    [InlineData(0, 5, 8, 0, "size of 0 x 5")]
    [InlineData(8000, 8000, 8, 2, "cannot hold them")]
    [InlineData(4, 4, 3, 0, "colour type 0 with 3 bits")]
    [InlineData(4, 4, 16, 3, "colour type 3 with 16 bits")]
    [InlineData(4, 4, 8, 7, "colour type 7")]
    [InlineData(4, 4, 8, 3, "no PLTE")]
    public void A_lying_header_is_caught_before_memory_is_taken(int width, int height, int depth, int colour, string part)
    {
        byte[] header = PngBuilder.Chunk("IHDR", PngBuilder.Header(width, height, depth, colour, 0));
        byte[] file = File(header, PngBuilder.Chunk("IDAT", PngBuilder.Zlib(new byte[1000])));
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains(part, Fails(file), StringComparison.Ordinal);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void Chunks_out_of_place_are_errors()
    {
        byte[] header = PngBuilder.Chunk("IHDR", PngBuilder.Header(1, 1, 8, 0, 0));
        byte[] data = PngBuilder.Chunk("IDAT", PngBuilder.Zlib([0, 9]));
        Assert.Contains("first chunk is IDAT", Fails(File(data)), StringComparison.Ordinal);
        Assert.Contains("second IHDR", Fails(File(header, header, data)), StringComparison.Ordinal);
        Assert.Contains("no IDAT", Fails(File(header)), StringComparison.Ordinal);
        Assert.Contains("after the pixels ended", Fails(File(header, data, PngBuilder.Chunk("tEXt", []), data)), StringComparison.Ordinal);
        Assert.Contains("unknown critical chunk ABCD", Fails(File(header, PngBuilder.Chunk("ABCD", []), data)), StringComparison.Ordinal);
        Assert.Contains("palette of 4 bytes", Fails(File(header, PngBuilder.Chunk("PLTE", new byte[4]), data)), StringComparison.Ordinal);
        Assert.Equal(9, PngTests.Read(File(header, data)).Pixels[0]);
    }

    [Fact]
    public void Pixel_data_that_is_short_or_no_zlib_stream_is_an_error()
    {
        byte[] header = PngBuilder.Chunk("IHDR", PngBuilder.Header(10, 10, 8, 0, 0));
        Fails(File(header, PngBuilder.Chunk("IDAT", "this is not zlib"u8.ToArray())));
        byte[] brief = PngBuilder.Zlib(new byte[109]), strange = PngBuilder.Zlib(Enumerable.Repeat((byte)5, 110).ToArray());
        Assert.Contains("end too early", Fails(File(header, PngBuilder.Chunk("IDAT", brief))), StringComparison.Ordinal);
        Assert.Contains("broken", Fails(File(header, PngBuilder.Chunk("IDAT", strange))), StringComparison.Ordinal);
        // 16 bits are unpacked here, and the row is known.
        byte[] deep = PngBuilder.Chunk("IHDR", PngBuilder.Header(5, 10, 16, 0, 0));
        Assert.Contains("row 9 of 10", Fails(File(deep, PngBuilder.Chunk("IDAT", brief))), StringComparison.Ordinal);
        Assert.Contains("filter 5 does not exist", Fails(File(deep, PngBuilder.Chunk("IDAT", strange))), StringComparison.Ordinal);
        Fails(File(deep, PngBuilder.Chunk("IDAT", "this is not zlib"u8.ToArray())));
    }

    [Fact]
    public void A_wrong_checksum_of_a_chunk_that_pixels_do_not_need_is_overlooked()
    {
        byte[] whole = PngTests.Read(Sample()).Pixels;
        foreach (string type in (string[])["tEXt", "zTXt", "iTXt", "pHYs", "gAMA", "iCCP", "tIME", "eXIf", "acTL", "prVt"])
        {
            byte[] chunk = PngBuilder.Chunk(type, [0, 0, 0, 1, 2, 3]);
            chunk[^2] ^= 0x40;
            byte[] file = Sample();
            byte[] before = [.. file[..33], .. chunk, .. file[33..]], after = [.. file[..^12], .. chunk, .. file[^12..]];
            Assert.Equal(whole, PngTests.Read(before).Pixels);
            Assert.Equal(whole, PngTests.Read(after).Pixels);
        }
    }

    [Theory]
    [InlineData("IHDR")]
    [InlineData("PLTE")]
    [InlineData("IDAT")]
    [InlineData("IEND")]
    public void A_wrong_checksum_of_a_chunk_that_pixels_need_is_an_error(string type)
    {
        byte[] file = Sample();
        int at = file.AsSpan().IndexOf(System.Text.Encoding.ASCII.GetBytes(type)) - 4;
        int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
        file[at + 8 + length] ^= 1;
        Assert.Contains($"damaged at byte {at}: chunk {type} has CRC", Fails(file), StringComparison.Ordinal);
    }

    [Fact]
    public void A_transparency_with_a_wrong_checksum_is_left_out_as_viewers_do()
    {
        var builder = new PngBuilder(2, 1, 8, 0, (x, _, _) => x * 10) { Transparency = [0, 10] };
        byte[] file = builder.Build();
        Assert.Equal([0, 0, 0, 255, 255, 255], PngTests.Read(file).Pixels);
        file[file.AsSpan().IndexOf("tRNS"u8) + 7] ^= 1;
        Assert.Equal([0, 0, 0, 10, 10, 10], PngTests.Read(file).Pixels);
    }

    [Fact]
    public void A_missing_file_and_a_folder_are_named()
    {
        string folder = Directory.CreateTempSubdirectory("gpucam").FullName;
        string missing = Path.Combine(folder, "none.png");
        string none = Assert.Throws<GpuCamException>(() => ImageReader.ReadFile(missing)).Message;
        Assert.Contains($"{missing}: there is no such file", none, StringComparison.Ordinal);
        string isFolder = Assert.Throws<GpuCamException>(() => ImageReader.ReadFile(folder)).Message;
        Assert.Contains("is a folder", isFolder, StringComparison.Ordinal);
        Directory.Delete(folder);
    }

    private static string Fails(byte[] file)
    {
        string message = Assert.Throws<GpuCamException>(() => PngTests.Read(file)).Message;
        Assert.StartsWith("test.png: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
        return message;
    }

    private static byte[] File(params byte[][] chunks) => PngBuilder.Join([PngBuilder.Signature, .. chunks, PngBuilder.Chunk("IEND", [])]);

    private static byte[] Sample() => new PngBuilder(19, 14, 4, 3, (x, y, _) => (x + y) & 15)
    {
        Palette = new byte[48],
        Transparency = [1, 2],
        Interlaced = true,
        Filter = y => y % 5,
        Pieces = 2,
    }.Build();
}
