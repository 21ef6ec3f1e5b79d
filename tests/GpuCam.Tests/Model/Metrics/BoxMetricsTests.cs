using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>MaxBoxAccV2, box heuristics, errors by rank and the pointing games, on maps whose figures can be told by hand.</summary>
public class BoxMetricsTests
{
    private const int Width = 12;
    private const int Height = 9;
    private static readonly Box s_truth = new(1, 1, 4, 4);

    [Fact]
    public void Any_component_counts_for_V2_but_only_the_largest_for_MaxBoxAcc()
    {
        // A large wrong part (4x5), and a smaller part exactly on the truth.
        var metrics = new Localisation();
        metrics.Add(Draw((s_truth, 1), (new Box(6, 1, 9, 5), 1)), Width, [s_truth], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((0.0, 0.0, 0.0), (result.Best50.GtKnown50, result.Best30.GtKnown30, result.Paper.GtKnown50));
        Assert.Equal(1, result.BestAny.Mean);
    }

    [Fact]
    public void Each_limit_of_V2_has_a_threshold_of_its_own_and_the_mean_is_theirs()
    {
        // Three nested plateaus. Truth is 4x4 = 16: boxes of 32 (IoU 0.5), 16 (1) and 4 (0.25) pixels.
        float[] map = Draw((new Box(1, 1, 8, 4), 0.25f), (s_truth, 0.5f), (new Box(1, 1, 2, 2), 1));
        var first = new Localisation();
        first.Add(map, Width, [s_truth], 0);
        Assert.Equal(new AnyBoxScores(new(0, 1), new(0, 1), new(0.25f, 1)), first.Result().BestAny);

        // A second image that only the lowest threshold finds, with IoU 0.5: at 0.7 one image is left.
        first.Add(map, Width, [new Box(1, 1, 8, 8)], 0);
        AnyBoxScores both = first.Result().BestAny;
        Assert.Equal((1.0, 1.0, 0.5), (both.Iou30.Share, both.Iou50.Share, both.Iou70.Share));
        Assert.Equal(2.5 / 3, both.Mean, 12);
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(11)]
    public void The_sweep_rates_all_components_as_labelling_at_every_threshold_does(int count)
    {
        var sweep = new BoxSweep(count);
        var components = new MapComponents();
        for (int seed = 0; seed < 20; seed++)
        {
            float[] map = Noise(seed);
            float[] normalized = new float[map.Length];
            MapNormalization.Normalize(map, normalized);
            Box[] truths = seed % 3 == 0 ? [s_truth] : [new Box(seed % 5, seed % 4, (seed % 5) + 3, (seed % 4) + 2), new Box(5, 5, 10, 8)];
            sweep.Boxes(map, Width, truths);
            for (int i = 0; i < count; i++)
            {
                double best = components.Above(normalized, Width, sweep.Threshold(i))
                    .SelectMany(component => truths.Select(component.Box.IntersectionOverUnion)).DefaultIfEmpty(0).Max();
                Assert.Equal(IouLimits.All.Count(limit => best >= limit), sweep.BestReach[i]);
            }
        }
    }

    [Fact]
    public void The_best_of_several_true_boxes_counts()
    {
        var metrics = new Localisation();
        metrics.Add(Draw((s_truth, 1)), Width, [new Box(7, 5, 9, 8), s_truth], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((1.0, 1.0, 1.0, 1.0), (result.Best50.GtKnown50, result.BestAny.Mean, result.PointingGame, result.EnergyPointingGame));
    }

    [Theory]
    [InlineData(0, 1, 1, 1, 1)]
    [InlineData(1, 0, 1, 1, 1)]
    [InlineData(2, 0, 1, 1, 0)]     // the third class has one box, and it is the wrong one
    [InlineData(3, 0, 1, 1, 0)]
    [InlineData(4, 0, 1, 1, 0)]
    [InlineData(5, 0, 0, 0, 0)]
    public void Rank_decides_over_top_1_top_5_and_how_many_boxes_a_class_may_give(int rank, int top1, int top5, int plain, int two)
    {
        // Right part second in size: rank and the second box matter. The plain rule looks at a map whose largest part is right.
        float[] wrongFirst = Draw((s_truth, 1), (new Box(6, 1, 9, 5), 1));
        var plainRule = new Localisation();
        plainRule.Add(Draw((s_truth, 1)), Width, [s_truth], rank);
        LocalisationScore score = plainRule.Result().Paper;
        Assert.Equal((1.0, top1, top5, (double?)plain), (score.GtKnown50, score.Top1, score.Top5, score.Heuristic));

        var heuristic = new Localisation(heuristic: new BoxHeuristic([2, 2, 1]));
        heuristic.Add(wrongFirst, Width, [s_truth], rank);
        Assert.Equal(two, heuristic.Result().Paper.Heuristic);
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(4, 1)]
    [InlineData(5, 2)]
    [InlineData(6, 2)]
    [InlineData(7, 3)]
    [InlineData(10, 3)]
    public void Overlaps_count_from_three_five_and_seven_tenths_on(int rows, int reach)
    {
        var truth = new Box(1, 1, 4, 10);
        var found = new Box(1, 1, 4, rows);
        Assert.Equal(reach, IouLimits.Reach(found, [truth]));
        Assert.Equal(reach, IouLimits.Reach(truth, [found]));
        var metrics = new Localisation();
        float[] map = new float[6 * 12];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = found.Contains(i % 6, i / 6) ? 1 : 0;
        }

        metrics.Add(map, 6, [truth], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((reach >= 1 ? 1.0 : 0, reach >= 2 ? 1.0 : 0, reach >= 3 ? 1.0 : 0),
            (result.Paper.GtKnown30, result.Paper.GtKnown50, result.Paper.GtKnown70));
        Assert.Equal((result.Paper.GtKnown30, result.Paper.GtKnown50, result.Paper.GtKnown70),
            (result.BestAny.Iou30.Share, result.BestAny.Iou50.Share, result.BestAny.Iou70.Share));
    }

    [Fact]
    public void A_box_of_the_heuristic_finds_from_an_overlap_of_a_half_on()
    {
        var truth = new Box(0, 0, 9, 9);
        var heuristic = new BoxHeuristic([1]);
        Assert.True(heuristic.Finds([new Box(0, 0, 9, 4)], 0, [truth]));
        Assert.False(heuristic.Finds([new Box(0, 0, 9, 3)], 0, [truth]));
    }

    [Fact]
    public void A_threshold_chosen_on_other_images_is_reported_beside_the_best_one()
    {
        // On the one image the inner box is the truth, on the other the outer one.
        var outer = new Box(1, 1, 8, 8);
        float[] map = Draw((outer, 0.5f), (s_truth, 1));
        var validation = new Localisation(11);
        validation.Add(map, Width, [s_truth], 0);
        ChosenThresholds chosen = validation.Choose();
        Assert.Equal(new ChosenThresholds(5, 5, 5, 5), chosen);

        var test = new Localisation(11, chosen, new BoxHeuristic([1]));
        test.Add(map, Width, [outer], 0);
        test.Add(map, Width, [s_truth], 0);
        test.Add(map, Width, [outer], 0);
        LocalisationResult result = test.Result();
        Assert.Equal((0.0, 2.0 / 3), (result.Best50.Threshold, result.Best50.GtKnown50));
        Assert.Equal((0.5, 1.0 / 3, (double?)(1.0 / 3)),
            (result.Chosen!.Value.Threshold, result.Chosen.Value.GtKnown50, result.Chosen.Value.Heuristic));
        Assert.Equal(1.0 / 3, result.ChosenAny!.Value.Iou50.Share);
    }

    [Fact]
    public void Energy_is_the_positive_part_inside_the_box()
    {
        // Inside 16 pixels of 2 = 32; outside 4 of 1 and some below 0: 32 / 36.
        var metrics = new Localisation();
        float[] map = Draw((s_truth, 2), (new Box(7, 7, 10, 7), 1), (new Box(8, 1, 9, 2), -5));
        metrics.Add(map, Width, [s_truth], 0);
        Assert.Equal(32.0 / 36, metrics.Result().EnergyPointingGame, 12);
        Assert.Equal(1, metrics.Result().PointingGame);
        metrics.Add([.. map.Select(value => value - 2)], Width, [s_truth], 0);
        Assert.Equal(32.0 / 36 / 2, metrics.Result().EnergyPointingGame, 12);
        Assert.Equal(1, metrics.Result().NonPositive);
    }

    [Fact]
    public void Maps_of_one_pixel_and_the_ends_of_the_sweep_do_no_harm()
    {
        var metrics = new Localisation();
        metrics.Add([3], 1, [new Box(0, 0, 0, 0)], 0, [1]);
        LocalisationResult one = metrics.Result();
        Assert.Equal((1L, 1L, 0.0, 0.0), (one.Count, one.Constant, one.Best50.GtKnown50, one.PointingGame));
        Assert.Equal(1, one.PixelAveragePrecision);      // the only pixel belongs to the object

        var ends = new Localisation();
        ends.Add(Draw((s_truth, 1)), Width, [s_truth], 0);
        Assert.Equal((1.0, 0.0), (ends.At(0).GtKnown50, ends.At(100).GtKnown50));
    }

    [Fact]
    public void What_is_wrong_with_a_map_is_counted_by_its_kind()
    {
        var metrics = new Localisation();
        float[] map = new float[Width * Height];
        metrics.Add(map, Width, [s_truth], 0);
        metrics.Add(Draw((s_truth, float.NaN)), Width, [s_truth], 0);
        metrics.Add(Draw((s_truth, float.PositiveInfinity)), Width, [s_truth], 0);
        metrics.Add(Draw((s_truth, -1)), Width, [s_truth], 0);
        metrics.Add(Draw((s_truth, 1)), Width, [s_truth], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((5L, 1L, 2L, 1L), (result.Count, result.Constant, result.NonFinite, result.NonPositive));
        Assert.Equal((0.2, 0.2), (result.Paper.GtKnown50, result.EnergyPointingGame));
    }

    [Fact]
    public void Place_among_the_logits_counts_the_first_of_equals_first()
    {
        float[] logits = [1, 3, 3, 0];
        Assert.Equal([2, 0, 1, 3], Enumerable.Range(0, 4).Select(i => Ranking.PlaceOf(logits, i)));
    }

    /// <summary>Zeros with boxes drawn over each other.</summary>
    private static float[] Draw(params (Box Box, float Value)[] parts)
    {
        float[] map = new float[Width * Height];
        foreach ((Box box, float value) in parts)
        {
            for (int y = box.Y0; y <= box.Y1; y++)
            {
                Array.Fill(map, value, (y * Width) + box.X0, box.Width);
            }
        }

        return map;
    }

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, Width * Height).Select(_ => seed % 2 == 0 ? random.NextSingle() : random.Next(6) * 0.2f)];
    }
}
