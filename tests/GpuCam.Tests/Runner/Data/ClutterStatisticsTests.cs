using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

/// <summary>Many samples together follow the rule that made them.</summary>
public class ClutterStatisticsTests
{
    [Fact]
    public void Statistics_are_those_of_the_rule()
    {
        var options = new CorpusOptions { TrainCount = 4000 };
        ISampleSource source = Corpus.Generate(options, DataFixtures.Digits()).Train;
        DigitPool pool = DataFixtures.Digits().Train;
        double left = 0, top = 0, ink = 0;
        for (int i = 0; i < source.Count; i++)
        {
            var sample = new Drawn(source, i);
            left += sample.Box!.Value.X0;
            top += sample.Box.Value.Y0;
            ink += sample.Image.Count(value => value > 0);
            Assert.InRange(sample.Image.Min(), 0f, 0f);
            Assert.InRange(sample.Image.Max(), 0.5f, 1f);
        }

        // A digit's corner is uniform over 0 … 72: mean 36, plus the mean margin inside its 28x28 square.
        double marginX = Enumerable.Range(0, pool.Count).Average(i => pool.Box(i).X0);
        double marginY = Enumerable.Range(0, pool.Count).Average(i => pool.Box(i).Y0);
        Assert.InRange(left / source.Count - marginX, 34.6, 37.4);      // 4 standard errors
        Assert.InRange(top / source.Count - marginY, 34.6, 37.4);

        // Lit pixels: the digit's own, and those of 8 patches, a little less where they overlap.
        double own = Enumerable.Range(0, pool.Count).Average(i => Lit(pool.Pixels(i)));
        double patch = Enumerable.Range(0, pool.Count).Average(i => MeanPatch(pool.Pixels(i)));
        Assert.InRange(ink / source.Count, 0.93 * (own + 8 * patch), own + 8 * patch);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(2.5)]
    [InlineData(20.0)]
    public void A_random_number_of_patches_has_the_mean_and_variance_asked_for(double mean)
    {
        // Digits of the value 1/255 everywhere: the image's sum counts patches, as nothing is clamped.
        byte[] pixels = new byte[DigitPool.DigitArea];
        Array.Fill(pixels, (byte)1);
        var options =
            new CorpusOptions { Size = 61, Distractors = 8, TrainCount = 300, TestCount = 100, Seed = 11, PoissonDistractors = mean };
        var source = new ClutteredDigits(new DigitPool(pixels, [0]), DataFixtures.ClassNames, options, test: false, 0, 4000);
        double[] patches =
            [.. Enumerable.Range(0, source.Count).Select(i => Math.Round((new Drawn(source, i).Image.Sum() * 255 - 784) / 64, 2))];
        Assert.All(patches, n => Assert.Equal(Math.Round(n), n));
        double average = patches.Average();
        Assert.InRange(average, mean - 4 * Math.Sqrt(mean / 4000), mean + 4 * Math.Sqrt(mean / 4000));
        Assert.InRange(patches.Sum(n => (n - average) * (n - average)) / 4000, 0.88 * mean, 1.12 * mean);
        Assert.True(new Drawn(source, 7).SameAs(new Drawn(source, 7)));
    }

    private static int Lit(ReadOnlySpan<byte> pixels) => DigitPool.DigitArea - pixels.Count((byte)0);

    private static double MeanPatch(ReadOnlySpan<byte> pixels)
    {
        double lit = 0;
        for (int y = 0; y <= 20; y++)
        {
            for (int x = 0; x <= 20; x++)
            {
                for (int row = y; row < y + 8; row++)
                {
                    lit += 8 - pixels.Slice(row * 28 + x, 8).Count((byte)0);
                }
            }
        }

        return lit / (21 * 21);
    }
}
