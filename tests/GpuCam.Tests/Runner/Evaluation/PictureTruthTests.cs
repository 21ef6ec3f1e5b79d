using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Images;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>Maps of a network's input on the picture's own pixels, whatever of it the network saw.</summary>
public sealed class PictureTruthTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(PictureFit.Crop)]
    [InlineData(PictureFit.Stretch)]
    [InlineData(PictureFit.Pad)]
    public void A_map_finds_the_box_in_the_pixels_of_the_picture(PictureFit fit)
    {
        // 40 x 20 pixels, an input of 10 x 10: the middle 20 x 20 of it, all of it squeezed, or all of it in rows 2 to 6.
        PictureGeometry geometry = Geometry(fit, 40, 20);
        var truth = PictureTruth.Of(Picture(40, 20, new Box(20, 4, 27, 11)), 40, 20, new EvaluationPlan(), geometry);
        Box input = geometry.ToInput(new Box(20, 4, 27, 11))!.Value;
        float[] map = new float[100];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = input.Contains(i % 10, i / 10) ? 1 : 0;
        }

        var counts = new Localisation();
        FoundBoxes found = truth.MeasureInput(counts, map, 10, 0);
        Assert.InRange(truth.BestIou(found.Paper), 0.5, 1);
        Assert.Equal((1.0, 1.0, 1.0), (counts.Result().Best50.GtKnown50, counts.Result().PointingGame, counts.Result().Best50.Top1));
    }

    [Fact]
    public void What_the_network_did_not_see_is_in_no_box_and_counts_as_the_lowest_pixels()
    {
        string mask = _folder["mask.png"];
        PngWriter.WriteFile(mask, Image8.FromGrey([.. Enumerable.Range(0, 800).Select(i => (byte)(i % 40 < 15 ? 9 : 0))], 40, 20));
        DataPicture picture = Picture(40, 20, new Box(0, 0, 39, 19)) with { Masks = [mask] };
        var truth = PictureTruth.Of(picture, 40, 20, new EvaluationPlan { Pixels = true }, Geometry(PictureFit.Crop, 40, 20));
        float[] map = [.. Enumerable.Range(0, 100).Select(i => i % 10 < 5 ? 2f : 1)];
        var counts = new Localisation();
        FoundBoxes found = truth.MeasureInput(counts, map, 10, 0);
        // Everything seen is above 20 % of the maximum, and nothing else: columns 10 to 29 of 40.
        Assert.Equal(new Box(10, 0, 29, 19), found.Paper);
        // The mask has 300 pixels, 200 of them outside. Seen at the highest value: 9 columns of 20, 5 of them the object's; the last of the
        // ten lies between two values. All others that are the object's come with everything: 800 pixels.
        Assert.Equal((100.0 / 180 * (100.0 / 300)) + (300.0 / 800 * (200.0 / 300)), counts.Result().PixelAveragePrecision!.Value, 12);

        (float[] score, int height, int width) = truth.ScoreMap(map, 10);
        Assert.Equal((20, 40, 0f, 1f, 0f), (height, width, score[9], score[10], score[39]));
    }

    [Fact]
    public void Where_input_and_picture_are_the_same_the_map_is_measured_as_it_is()
    {
        var geometry = new PictureGeometry(10, 10, 10, 10, 10, 10, 0, 0);
        float[] map = [.. Enumerable.Range(0, 100).Select(i => MathF.Sin(i * i))];
        var truth = PictureTruth.Of(Picture(10, 10, new Box(2, 2, 7, 8)), 10, 10, new EvaluationPlan(), geometry);
        var counts = new Localisation();
        var expected = new Localisation();
        truth.MeasureInput(counts, map, 10, 3);
        expected.Add(map, 10, [new Box(2, 2, 7, 8)], 3);
        Assert.Equal(expected.Result(), counts.Result());
    }

    [Fact]
    public void By_the_public_rules_maps_and_boxes_have_224_pixels_a_side()
    {
        var plan = new EvaluationPlan { Rules = MapRules.Contours };
        var truth = PictureTruth.Of(Picture(40, 20, new Box(20, 5, 29, 9)), 40, 20, plan, Geometry(PictureFit.Crop, 40, 20));
        (float[] score, int height, int width) = truth.ScoreMap([.. Enumerable.Range(0, 100).Select(i => i % 10 < 5 ? 1f : 2)], 10);
        Assert.Equal((224, 224, 224 * 224), (height, width, score.Length));
        Assert.Equal((0f, 0f, 1f, 0f), (score[55], score[56], score[160], score[168]));
        Assert.Equal(1, truth.BestIou(ContourRules.OnMap(new Box(20, 5, 29, 9), 40, 20)));
        // Directly, and by way of the map that others get: the same.
        var direct = new Localisation(rules: MapRules.Contours);
        var exchanged = new Localisation(rules: MapRules.Contours);
        truth.MeasureInput(direct, [.. Enumerable.Range(0, 100).Select(i => i % 10 < 5 ? 1f : 2)], 10, 0);
        truth.Measure(exchanged, score, Array.ConvertAll(score, value => (double)value), new Box(0, 0, 223, 223), 0);
        Assert.Equal(direct.Result(), exchanged.Result());
    }

    private static PictureGeometry Geometry(PictureFit fit, int width, int height) =>
        (Preprocessing.Preset("unit") with { Fit = fit }).ForNetwork(10, 10, 3).Plan(width, height);

    private static DataPicture Picture(int width, int height, Box box) =>
        new("a.png", "", 0) { Width = width, Height = height, Boxes = [box] };
}
