using GpuCam.Model;
using GpuCam.Runner.Images;

namespace GpuCam.Tests.Runner.Images;

public class HeatmapTests
{
    private static readonly HeatmapOptions s_ink = new() { Background = ImageBackground.Dark };

    [Fact]
    public void The_overlay_with_boxes_and_caption_looks_as_it_did()
    {
        var options = new HeatmapOptions
        {
            Caption = Caption.Prediction("7", "1", 0.9911),
            TrueBox = new Box(8, 5, 19, 20),
            PredictedBox = new Box(6, 7, 22, 23),
            Scale = 4,
            Background = ImageBackground.Dark,
        };
        Golden.Matches("heatmap.png", Heatmap.Draw(Sample(), Bump(0), options));
    }

    [Fact]
    public void The_font_and_a_montage_look_as_they_did()
    {
        string all = string.Concat(Enumerable.Range(32, 95).Select(i => (char)i)) + "\u00B7\u00E9";
        Image8 picture = Heatmap.Enlarge(Sample(), 4);
        MontageTile[] tiles = [new(picture, all), new(Sample()), new(picture)];
        Golden.Matches("montage.png", Montage.Compose(tiles, 2, "Two by two"));
    }

    [Fact]
    public void The_overlay_is_half_jet_and_half_the_inverted_image()
    {
        var image = new Image8(3, 1) { [1, 0] = new Rgb(100, 100, 100), [2, 0] = new Rgb(255, 255, 255) };
        Image8 overlay = Heatmap.Overlay(image, [-1, 0.5f, 2], s_ink);
        // Jet's ends are half dark blue and half dark red, its middle (0.502 of 1) a green with a little red and blue.
        Assert.Equal(new Rgb(128, 128, 192), overlay[0, 0]);
        Assert.Equal(Mixed(ColorMaps.Jet.At(0.5f), 155), overlay[1, 0]);
        Assert.Equal(new Rgb(64, 0, 0), overlay[2, 0]);
        Rgb Mixed(Rgb c, int under) => new((byte)((c.R + under + 1) / 2), (byte)((c.G + under + 1) / 2), (byte)((c.B + under + 1) / 2));
    }

    [Theory]
    [InlineData(-3f, 1f, "no positive evidence: every contribution is <= 0")]
    [InlineData(2.5f, 0f, "the map is 2.5 everywhere")]
    [InlineData(0f, 0f, "no positive evidence")]
    [InlineData(float.NaN, 1f, "NaN")]
    public void A_map_that_cannot_be_shown_says_why_and_colours_nothing(float offset, float height, string part)
    {
        float[] map = Bump(offset, height);
        Assert.Contains(part, MapRange.Of(map).Explanation, StringComparison.Ordinal);
        Image8 overlay = Heatmap.Overlay(Sample(), map, s_ink);
        Assert.True(overlay.IsGrey);
        Assert.Equal(255 - Sample()[9, 7].R, overlay[9, 7].R);
        var options = new HeatmapOptions { Caption = "x" };
        int with = Heatmap.Draw(Sample(), map, options).Height, without = Heatmap.Draw(Sample(), Bump(0), options).Height;
        Assert.True(with > without, "the caption has no line more");
    }

    [Fact]
    public void A_signed_map_shows_zero_as_neutral_and_negative_values_too()
    {
        var image = new Image8(3, 1);
        image.Fill(new Rgb(255, 255, 255));
        Image8 overlay = Heatmap.Overlay(image, [-4, 0, 2], new HeatmapOptions { Signed = true, Alpha = 1 });
        Assert.Equal(new Rgb(0, 0x72, 0xB2), overlay[0, 0]);
        Assert.True(overlay[1, 0] is { R: > 240, G: > 240, B: > 240 }, $"{overlay[1, 0]}");
        Assert.True(overlay[2, 0].R > overlay[2, 0].B + 50, $"{overlay[2, 0]}");
        Assert.False(Heatmap.Overlay(image, [-4, -2, -1], new HeatmapOptions { Signed = true }).IsGrey);
    }

