using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class PixelPrecisionTests
{
    [Fact]
    public void Average_precision_of_five_pixels_worked_out_by_hand()
    {
        // Scores 1 (true), 0.75 (false), 0.5 (true), 0.5 (false), 0 (true); three are true.
        // t = 1: precision 1, recall 1/3. t = 0.75: no gain. t = 0.5: 2 of 4, recall 2/3. t = 0: 3 of 5, recall 1.
        var metric = new PixelPrecision(5);
        metric.Add([1, 0.75f, 0.5f, 0.5f, 0], [1, 0, 1, 0, 1]);
        Assert.Equal((1 + 0.5 + 0.6) / 3, metric.AveragePrecision()!.Value, 12);
    }

    /// <summary>arXiv 2001.07437: the pixels taken at t are those with a score of at least t.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(11)]
    [InlineData(101)]
    [InlineData(1001)]
    public void A_pixel_at_a_threshold_is_taken_there_and_one_just_below_it_is_not(int thresholds)
    {
        for (int level = 1; level < thresholds; level++)
        {
            float at = level / (float)(thresholds - 1), below = MathF.BitDecrement(at);
            var found = new PixelPrecision(thresholds);
            found.Add([at, below], [1, 0]);
            Assert.Equal(1, found.AveragePrecision());
            var missed = new PixelPrecision(thresholds);
            missed.Add([at, below], [0, 1]);
            Assert.Equal(0.5, missed.AveragePrecision());
        }
    }

    [Fact]
    public void Pixels_between_the_same_two_thresholds_are_taken_together()
    {
        var metric = new PixelPrecision(3);
        metric.Add([0.75f, 0.5f], [0, 1]);
        Assert.Equal(0.5, metric.AveragePrecision());
        metric.Add([0.5f, 0.9f], [1, 1]);
        Assert.Equal(0.75, metric.AveragePrecision());
    }

    [Fact]
    public void Pixels_of_all_images_are_one_pool()
    {
        // Image by image each would have 1; together the second image's true pixel comes after the first one's false one.
        var metric = new PixelPrecision(11);
        metric.Add([1, 0.8f], [1, 0]);
        metric.Add([0.5f, 0], [1, 0]);
        Assert.Equal((1 + (2.0 / 3)) / 2, metric.AveragePrecision()!.Value, 12);
    }

    [Fact]
    public void A_perfect_map_has_one_and_a_map_that_says_nothing_the_share_of_true_pixels()
    {
        byte[] mask = [0, 1, 1, 0, 0];
        var perfect = new PixelPrecision(101);
        perfect.Add([0, 1, 1, 0, 0], mask);
        Assert.Equal(1, perfect.AveragePrecision());
        var nothing = new PixelPrecision(101);
        nothing.Add(new float[5], mask);
        Assert.Equal(0.4, nothing.AveragePrecision());
    }

    [Fact]
    public void Without_a_mask_there_is_no_figure()
    {
        var metric = new PixelPrecision(101);
        Assert.Null(metric.AveragePrecision());
        metric.Add([0, 1], [0, 0]);
        Assert.Null(metric.AveragePrecision());
    }

    [Fact]
    public void Images_that_are_shared_out_and_merged_give_what_they_give_together()
    {
        var together = new PixelPrecision(5);
        PixelPrecision[] shared = [new(5), new(5)];
        float[][] maps = [[1, 0.5f, 0], [0.5f, 1, 0.25f], [0.75f, 0, 1]];
        byte[] mask = [0, 1, 1];
        for (int i = 0; i < maps.Length; i++)
        {
            together.Add(maps[i], mask);
            shared[i % 2].Add(maps[i], mask);
        }

        shared[0].Merge(shared[1]);
        Assert.Equal((3L, together.AveragePrecision()), (shared[0].Images, shared[0].AveragePrecision()));
    }

    [Fact]
    public void A_mask_of_another_size_is_refused()
    {
        ArgumentException error = Assert.Throws<ArgumentException>(() => new PixelPrecision(5).Add([1, 0], [1]));
        Assert.StartsWith("a mask of 1 pixels does not fit a map of 2", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(11)]
    [InlineData(1001)]
    public void Counting_between_thresholds_gives_what_the_definition_gives(int thresholds)
    {
        var random = new Random(5);
        var metric = new PixelPrecision(thresholds);
        var pool = new List<(float Score, bool True)>();
        for (int image = 0; image < 4; image++)
        {
            float[] scores = [.. Enumerable.Range(0, 77).Select(i => i % 3 == 0 ? random.Next(11) / 10f : random.NextSingle())];
            byte[] mask = [.. Enumerable.Range(0, 77).Select(_ => (byte)random.Next(2))];
            metric.Add(scores, mask);
            pool.AddRange(scores.Zip(mask, (score, m) => (score, m == 1)));
        }

        double expected = 0, recall = 0;
        for (int level = thresholds - 1; level >= 0; level--)
        {
            (float Score, bool True)[] taken = [.. pool.Where(pixel => pixel.Score >= level / (float)(thresholds - 1))];
            if (taken.Length == 0)
            {
                continue;
            }

            double hits = taken.Count(pixel => pixel.True);
            double now = hits / pool.Count(pixel => pixel.True);
            expected += hits / taken.Length * (now - recall);
            recall = now;
        }

        Assert.Equal(expected, metric.AveragePrecision()!.Value, 12);
    }
}
