using GpuCam.Model;

namespace GpuCam.Tests.Model;

public class RoadTests
{
    [Fact]
    public void A_pixel_becomes_the_weighted_mean_of_its_neighbours()
    {
        // Four beside it at 1/6 each hold 1, four corners at 1/12 each hold 0.25: 4/6 + 1/12.
        float[] image = [0.25f, 1, 0.25f, 1, 9, 1, 0.25f, 1, 0.25f];
        Fill(image, 3, 1, 4);
        Assert.Equal(0.75f, image[4], 1e-5f);
    }

    [Fact]
    public void At_a_corner_the_weights_are_those_inside_the_image()
    {
        // (a / 6 + b / 6 + c / 12) / (5 / 12) = (2 a + 2 b + c) / 5.
        float[] image = [9, 0.1f, 0.4f, 0.7f];
        Fill(image, 2, 1, 0);
        Assert.Equal((0.2f + 0.8f + 0.7f) / 5, image[0], 1e-5f);
    }

    [Fact]
    public void Neighbours_that_are_missing_too_are_solved_for_together()
    {
        float[] row = [0, 9, 9, 3];
        Fill(row, 4, 1, 1, 2);
        Assert.Equal([0, 1, 2, 3], row.Select(value => MathF.Round(value, 4)));
    }

