using GpuCam.Model;
using GpuCam.Runner.Data;
using GpuCam.Runner.Evaluation;
using GpuCam.Runner.Images;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Evaluation;

/// <summary>Score maps out of files, on tiny pictures worked out by hand, and what is wrong with them.</summary>
public sealed class ScoreMapTests : IDisposable
{
    // Rows of a picture of 6x4 pixels: a bright part of 2x2, and a dim one beside it that makes it 5x2.
    private static readonly double[] s_map =
    [
        0, 0, 0, 0, 0, 0,
        0, 1, 1, 0.5, 0.5, 0.5,
        0, 1, 1, 0.5, 0.5, 0.5,
        0, 0, 0, 0, 0, 0,
    ];

    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _said = [];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Any_of_several_boxes_counts()
    {
        Write("a", s_map, 4, 6);
        Box bright = new(1, 1, 2, 2), whole = new(1, 1, 5, 2), beside = new(5, 0, 5, 3);
        Assert.Equal(0, Measure([Picture("a", [beside])]).Best50.GtKnown50);
        Assert.Equal((1.0, 0.5), Best(bright));
        Assert.Equal((1.0, 0.0), Best(beside, whole));
        Assert.Equal((1.0, 0.0), Best(bright, whole));

        (double Share, double Threshold) Best(params Box[] boxes)
        {
            LocalisationScore best = Measure([Picture("a", boxes)]).Best50;
            return (best.GtKnown50, best.Threshold);
        }
    }