    [Fact]
    public void A_photograph_is_shown_as_it_is_grey_or_not_and_inverted_only_on_a_dark_background()
    {
        foreach (Rgb colour in (Rgb[])[new(200, 10, 10), new(200, 200, 200), new(201, 200, 200)])
        {
            var image = new Image8(2, 1) { [0, 0] = colour };
            Assert.Equal(image.Pixels, Heatmap.Overlay(image, [0, 1], new HeatmapOptions { Alpha = 0 }).Pixels);
            Assert.Equal(255 - colour.R, Heatmap.Overlay(image, [0, 1], s_ink with { Alpha = 0 }).Pixels[0]);
        }
    }

    [Fact]
    public void A_map_of_another_size_is_an_error()
    {
        string message = Assert.Throws<GpuCamException>(() => Heatmap.Overlay(Sample(), new float[10])).Message;
        Assert.Contains("does not fit", message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_colour_scales_have_their_known_values()
    {
        Assert.Equal(new Rgb(0, 0, 128), ColorMaps.Jet.At(0));
        Assert.Equal(new Rgb(128, 0, 0), ColorMaps.Jet.At(1));
        Assert.Equal(new Rgb(128, 0, 0), ColorMaps.Jet.At(7));
        Assert.Equal(new Rgb(0, 0, 128), ColorMaps.Jet.At(float.NaN));
        Assert.Equal(new Rgb(0x44, 0x01, 0x54), ColorMaps.Viridis.At(0));
        Assert.Equal(new Rgb(0xFD, 0xE7, 0x25), ColorMaps.Viridis.At(1));
        Assert.Equal(new Rgb(0xD5, 0x5E, 0x00), ColorMaps.Diverging.At(1));
        for (int i = 1; i < 256; i++)
        {
            Assert.True(ColorMaps.Viridis.At(i / 255f).Grey >= ColorMaps.Viridis.At((i - 1) / 255f).Grey, $"viridis darkens at {i}");
        }

        string message = Assert.Throws<GpuCamException>(() => ColorMaps.ByName("hot")).Message;
        Assert.Contains("jet, viridis, diverging", message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("one two three", 8, "one two|three")]
    [InlineData("one two three", 7, "one two|three")]
    [InlineData("abcdefghij k", 4, "abcd|efgh|ij k")]
    [InlineData("a\nb", 9, "a|b")]
    public void Captions_wrap_at_blanks(string text, int width, string lines) =>
        Assert.Equal(lines, string.Join('|', Font.Wrap(text, width)));

    [Fact]
    public void A_prediction_names_truth_class_and_percent()
    {
        Assert.Equal("true 7 \u00B7 predicted 1 (99.1 %)", Caption.Prediction("7", "1", 0.991));
        Assert.Equal("predicted cat (0.0 %)", Caption.Prediction(null, "cat", 0));
    }

    [Fact]
    public void Floats_and_bytes_convert_both_ways()
    {
        float[] values = [0, 0.5f, 1, 2, -1, float.NaN];
        var image = Image8.FromFloats(values, 3, 2, 1);
        Assert.Equal([0, 128, 255, 255, 0, 0], image.ToGrey());
        float[] back = new float[18];
        image.ToFloats(back, 3);
        Assert.Equal([0, 0, 0, 128 / 255f], back[..4]);
        Assert.Throws<GpuCamException>(() => image.ToFloats(new float[5], 1));
    }

    private static Image8 Sample()
    {
        var image = new Image8(30, 26);
        image.FillRectangle(8, 5, 12, 3, Rgb.FromGrey(250));
        for (int y = 8; y < 21; y++)
        {
            image.FillRectangle(18 - ((y - 5) / 2), y, 2, 1, Rgb.FromGrey((byte)(120 + (8 * (y % 9)))));
        }

        return image;
    }

    private static float[] Bump(float offset, float height = 1)
    {
        float[] map = new float[30 * 26];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = (height / (1 + ((((i % 30) - 13) * ((i % 30) - 13)) + (((i / 30) - 12) * ((i / 30) - 12))) / 40f)) + offset;
        }

        return map;
    }
}
