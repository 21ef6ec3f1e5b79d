using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

/// <summary>Every pixel of a PNG is value * alpha + 255 * (1 - alpha), computed exactly and rounded once.</summary>
public class PngTests
{
    /// <summary>Colour type, depth: all fifteen that exist.</summary>
    public static TheoryData<int, int> Kinds => new()
    {
        { 0, 1 }, { 0, 2 }, { 0, 4 }, { 0, 8 }, { 0, 16 }, { 2, 8 }, { 2, 16 }, { 3, 1 }, { 3, 2 }, { 3, 4 }, { 3, 8 },
        { 4, 8 }, { 4, 16 }, { 6, 8 }, { 6, 16 },
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_colour_type_and_depth_is_read_with_every_filter(int colour, int depth)
    {
        for (int filter = 0; filter < 5; filter++)
        {
            CheckKind(colour, depth, 13, 7, interlaced: false, _ => filter);
        }

        CheckKind(colour, depth, 5, 11, interlaced: false, y => (y * 3) % 5);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_is_read_interlaced_or_not_at_every_small_size(int colour, int depth)
    {
        foreach (bool interlaced in (bool[])[false, true])
        {
            for (int width = 1; width <= 9; width++)
            {
                for (int height = 1; height <= 9; height++)
                {
                    CheckKind(colour, depth, width, height, interlaced, y => y % 5);
                }
            }

            CheckKind(colour, depth, 9, 17, interlaced, y => y % 5);
            CheckKind(colour, depth, 16, 8, interlaced, y => y % 5);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_is_read_from_chunks_of_one_byte(int colour, int depth)
    {
        CheckKind(colour, depth, 7, 5, interlaced: false, y => y % 5, pieces: int.MaxValue);
        CheckKind(colour, depth, 7, 5, interlaced: true, y => y % 5, pieces: int.MaxValue);
    }

    [Fact]
    public void Every_grey_of_16_bits_is_rounded_once()
    {
        Image8 image = Read(new PngBuilder(256, 256, 16, 0, (x, y, _) => (y * 256) + x).Build());
        for (int value = 0; value < 65536; value++)
        {
            Assert.Equal(Math.Round(value / 257m), image.Pixels[3 * value]);
        }
    }

    [Fact]
    public void Values_and_alphas_of_16_bits_are_mixed_before_they_are_rounded()
    {
        // 0.5 above and below every half, where rounding twice goes wrong.
        (int Value, int Alpha)[] cases =
            [(128, 65535), (129, 65535), (0, 65406), (0, 65407), (32768, 32767), (32768, 32768), (65407, 1), (1, 257)];
        Image8 image = Read(new PngBuilder(cases.Length, 1, 16, 4, (x, _, c) => c == 0 ? cases[x].Value : cases[x].Alpha).Build());
        for (int x = 0; x < cases.Length; x++)
        {
            decimal alpha = cases[x].Alpha / 65535m;
            Assert.Equal(Math.Round((cases[x].Value / 257m * alpha) + (255 * (1 - alpha))), image[x, 0].R);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    [InlineData(16)]
    public void A_grey_key_in_tRNS_becomes_white(int depth)
    {
        int key = depth == 16 ? 0x1234 : (1 << depth) - 1, other = key - 1;
        foreach (bool interlaced in (bool[])[false, true])
        {
            byte[] file = new PngBuilder(3, 2, depth, 0, (x, y, _) => (x + y) % 2 == 0 ? other : key)
            {
                Transparency = [(byte)(key >> 8), (byte)key],
                Interlaced = interlaced,
            }.Build();
            Image8 image = Read(file);
            int expected = (int)Math.Round(other * 255m / ((1 << depth) - 1));
            Assert.Equal([expected, 255, expected, 255, expected, 255], image.ToGrey().Select(b => (int)b));
        }
    }

    [Theory]
    [InlineData(8)]
    [InlineData(16)]
    public void An_rgb_key_in_tRNS_becomes_white_only_where_all_bits_of_all_channels_agree(int depth)
    {
        int scale = depth == 16 ? 257 : 1;
        var builder = new PngBuilder(4, 1, depth, 2, (x, _, c) => (c * scale * 20) + (x == c + 1 ? 1 : 0))
        {
            Transparency = [0, 0, (byte)(20 * scale >> 8), (byte)(20 * scale), (byte)(40 * scale >> 8), (byte)(40 * scale)],
        };
        byte step = (byte)(depth == 16 ? 0 : 1);
        Image8 image = Read(builder.Build());
        Assert.Equal([255, 255, 255, step, 20, 40, 0, (byte)(20 + step), 40, 0, 20, (byte)(40 + step)], image.Pixels);
    }

    [Fact]
    public void A_palette_with_alpha_is_laid_over_white()
    {
        byte[] palette = [200, 0, 0, 0, 200, 0, 0, 0, 200];
        Image8 image = Read(new PngBuilder(3, 1, 2, 3, (x, _, _) => x) { Palette = palette, Transparency = [0, 128] }.Build());
        Assert.Equal(new Rgb(255, 255, 255), image[0, 0]);
        Assert.Equal(new Rgb(127, 227, 127), image[1, 0]);
        Assert.Equal(new Rgb(0, 0, 200), image[2, 0]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(8)]
    public void Every_entry_of_a_palette_has_its_alpha(int depth)
    {
        int count = 1 << depth;
        byte[] palette = [.. Enumerable.Range(0, 3 * count).Select(i => (byte)(i * 83))];
        byte[] alpha = [.. Enumerable.Range(0, count).Select(i => (byte)(i * 59))];
        foreach (bool interlaced in (bool[])[false, true])
        {
            Image8 image = Read(new PngBuilder(count, 1, depth, 3, (x, _, _) => x)
            {
                Palette = palette,
                Transparency = alpha,
                Interlaced = interlaced,
            }.Build());
            for (int i = 0; i < 3 * count; i++)
            {
                Assert.Equal(OverWhite(palette[i], alpha[i / 3], 255), image.Pixels[i]);
            }
        }
    }

    [Fact]
    public void A_palette_beside_full_colours_is_but_a_hint()
    {
        Image8 image = Read(new PngBuilder(2, 1, 8, 2, (x, _, c) => (x * 100) + c) { Palette = [1, 2, 3] }.Build());
        Assert.Equal([0, 1, 2, 100, 101, 102], image.Pixels);
    }

    [Fact]
    public void Colours_are_those_stored_whatever_gamma_and_profile_say()
    {
        byte[] profile = [.. "x\0\0"u8, .. PngBuilder.Zlib(new byte[300])];
        byte[] twice = [0, 0, 0xC3, 0x50], four = [.. twice, .. twice, .. twice, .. twice];
        (string, byte[])[] chunks = [("gAMA", twice), ("cHRM", [.. four, .. four]), ("sRGB", [0]), ("iCCP", profile)];
        foreach ((string type, byte[] content) in chunks)
        {
            foreach (int depth in (int[])[8, 16])
            {
                int scale = depth == 16 ? 257 : 1;
                byte[] chunk = PngBuilder.Chunk(type, content);
                Image8 image =
                    Read(new PngBuilder(3, 1, depth, 2, (x, _, c) => ((x * 70) + (c * 20)) * scale) { Before = [chunk] }.Build());
                Assert.Equal([0, 20, 40, 70, 90, 110, 140, 160, 180], image.Pixels);
            }
        }
    }

    [Fact]
    public void Data_cut_into_many_pieces_is_read()
    {
        byte[] file = new PngBuilder(31, 17, 8, 2, (x, y, c) => (x * 31) + (y * 57) + (c * 91) & 255) { Pieces = 40 }.Build();
        Image8 image = Read(file);
        Assert.Equal(new Rgb(88, 179, 14), image[1, 1]);
    }

    internal static Image8 Read(byte[] file) => ImageReader.Read(new MemoryStream(file), "test.png");

    internal static byte[] Write(Image8 image)
    {
        var stream = new MemoryStream();
        PngWriter.Write(image, stream);
        return stream.ToArray();
    }

    private static void CheckKind(int colour, int depth, int width, int height, bool interlaced, Func<int, int> filter, int pieces = 1)
    {
        int maximum = (1 << depth) - 1;
        int Sample(int x, int y, int c) => ((x * 7919) + (y * 104729) + (c * 1299709)) >> 2 & maximum;
        byte[] palette = Enumerable.Range(0, 3 << Math.Min(depth, 8)).Select(i => (byte)(i * 37)).ToArray();
        var builder = new PngBuilder(width, height, depth, colour, Sample)
        {
            Interlaced = interlaced,
            Filter = filter,
            Palette = colour == 3 ? palette : null,
            Pieces = pieces,
        };
        Image8 image = Read(builder.Build());
        Assert.Equal((width, height), (image.Width, image.Height));
        for (int i = 0; i < image.Pixels.Length; i++)
        {
            int x = i / 3 % width, y = i / 3 / width, c = i % 3;
            int wanted = colour switch
            {
                3 => palette[(3 * Sample(x, y, 0)) + c],
                0 => OverWhite(Sample(x, y, 0), maximum, maximum),
                2 => OverWhite(Sample(x, y, c), maximum, maximum),
                4 => OverWhite(Sample(x, y, 0), Sample(x, y, 1), maximum),
                _ => OverWhite(Sample(x, y, c), Sample(x, y, 3), maximum),
            };
            string place = $"type {colour}, {depth} bits, {width} x {height}, ({x}, {y})";
            Assert.True(wanted == image.Pixels[i], $"{place}: {image[x, y]}, wanted {wanted} in channel {c}");
        }
    }

    /// <summary>In whole numbers: both are fractions of the maximum, which is odd, so that no value lies halfway.</summary>
    private static int OverWhite(int value, int alpha, int maximum)
    {
        long square = (long)maximum * maximum;
        long mixed = 255 * (((long)value * alpha) + ((long)maximum * (maximum - alpha)));
        return (int)(((2 * mixed) + square) / (2 * square));
    }
}