    [Fact]
    public void Pixels_are_counted_against_masks_without_what_is_ignored()
    {
        Write("a", s_map, 4, 6);
        // The object is the bright part and one dim pixel; the other dim ones of that row do not count.
        string mask = Mask("mask.png", (x, y) => x is 1 or 2 && y is 1 or 2 || (x, y) == (3, 1));
        string ignore = Mask("ignore.png", (x, y) => y == 2);
        DataPicture picture = Picture("a", []) with { Masks = [mask], IgnoreMask = ignore };
        LocalisationResult found = Measure([picture]);
        // At 1: 4 of 4, of 5 in all, also those that the ignore mask names. At 0.5: 5 of 7, since (4, 1) and (5, 1) are not ignored.
        Assert.Equal((4.0 / 5) + (5.0 / 7 / 5), found.PixelAveragePrecision!.Value, 12);
        Assert.Equal(0, found.Count);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Scaling_pictures_boxes_masks_and_maps_changes_no_figure(int scale)
    {
        var random = new Random(3);
        var plain = new List<DataPicture>();
        var scaled = new List<DataPicture>();
        for (int i = 0; i < 12; i++)
        {
            (int width, int height) = (5 + i, 17 - i);
            double[] map = [.. Enumerable.Range(0, width * height).Select(_ => random.Next(9) / 8.0)];
            bool[] inside = [.. map.Select(value => value + random.NextDouble() > 1.1)];
            Box[] boxes = [new(1, 1, width - 2 - (i % 3), height - 3), new(0, 0, 2, 2)];
            plain.Add(Made($"plain{i}", 1));
            scaled.Add(Made($"scaled{i}", scale));

            DataPicture Made(string id, int by)
            {
                (int wide, int high) = (width * by, height * by);
                int[] at = [.. Enumerable.Range(0, wide * high).Select(p => (p / wide / by * width) + (p % wide / by))];
                Write(id, [.. at.Select(p => map[p])], high, wide);
                return new DataPicture($"{id}.png", "", 0)
                {
                    Width = wide,
                    Height = high,
                    Boxes = [.. boxes.Select(box => new Box(box.X0 * by, box.Y0 * by, ((box.X1 + 1) * by) - 1, ((box.Y1 + 1) * by) - 1))],
                    Masks = [Mask($"{id}.png", (x, y) => inside[at[(y * wide) + x]], wide, high)],
                };
            }
        }

        LocalisationResult expected = Measure(plain), found = Measure(scaled);
        Assert.Equal(expected.PixelAveragePrecision!.Value, found.PixelAveragePrecision!.Value, 12);
        Assert.Equal(expected.EnergyPointingGame, found.EnergyPointingGame, 12);
        Assert.Equal(
            expected with { PixelAveragePrecision = 0, EnergyPointingGame = 0 },
            found with { PixelAveragePrecision = 0, EnergyPointingGame = 0 });
        Assert.InRange(expected.Best50.GtKnown50, 0.1, 1);
    }

    [Fact]
    public void A_map_of_another_size_is_stretched_over_its_picture()
    {
        Write("a", [0, 0, 1, 0, 0, 1], 2, 3);
        // The right third is above one half: from pixel 2.5 of 6 on by the middles of pixels, which lie between two values.
        Assert.Equal(1, Measure([Picture("a", [new Box(3, 0, 5, 3)])]).Best50.GtKnown50);
    }

    [Fact]
    public void Both_ways_to_name_files_are_read_and_the_whole_name_comes_first()
    {
        Write("in/a", new double[24], 4, 6);
        DataPicture picture = Picture("in/a", [new Box(1, 1, 2, 2)]);
        Assert.Equal(1, Measure([picture]).Constant);
        Write("in/a.png", s_map, 4, 6);
        Assert.Equal(0, Measure([picture]).Constant);
    }

    [Fact]
    public void What_is_missing_or_broken_is_listed_all_at_once()
    {
        Write("sound", s_map, 4, 6);
        Write("turned", s_map, 6, 4);
        Write("flat", s_map, 1, 24);
        Write("large", [2, 0, 0, 0], 2, 2);
        _folder.Write("maps/text.npy", "no array");
        _folder.Write("maps/short.npy", File.ReadAllBytes(_folder["maps/sound.npy"])[..^8]);
        MadeMaps.Write(_folder["maps/deep.npy"], [], 0, 6, single: false);
        string[] ids = ["sound", "missing", "turned", "text", "short", "deep"];
        GpuCamException error = Assert.Throws<GpuCamException>(() => Measure([.. ids.Select(id => Picture(id, [new Box(1, 1, 2, 2)]))]));
        Assert.StartsWith("5 of 6 score maps cannot be used", error.Message, StringComparison.Ordinal);
        string[] wrong = ["missing.npy: is missing", "6 rows of 4 values lie on their side", "this is no NumPy file", "23 of 24 values",
            "an array of shape (0, 6)"];
        Assert.Equal(wrong.Length, _said.Count);
        Assert.All(wrong.Zip(_said), pair => Assert.Contains(pair.First, pair.Second, StringComparison.Ordinal));

        // Values beyond 1 are stretched by our rules, and wrong by those of the public code for a map of its size.
        Assert.Equal(1, Measure([Picture("large", [new Box(0, 0, 2, 1)])]).Best50.GtKnown50);
        MadeMaps.Write(_folder["maps/beyond.npy"], [.. Enumerable.Repeat(2.0, 224 * 224)], 224, 224, single: true);
        Assert.Throws<GpuCamException>(() => Measure([Picture("beyond", [new Box(0, 0, 2, 1)])], MapRules.Contours));
        Assert.Contains("value 2 at row 0, column 0 is not from 0 to 1", _said[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_order_of_the_pictures_changes_no_figure_and_thresholds_come_from_the_validation_pictures()
    {
        Write("a", s_map, 4, 6);
        Write("b", [.. s_map.Reverse()], 4, 6);
        DataPicture[] pictures =
            [Picture("a", [new Box(1, 1, 2, 2)]), Picture("b", [new Box(1, 1, 4, 2)]), Picture("a", [new Box(0, 0, 1, 1)])];
        Assert.Equal(Measure(pictures), Measure([.. pictures.Reverse()]));
        LocalisationResult chosen = Run([Picture("a", [new Box(1, 1, 4, 2)])], [pictures[1]], MapRules.Components).Localisation!;
        Assert.Equal((0f, 1.0), ((float)chosen.Chosen!.Value.Threshold, chosen.Chosen!.Value.GtKnown50));
        Assert.Null(chosen.Chosen.Value.Top1);
        Assert.Null(chosen.Chosen.Value.Heuristic);
    }

    [Fact]
    public void Maps_that_would_have_one_file_or_lie_elsewhere_are_refused_before_anything_is_written()
    {
        Refused("would have one score map", MapRules.Components, "in/a.png", "in/A.jpg");
        Refused("outside of", MapRules.Components, "../a.png");
        ScoreMapFolder.ToWrite(
            RankJob.Alone, _folder["new"], MapRules.Contours, [Picture("a", []), Picture("a", []) with { Id = "a.jpg" }]);
        Assert.False(Directory.Exists(_folder["new"]));
        _folder.Write("full/a.npy", "");
        Assert.Contains("not an empty folder", Assert.Throws<GpuCamException>(
            () => ScoreMapFolder.ToWrite(RankJob.Alone, _folder["full"], MapRules.Components, [])).Message, StringComparison.Ordinal);

        void Refused(string fragment, MapRules rules, params string[] ids) => Assert.Contains(
            fragment, Assert.Throws<GpuCamException>(() => ScoreMapFolder.ToWrite(
                RankJob.Alone, _folder["new"], rules, ids.Select(id => new DataPicture(id, "", 0)))).Message, StringComparison.Ordinal);
    }

    private static DataPicture Picture(string name, Box[] boxes) =>
        new($"{name}.png", "", 0) { Width = 6, Height = 4, Boxes = boxes };

    private void Write(string name, double[] map, int rows, int columns) =>
        MadeMaps.Write(_folder[$"maps/{name}.npy"], map, rows, columns, single: false);

    private string Mask(string name, Func<int, int, bool> isInside, int width = 6, int height = 4)
    {
        var image = new Image8(width, height);
        for (int i = 0; i < width * height; i++)
        {
            image[i % width, i / width] = Rgb.FromGrey(isInside(i % width, i / width) ? (byte)1 : (byte)0);
        }

        string path = _folder[$"masks/{name}"];
        PngWriter.WriteFile(path, image);
        return path;
    }

    private LocalisationResult Measure(IReadOnlyList<DataPicture> pictures, MapRules rules = MapRules.Components) =>
        Run(pictures, [], rules).Localisation!;

    private MapResult Run(IReadOnlyList<DataPicture> test, IReadOnlyList<DataPicture> validation, MapRules rules)
    {
        var plan = new EvaluationPlan { Rules = rules, Pixels = true };
        var maps = ScoreMapFolder.ToRead(_folder["maps"], rules);
        return new ScoreMapEvaluation(RankJob.Alone, maps, plan, ["object"], _said.Add).Run(test, validation).Maps[0];
    }
}