    [Theory]
    [InlineData(7, 5, 1, 0.5)]
    [InlineData(6, 9, 3, 0.9)]
    [InlineData(1, 11, 1, 0.7)]
    [InlineData(23, 19, 1, 0.85)]
    public void Conjugate_gradients_find_what_elimination_finds(int width, int height, int channels, double share)
    {
        var random = new Random(width);
        float[] image = [.. Enumerable.Range(0, width * height * channels).Select(_ => random.NextSingle())];
        bool[] removed = [.. Enumerable.Range(0, width * height).Select(i => i > 0 && random.NextDouble() < share)];
        double[][] expected = [.. Enumerable.Range(0, channels).Select(c => Eliminate(image, width, channels, c, removed))];
        new RoadImputer().Fill(image, width, channels, removed);
        for (int i = 0; i < image.Length; i++)
        {
            Assert.Equal(expected[i % channels][i / channels], image[i], 1e-4);
        }
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(97, 64)]
    [InlineData(3, 201)]
    public void Every_filled_pixel_of_a_large_hole_is_the_mean_of_its_neighbours(int width, int height)
    {
        // All but a frame and an island: what the diagonal as preconditioner needs hundreds of rounds for.
        var random = new Random(height);
        float[] image = [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())];
        bool[] removed = [.. Enumerable.Range(0, width * height)
            .Select(i => i % width > 0 && i / width > 0 && i / width < height - 1 && i != (height / 2 * width) + (width / 2))];
        new RoadImputer().Fill(image, width, 1, removed);
        for (int i = 0; i < image.Length; i++)
        {
            if (!removed[i])
            {
                continue;
            }

            (double sum, double weights) = (0, 0);
            foreach ((int dx, int dy, double weight) in Neighbours())
            {
                if ((i % width) + dx < width)
                {
                    (sum, weights) = (sum + (weight * image[i + (dy * width) + dx]), weights + weight);
                }
            }

            Assert.Equal(sum / weights, image[i], 2e-5);
        }
    }

    [Fact]
    public void Holes_and_sizes_may_come_in_any_order()
    {
        // One imputer for all: nothing of an earlier hole may be left, whatever the parity of its grids.
        var random = new Random(5);
        var imputer = new RoadImputer();
        foreach ((int width, int height, double share) in new[] { (23, 19, 0.9), (23, 19, 0.2), (8, 8, 0.9), (1, 9, 0.8), (9, 1, 0.8),
            (23, 19, 0.95) })
        {
            float[] image = [.. Enumerable.Range(0, width * height).Select(_ => random.NextSingle())], again = [.. image];
            bool[] removed = [.. Enumerable.Range(0, width * height).Select(i => i > 0 && random.NextDouble() < share)];
            imputer.Fill(image, width, 1, removed);
            new RoadImputer().Fill(again, width, 1, removed);
            Assert.Equal(again, image);
        }
    }

    [Theory]
    [InlineData(3, 3, 1, 2)]
    [InlineData(6, 2, 2, 3)]
    public void Flags_that_do_not_fit_the_image_are_refused(int values, int pixels, int channels, int width) =>
        Assert.Throws<ArgumentException>(() => new RoadImputer().Fill(new float[values], width, channels, new bool[pixels]));

    [Fact]
    public void A_guess_changes_the_answer_by_no_more_than_the_tolerance()
    {
        var random = new Random(8);
        float[] image = [.. Enumerable.Range(0, 16 * 16).Select(_ => random.NextSingle())];
        bool[] removed = [.. Enumerable.Range(0, 16 * 16).Select(i => i % 7 != 0)];
        float[] guessed = [.. image.Select((value, i) => removed[i] ? 100 * value : value)];
        new RoadImputer().Fill(image, 16, 1, removed);
        new RoadImputer().Fill(guessed, 16, 1, removed);
        Assert.All(Enumerable.Range(0, 256), i => Assert.Equal(image[i], guessed[i], 1e-4f));
    }

    [Fact]
    public void Nothing_removed_changes_nothing_and_everything_removed_leaves_black()
    {
        float[] image = [0.1f, 0.2f, 0.3f, 0.4f];
        Fill(image, 2, 1);
        Assert.Equal([0.1f, 0.2f, 0.3f, 0.4f], image);
        Fill(image, 2, 1, 0, 1, 2, 3);
        Assert.Equal(new float[4], image);
        float[] one = [5];
        Fill(one, 1, 1, 0);
        Assert.Equal([0f], one);
    }

    [Fact]
    public void A_growing_share_is_removed_in_the_order_given_and_the_rest_stays()
    {
        // Twenty pixels in a row, removed from the left; the value at the far right is all that the removed ones can become.
        float[] image = [.. Enumerable.Range(0, 20).Select(i => i / 20f)];
        float[] images = new float[9 * 20];
        new Road().Remove(image, 20, [.. Enumerable.Range(0, 20)], new float[20], images);
        for (int i = 0; i < 9; i++)
        {
            int count = 2 * (i + 1);
            float[] copy = images[(i * 20)..((i + 1) * 20)];
            Assert.Equal(image[count..], copy[count..]);
            Assert.All(copy[..count], value => Assert.Equal(image[count], value, 1e-4f));
        }
    }

    [Fact]
    public void Noise_is_added_to_removed_pixels_alone()
    {
        float[] image = new float[20], noise = Road.Noise(1, 7, 20), images = new float[9 * 20];
        new Road().Remove(image, 5, [.. Enumerable.Range(0, 20)], noise, images);
        Assert.Equal(0, images[(8 * 20) + 19]);
        Assert.Equal(0.01f * noise[3], images[(8 * 20) + 3], 1e-6f);
        Assert.Equal(noise, Road.Noise(1, 7, 20));
        Assert.NotEqual(noise, Road.Noise(1, 8, 20));
    }

    private static IEnumerable<(int X, int Y, double Weight)> Neighbours() =>
        from y in Enumerable.Range(-1, 3)
        from x in Enumerable.Range(-1, 3)
        where (x, y) != (0, 0)
        select (x, y, x == 0 || y == 0 ? 1.0 / 6 : 1.0 / 12);

    private static void Fill(float[] image, int width, int channels, params int[] removed)
    {
        bool[] flags = new bool[image.Length / channels];
        foreach (int pixel in removed)
        {
            flags[pixel] = true;
        }

        new RoadImputer().Fill(image, width, channels, flags);
    }

    /// <summary>The same system, dense, by Gaussian elimination with pivots.</summary>
    private static double[] Eliminate(float[] image, int width, int channels, int channel, bool[] removed)
    {
        int n = removed.Length;
        double[][] rows = new double[n][];
        for (int i = 0; i < n; i++)
        {
            rows[i] = new double[n + 1];
            if (!removed[i])
            {
                (rows[i][i], rows[i][n]) = (1, image[(i * channels) + channel]);
                continue;
            }

            for (int j = 0; j < n; j++)
            {
                (int dx, int dy) = (Math.Abs((i % width) - (j % width)), Math.Abs((i / width) - (j / width)));
                double weight = dx + dy == 1 ? 1.0 / 6 : dx == 1 && dy == 1 ? 1.0 / 12 : 0;
                rows[i][j] -= weight;
                rows[i][i] += weight;
            }
        }

        for (int k = 0; k < n; k++)
        {
            int pivot = Enumerable.Range(k, n - k).MaxBy(i => Math.Abs(rows[i][k]));
            (rows[k], rows[pivot]) = (rows[pivot], rows[k]);
            for (int i = 0; i < n; i++)
            {
                double factor = i == k ? 0 : rows[i][k] / rows[k][k];
                for (int j = k; factor != 0 && j <= n; j++)
                {
                    rows[i][j] -= factor * rows[k][j];
                }
            }
        }

        return [.. rows.Select((row, i) => row[n] / row[i])];
    }
}
