using System.Diagnostics;
using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class LocalisationTests
{
    private const int Width = 20;
    private const int Height = 14;

    [Theory]
    [InlineData(5, 5)]
    [InlineData(float.NaN, 1)]
    [InlineData(float.NegativeInfinity, 1)]
    public void A_map_that_says_nothing_has_no_boxes(float a, float b)
    {
        Assert.All(new BoxSweep().Boxes([a, b, b, a], 2).ToArray(), box => Assert.Null(box));
        var metrics = new Localisation();
        metrics.Add([a, b, b, a], 2, [new Box(0, 0, 1, 1)], 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((1, 1, 0.0), (result.Count, result.Constant + result.NonFinite, result.PointingGame));
        Assert.Equal((0.0, 0.0, 0.0), (result.Paper.GtKnown30, result.Best30.GtKnown30, result.Best50.Top1));
    }

    [Fact]
    public void A_perfect_mask_has_every_figure_at_one()
    {
        var metrics = new Localisation();
        var truth = new Box(3, 4, 9, 12);
        metrics.Add(Mask(truth, inside: 2, outside: -1), Width, [truth], rank: 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((1.0, 1.0, 1.0), (result.Paper.GtKnown50, result.Paper.GtKnown30, result.Paper.Top1));
        Assert.Equal((1.0, 1.0, 1.0), (result.Best50.GtKnown50, result.Best30.GtKnown30, result.Best50.Top1));
        Assert.Equal((1.0, 0L), (result.PointingGame, result.Constant + result.NonFinite));
    }

    [Fact]
    public void Before_the_first_image_all_figures_are_zero() => Assert.Equal(0, new Localisation().Result().Best50.GtKnown50);

    [Fact]
    public void A_negative_map_fails_the_paper_rule_but_not_the_sweep()
    {
        var metrics = new Localisation();
        var truth = new Box(3, 4, 9, 12);
        metrics.Add(Mask(truth, inside: -1, outside: -2), Width, [truth], rank: 0);
        LocalisationResult result = metrics.Result();
        Assert.Equal((0.0, 1.0), (result.Paper.GtKnown50, result.Best50.GtKnown50));
    }

    [Fact]
    public void A_wrong_label_counts_for_GT_known_alone()
    {
        var metrics = new Localisation();
        var truth = new Box(3, 4, 9, 12);
        metrics.Add(Mask(truth, 1, 0), Width, [truth], rank: 0);
        metrics.Add(Mask(truth, 1, 0), Width, [truth], rank: 1);
        LocalisationResult result = metrics.Result();
        Assert.Equal((1.0, 0.5), (result.Paper.GtKnown50, result.Paper.Top1));
        Assert.Equal((1.0, 0.5), (result.Best50.GtKnown50, result.Best50.Top1));
    }

    [Fact]
    public void The_best_threshold_is_the_best_of_the_data_set_not_of_each_image()
    {
        // Two plateaus: one image wants a high threshold, three a low one; each image alone could have 1.
        var inner = new Box(2, 2, 4, 4);
        var outer = new Box(1, 1, 12, 12);
        float[] map = Mask(outer, 0.5f, 0);
        for (int y = inner.Y0; y <= inner.Y1; y++)
        {
            Array.Fill(map, 1, (y * Width) + inner.X0, inner.Width);
        }

        var metrics = new Localisation();
        metrics.Add(map, Width, [inner], 0);
        for (int i = 0; i < 3; i++)
        {
            metrics.Add(map, Width, [outer], 0);
        }

        LocalisationResult result = metrics.Result();
        Assert.Equal(0.75, result.Best50.GtKnown50);
        Assert.Equal(0.0, result.Best50.Threshold);
        Assert.Equal(0.25, metrics.At(60).GtKnown50);
        Assert.Equal((0.75, 0.2f), (result.Paper.GtKnown50, (float)result.Paper.Threshold));
    }

    [Theory]
    [InlineData(10, 0.5, true, true)]       // 5 of 10 columns found: exactly 0.5
    [InlineData(11, 5.0 / 11, false, true)]
    [InlineData(16, 5.0 / 16, false, true)]
    [InlineData(17, 5.0 / 17, false, false)]
    public void Overlap_counts_from_the_limit_on(int width, double iou, bool at50, bool at30)
    {
        var found = new Box(0, 3, 4, 5);
        var truth = new Box(0, 3, width - 1, 5);
        Assert.Equal(iou, found.IntersectionOverUnion(truth), 12);
        var metrics = new Localisation();
        metrics.Add(Mask(found, 1, 0), Width, [truth], 0);
        LocalisationScore score = metrics.Result().Paper;
        Assert.Equal((at50 ? 1.0 : 0.0, at30 ? 1.0 : 0.0), (score.GtKnown50, score.GtKnown30));
    }

    [Fact]
    public void Neither_the_order_of_the_images_nor_sharing_them_changes_anything()
    {
        var forward = new Localisation();
        var backward = new Localisation();
        Localisation[] shared = [new(), new()];
        for (int i = 0; i < 40; i++)
        {
            Add(forward, i);
            Add(backward, 39 - i);
            Add(shared[i % 3 / 2], i);
        }

        shared[0].Merge(shared[1]);
        Assert.Equal(forward.Result(), backward.Result());
        Assert.Equal(forward.Result(), shared[0].Result());

        static void Add(Localisation metrics, int seed) =>
            metrics.Add(RandomMap(seed), Width, [new Box(seed % 7, seed % 5, (seed % 7) + 8, (seed % 5) + 6)], seed % 3);
    }

    [Fact]
    public void Brightness_and_contrast_of_a_map_change_no_figure_of_the_sweep()
    {
        var plain = new BoxSweep();
        var scaled = new BoxSweep();
        for (int seed = 0; seed < 10; seed++)
        {
            float[] map = [.. RandomMap(seed).Select(value => MathF.Round(value * 16))];
            Assert.Equal(plain.Boxes(map, Width).ToArray(), scaled.Boxes([.. map.Select(value => (value * 4) - 64)], Width).ToArray());
        }
    }

    [Theory]
    [InlineData(-3e38f, 3e38f, MapKind.NonFinite)]
    [InlineData(-1e38f, 1e38f, MapKind.Defined)]
    [InlineData(2, float.NaN, MapKind.NonFinite)]
    [InlineData(2, 2, MapKind.Constant)]
    public void A_map_is_normalised_only_if_its_values_differ_by_a_finite_number(float a, float b, MapKind kind)
    {
        float[] normalized = [7, 7];
        Assert.Equal(kind, MapNormalization.Normalize([a, b], normalized));
        Assert.Equal(kind == MapKind.Defined ? [0f, 1f] : [0f, 0f], normalized);
    }

    [Fact]
    public void Least_and_greatest_value_are_those_of_the_map()
    {
        Assert.Equal(MapKind.Defined, MapNormalization.Range([2, -3, 5, 0], out float min, out float max));
        Assert.Equal((-3f, 5f), (min, max));
        Assert.Equal(MapKind.Constant, MapNormalization.Range([], out _, out _));
    }

    [Fact]
    public void Merged_counts_hold_all_figures_that_one_instance_has()
    {
        var chosen = new ChosenThresholds(20, 10, 30, 40);
        var heuristic = new BoxHeuristic([2, 1]);
        var together = new Localisation(chosen: chosen, heuristic: heuristic);
        Localisation[] shared = [new(chosen: chosen, heuristic: heuristic), new(chosen: chosen, heuristic: heuristic)];
        for (int i = 0; i < 24; i++)
        {
            Box truth = new(i % 7, i % 5, (i % 7) + 9, (i % 5) + 7);
            float[] map = (i % 6) switch
            {
                2 => Mask(truth, 1, 0),
                3 => new float[Width * Height],
                4 => [.. RandomMap(i).Select((v, p) => p == 5 ? float.NaN : v)],
                5 => [.. RandomMap(i).Select(v => v - 9)],
                _ => RandomMap(i),
            };
            byte[] mask = [.. Enumerable.Range(0, map.Length).Select(p => (byte)(truth.Contains(p % Width, p / Width) ? 1 : 0))];
            together.Add(map, Width, [truth], i % 8, mask);
            shared[i / 6 % 2].Add(map, Width, [truth], i % 8, mask);
        }

        shared[0].Merge(shared[1]);
        LocalisationResult result = together.Result();
        Assert.Equal(result, shared[0].Result());
        Assert.Equal((24L, 4L, 4L, 4L), (result.Count, result.Constant, result.NonFinite, result.NonPositive));
        Assert.Throws<ArgumentException>(() => together.Merge(new Localisation(11)));
    }

    [Fact]
    public void Maps_of_the_reference_size_take_milliseconds()
    {
        var metrics = new Localisation();
        float[] map = new float[100 * 100];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = MathF.Sin(i % 100 * 0.11f) * MathF.Cos(i / 100 * 0.07f);
        }

        var clock = Stopwatch.StartNew();
        for (int i = 0; i < 200; i++)
        {
            metrics.Add(map, 100, [new Box(10, 10, 40, 40)], 0);
        }
        // 1.2 ms of processor time each, measured; the limit of 60 ms leaves room for a busy machine.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 12);
    }

    internal static float[] Mask(Box box, float inside, float outside)
    {
        float[] map = new float[Width * Height];
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = box.Contains(i % Width, i / Width) ? inside : outside;
        }

        return map;
    }

    /// <summary>Smooth blobs, plateaus or pure noise: components that grow, touch and tie.</summary>
    internal static float[] RandomMap(int seed)
    {
        var random = new Random(seed);
        float[] map = new float[Width * Height];
        (double a, double b, double c) = (random.NextDouble(), random.NextDouble(), random.NextDouble() * 6);
        for (int i = 0; i < map.Length; i++)
        {
            map[i] = (seed % 3) switch
            {
                0 => (float)(Math.Sin((i % Width * a) + c) * Math.Cos((i / Width * b) + c)),
                1 => random.Next(8) * 0.25f - 1,
                _ => random.NextSingle(),
            };
        }

        return map;
    }
}
