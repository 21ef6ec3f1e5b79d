using GpuCam.Model;

namespace GpuCam.Tests.Model;

/// <summary>Faithfulness with networks so simple that every figure can be told by hand.</summary>
public class FaithfulnessTests
{
    /// <summary>The mean of the image's values.</summary>
    private static readonly ImageScores s_brightness = (images, classes, scores) =>
    {
        int length = images.Length / classes.Length;
        for (int n = 0; n < classes.Length; n++)
        {
            double sum = 0;
            foreach (float value in images.Slice(n * length, length))
            {
                sum += value;
            }

            scores[n] = sum / length;
        }
    };

    /// <summary>One less that.</summary>
    private static readonly ImageScores s_darkness = (images, classes, scores) =>
    {
        s_brightness(images, classes, scores);
        for (int n = 0; n < scores.Length; n++)
        {
            scores[n] = 1 - scores[n];
        }
    };

    /// <summary>The first pixel, to two digits: what ROAD's noise cannot reach.</summary>
    private static readonly ImageScores s_firstPixel = (images, classes, scores) =>
    {
        for (int n = 0; n < classes.Length; n++)
        {
            scores[n] = images[n * (images.Length / classes.Length)] > 0.5f ? 1 : 0;
        }
    };

    [Fact]
    public void Drop_deletion_and_insertion_of_four_pixels_worked_out_by_hand()
    {
        // N(map) = 1, 0.5, 0, 0.25, so the order is 0, 1, 3, 2 and the masked image 1, 0.25, 0, 0.125.
        var metric = new Faithfulness(steps: 4);
        metric.Add(0, [1, 0.5f, 0, 0.5f], [5, 3, 1, 2], 2, 0, s_brightness);
        FaithfulnessResult result = metric.Result();
        Assert.Equal((2 - 1.375) / 2, result.AverageDrop, 12);
        Assert.Equal(0, result.IncreaseInConfidence);
        Assert.Equal(((2 + 0) / 2.0 + 1 + 0.5 + 0) / 4 / 4, result.Deletion, 12);       // sums 2, 1, 0.5, 0, 0
        Assert.Equal(((0 + 2) / 2.0 + 1 + 1.5 + 2) / 4 / 4, result.Insertion, 12);      // sums 0, 1, 1.5, 2, 2
    }

    [Fact]
    public void A_gain_is_an_increase_and_no_drop()
    {
        var metric = new Faithfulness(steps: 2);
        metric.Add(0, [1, 1, 1, 1], [1, 0, 0, 0], 2, 0, s_darkness);
        metric.Add(1, [0, 0, 0, 0], [1, 0, 0, 0], 2, 0, s_darkness);
        Assert.Equal((0.0, 0.5, 2L), (metric.Result().AverageDrop, metric.Result().IncreaseInConfidence, metric.Result().Count));
    }

    [Fact]
    public void Road_of_a_map_that_names_the_only_pixel_that_matters_is_a_half()
    {
        float[] image = new float[100];
        image[0] = 1;
        float[] map = new float[100];
        map[0] = 1;
        var metric = new Faithfulness(steps: 2);
        metric.Add(0, image, map, 10, 0, s_firstPixel);
        FaithfulnessResult result = metric.Result();
        Assert.Equal((0.0, 1.0, 0.5), (result.RoadMostRelevantFirst, result.RoadLeastRelevantFirst, result.Road));

        var reversed = new Faithfulness(steps: 2);
        reversed.Add(0, image, [.. map.Select(value => -value)], 10, 0, s_firstPixel);
        Assert.Equal(-0.5, reversed.Result().Road);
    }

    [Fact]
    public void Road_is_the_mean_over_nine_shares_of_the_pixels()
    {
        // The pixel that matters is the sixth of ten: removed from 60 % on, and from 50 % on when the least relevant go first.
        var metric = new Faithfulness(steps: 1);
        metric.Add(0, [1, 0, 0, 0, 0, 0, 0, 0, 0, 0], [5, 10, 9, 8, 7, 6, 4, 3, 2, 1], 10, 0, s_firstPixel);
        Assert.Equal(5.0 / 9, metric.Result().RoadMostRelevantFirst, 12);
        Assert.Equal(4.0 / 9, metric.Result().RoadLeastRelevantFirst, 12);
    }

    [Fact]
    public void A_pixel_changes_in_all_its_channels()
    {
        // Means of 1, 2, 3, 4 with the second pixel deleted first, or inserted first: 10, 3, 0 and 0, 7, 10 of 4.
        var metric = new Faithfulness(steps: 2);
        metric.Add(0, [1, 2, 3, 4], [0, 1], 2, 0, s_brightness);
        Assert.Equal((5 + 3) / 2.0 / 4, metric.Result().Deletion, 12);
        Assert.Equal((5 + 7) / 2.0 / 4, metric.Result().Insertion, 12);
    }

    [Fact]
    public void An_order_that_means_nothing_has_no_road()
    {
        ImageScores blind = (_, _, scores) => scores.Fill(0.3);
        var metric = new Faithfulness();
        metric.Add(0, Noise(1), Noise(2), 8, 0, blind);
        FaithfulnessResult result = metric.Result();
        Assert.Equal((0.0, 0.0), (result.Road, result.AverageDrop));
        Assert.Equal((0.3, 0.3), (Math.Round(result.Deletion, 12), Math.Round(result.Insertion, 12)));
    }

