using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

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
    public void Interlaced_images_of_every_kind_and_odd_size_are_read(int colour, int depth)
    {
        foreach ((int width, int height) in (ReadOnlySpan<(int, int)>)[(1, 1), (2, 3), (4, 1), (5, 1), (5, 5), (9, 17), (16, 8)])
        {
            CheckKind(colour, depth, width, height, interlaced: true, y => y % 5);
        }
    }

    [Fact]
    public void A_grey_key_in_tRNS_becomes_white()
    {
        byte[] file = new PngBuilder(3, 1, 8, 0, (x, _, _) => x * 10) { Transparency = [0, 10] }.Build();
        Image8 image = Read(file);
        Assert.Equal([0, 0, 0, 255, 255, 255, 20, 20, 20], image.Pixels);
    }

    [Fact]
    public void An_rgb_key_in_tRNS_becomes_white_only_where_all_16_bits_agree()
    {
        var builder = new PngBuilder(2, 1, 16, 2, (x, _, c) => (c * 257 * 20) + x) { Transparency = [0, 0, 0x14, 0x14, 0x28, 0x28] };
        Image8 image = Read(builder.Build());
        Assert.Equal([255, 255, 255, 0, 20, 40], image.Pixels);
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

    [Fact]
    public void Data_cut_into_many_pieces_is_read()
    {
        byte[] file = new PngBuilder(31, 17, 8, 2, (x, y, c) => (x * 31) + (y * 57) + (c * 91) & 255) { Pieces = 40 }.Build();
        Image8 image = Read(file);
        Assert.Equal(new Rgb(88, 179, 14), image[1, 1]);
    }

    [Theory]
    [InlineData(1, 1, false)]
    [InlineData(1, 1, true)]
    [InlineData(37, 5, false)]
    [InlineData(3, 64, true)]
    [InlineData(101, 99, false)]
    public void What_is_written_is_read_back_exactly(int width, int height, bool grey)
    {
        var image = new Image8(width, height);
        new Random(7).NextBytes(image.Pixels);
        for (int i = 0; grey && i < image.Pixels.Length; i++)
        {
            image.Pixels[i] = image.Pixels[i - (i % 3)];
        }

        byte[] file = Write(image);
        Assert.Equal(image.Pixels, Read(file).Pixels);
        Assert.Equal(grey ? 0 : 2, file[25]);
    }

    [Fact]
    public void Smooth_and_flat_pictures_compress_well()
    {
        var smooth = new Image8(100, 100);
        for (int i = 0; i < 10_000; i++)
        {
            smooth[i % 100, i / 100] = new Rgb((byte)(i % 100 * 2), (byte)(i / 100 * 2), (byte)(i % 100 + (i / 100)));
        }

        Assert.True(Write(smooth).Length < 1500, $"{Write(smooth).Length} bytes");
        Assert.True(Write(new Image8(300, 300)).Length < 500, $"{Write(new Image8(300, 300)).Length} bytes");
    }

    internal static Image8 Read(byte[] file) => ImageReader.Read(new MemoryStream(file), "test.png");

    internal static byte[] Write(Image8 image)
    {
        var stream = new MemoryStream();
        PngWriter.Write(image, stream);
        return stream.ToArray();
    }

    private static void CheckKind(int colour, int depth, int width, int height, bool interlaced, Func<int, int> filter)
    {
        int maximum = (1 << depth) - 1;
        int Sample(int x, int y, int c) => ((x * 7919) + (y * 104729) + (c * 1299709)) >> 2 & maximum;
        byte[] palette = Enumerable.Range(0, 3 << Math.Min(depth, 8)).Select(i => (byte)(i * 37)).ToArray();
        var builder = new PngBuilder(width, height, depth, colour, Sample)
        {
            Interlaced = interlaced,
            Filter = filter,
            Palette = colour == 3 ? palette : null,
        };
        Image8 image = Read(builder.Build());
        Assert.Equal((width, height), (image.Width, image.Height));
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                double[] wanted = Enumerable.Range(0, 3).Select(c => colour switch
                {
                    3 => palette[(3 * Sample(x, y, 0)) + c],
                    0 => Sample(x, y, 0) * 255.0 / maximum,
                    2 => Sample(x, y, c) * 255.0 / maximum,
                    4 => OverWhite(Sample(x, y, 0), Sample(x, y, 1)),
                    _ => OverWhite(Sample(x, y, c), Sample(x, y, 3)),
                }).ToArray();
                Rgb got = image[x, y];
                // One rounding loses half a step; 16 bits with alpha round three times (value, alpha, mixture).
                double error = Math.Max(Math.Abs(got.R - wanted[0]), Math.Max(Math.Abs(got.G - wanted[1]), Math.Abs(got.B - wanted[2])));
                double tolerance = colour >= 4 && depth == 16 ? 1.5 : 0.51;
                Assert.True(error <= tolerance, $"type {colour}, {depth} bits, ({x}, {y}): {got}, wanted {string.Join(' ', wanted)}");
            }
        }

        double OverWhite(int value, int alpha) => 255.0 - ((255.0 - (value * 255.0 / maximum)) * alpha / maximum);
    }
}