    [Fact]
    public void Every_copy_is_scored_for_the_class_of_the_map_and_batches_are_full_images()
    {
        var seen = new List<int>();
        ImageScores spy = (images, classes, scores) =>
        {
            Assert.Equal(classes.Length * 48 * 3, images.Length);
            Assert.Equal(classes.Length, scores.Length);
            Assert.All(classes.ToArray(), c => Assert.Equal(4, c));
            seen.Add(classes.Length);
            scores.Fill(0.5);
        };
        new Faithfulness(steps: 30).Add(0, [.. Noise(1), .. Noise(2), .. Noise(3)], Noise(4), 8, 4, spy);
        Assert.Equal([64, 2 + (2 * 31) + (2 * 9) - 64], seen);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(float.NaN, 1)]
    [InlineData(float.PositiveInfinity, 1)]
    public void A_map_that_says_nothing_counts_as_zeros(float a, float b)
    {
        var metric = new Faithfulness(steps: 4);
        metric.Add(0, [1, 1, 1, 1], [a, b, b, b], 2, 0, s_brightness);
        Assert.Equal((1.0, 0.0, 1L), (metric.Result().AverageDrop, metric.Result().IncreaseInConfidence, metric.Result().Count));
        Assert.Equal(float.IsFinite(a) ? (1L, 0L) : (0L, 1L), (metric.Result().Constant, metric.Result().NonFinite));
        Assert.Equal(0.5, metric.Result().Deletion, 12);
    }

    [Fact]
    public void A_score_that_stays_as_it_is_is_no_increase()
    {
        var metric = new Faithfulness(steps: 1);
        metric.Add(0, [0.5f, 0], [1, 0], 2, 0, s_brightness);      // black where the map is 0
        Assert.Equal((0.0, 0.0), (metric.Result().IncreaseInConfidence, metric.Result().AverageDrop));
    }

    [Fact]
    public void Merged_sums_say_what_one_instance_says_of_maps_that_say_nothing()
    {
        Faithfulness together = new(steps: 3);
        Faithfulness[] shared = [new(steps: 3), new(steps: 3)];
        for (int i = 0; i < 6; i++)
        {
            float[] map = (i % 3) switch { 0 => new float[48], 1 => [float.NaN, .. new float[47]], _ => Noise(i) };
            together.Add(i, Noise(i + 9), map, 8, 0, s_darkness);
            shared[i / 3].Add(i, Noise(i + 9), map, 8, 0, s_darkness);
        }

        shared[0].Merge(shared[1]);
        Assert.Equal(together.Result(), shared[0].Result());
        Assert.Equal((6L, 2L, 2L), (together.Result().Count, together.Result().Constant, together.Result().NonFinite));
        Assert.Equal(1, together.Result().IncreaseInConfidence);
    }

    [Fact]
    public void The_mask_takes_all_channels_of_a_pixel()
    {
        // Two pixels of two channels; the map keeps a quarter and all: 0.25 (1 + 2) + 3 + 4 of 10.
        var metric = new Faithfulness(steps: 1);
        metric.Add(0, [1, 2, 3, 4, 0, 0], [0.25f, 1, 0], 3, 0, s_brightness);
        Assert.Equal((10 - 7.75) / 10, metric.Result().AverageDrop, 12);
    }

    [Fact]
    public void Noise_belongs_to_the_seed_and_the_image()
    {
        ImageScores first = (images, classes, scores) =>
        {
            for (int n = 0; n < scores.Length; n++)
            {
                scores[n] = images[n * (images.Length / classes.Length)];
            }
        };
        double Most(ulong seed, long index)
        {
            var metric = new Faithfulness(steps: 1, seed: seed);
            metric.Add(index, Noise(1), Noise(2), 8, 0, first);
            return metric.Result().RoadMostRelevantFirst + (2 * metric.Result().RoadLeastRelevantFirst);
        }

        Assert.Equal(Most(1, 0), Most(1, 0));
        Assert.NotEqual(Most(1, 0), Most(2, 0));
        Assert.NotEqual(Most(1, 0), Most(1, 1));
    }

    [Fact]
    public void An_image_that_scores_nothing_has_nothing_to_lose()
    {
        var metric = new Faithfulness(steps: 1);
        metric.Add(0, [0], [1], 1, 0, s_brightness);
        Assert.Equal(0, metric.Result().AverageDrop);
    }

    [Fact]
    public void Neither_the_order_of_images_nor_sharing_them_nor_the_scale_of_maps_changes_a_bit()
    {
        Faithfulness forward = new(steps: 5), backward = new(steps: 5), scaled = new(steps: 5);
        Faithfulness[] shared = [new(steps: 5), new(steps: 5)];
        for (int i = 0; i < 7; i++)
        {
            Add(forward, i, 1);
            Add(backward, 6 - i, 1);
            Add(scaled, i, 8);
            Add(shared[i % 3 / 2], i, 1);
        }

        shared[0].Merge(shared[1]);
        Assert.Equal(forward.Result(), backward.Result());
        Assert.Equal(forward.Result(), scaled.Result());
        Assert.Equal(forward.Result(), shared[0].Result());

        static void Add(Faithfulness metric, int i, float scale) =>
            metric.Add(i, Noise(i), [.. Noise(i + 50).Select(value => value * scale)], 8, 0, s_brightness);
    }

    private static float[] Noise(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 48).Select(_ => random.NextSingle())];
    }
}
