using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public class ClutteredDigitsTests
{
    private static readonly CorpusOptions s_options = new() { Size = 61, Distractors = 8, TrainCount = 300, TestCount = 100, Seed = 11 };

    [Fact]
    public void A_sample_is_the_same_in_any_order_and_from_any_thread()
    {
        ISampleSource source = Corpus.Generate(s_options, DataFixtures.Digits()).Train;
        Drawn[] forward = [.. Enumerable.Range(0, source.Count).Select(i => new Drawn(source, i))];
        Drawn[] backward = [.. Enumerable.Range(0, source.Count).Reverse().Select(i => new Drawn(source, i)).Reverse()];
        var parallel = new Drawn[source.Count];
        ISampleSource again = Corpus.Generate(s_options, DataFixtures.Digits()).Train;
        Parallel.For(0, source.Count, i => parallel[i] = new Drawn(again, i));
        for (int i = 0; i < source.Count; i++)
        {
            Assert.True(forward[i].SameAs(backward[i]), $"sample {i}");
            Assert.True(forward[i].SameAs(parallel[i]), $"sample {i}");
        }
    }

    [Fact]
    public void What_the_image_held_before_does_not_matter()
    {
        ISampleSource source = Corpus.Generate(s_options, DataFixtures.Digits()).Train;
        float[] dirty = new float[61 * 61];
        byte[] dirtyMask = new byte[61 * 61];
        Array.Fill(dirty, float.NaN);
        Array.Fill(dirtyMask, (byte)9);
        source.Fill(4, dirty, out _, out _, dirtyMask);
        var clean = new Drawn(source, 4);
        Assert.Equal(clean.Image, dirty);
        Assert.Equal(clean.Mask, dirtyMask);
    }

    [Fact]
    public void Seed_split_and_index_change_a_sample_but_the_number_of_samples_does_not()
    {
        Digits digits = DataFixtures.Digits();
        digits = digits with { Test = digits.Train };
        Drawn sample = new(Corpus.Generate(s_options, digits).Train, 3);
        Assert.False(sample.SameAs(new(Corpus.Generate(s_options with { Seed = 12 }, digits).Train, 3)));
        Assert.False(sample.SameAs(new(Corpus.Generate(s_options, digits).Test, 3)));
        Assert.False(sample.SameAs(new(Corpus.Generate(s_options, digits).Train, 4)));
        Assert.True(sample.SameAs(new(Corpus.Generate(s_options with { TrainCount = 20 }, digits).Train, 3)));
    }

    [Fact]
    public void The_box_is_the_extent_of_the_mask_and_lies_inside()
    {
        ISampleSource source = Corpus.Generate(s_options with { Border = 3 }, DataFixtures.Digits()).Train;
        for (int i = 0; i < source.Count; i++)
        {
            var sample = new Drawn(source, i);
            int[] lit = [.. Enumerable.Range(0, 61 * 61).Where(p => sample.Mask[p] == 1)];
            Assert.NotEmpty(lit);
            Assert.Equal(new Box(lit.Min(p => p % 61), lit.Min(p => p / 61), lit.Max(p => p % 61), lit.Max(p => p / 61)), sample.Box);
            Assert.All(lit, p => Assert.True(sample.Image[p] > 0));
            Assert.InRange(sample.Box!.Value.X0, 3, 57);
            Assert.InRange(sample.Box.Value.Y1, 3, 57);
        }
    }

    [Fact]
    public void Without_distractors_the_image_is_the_digit_and_nothing_else()
    {
        DigitPool pool = DataFixtures.Pool(1);
        var source = new ClutteredDigits(pool, DataFixtures.ClassNames, s_options with { Distractors = 0, Size = 40 }, test: false, 0, 20);
        for (int i = 0; i < 20; i++)
        {
            var sample = new Drawn(source, i);
            int left = sample.Box!.Value.X0 - pool.Box(0).X0;
            int top = sample.Box.Value.Y0 - pool.Box(0).Y0;
            for (int p = 0; p < 1600; p++)
            {
                int x = p % 40 - left, y = p / 40 - top;
                float expected = x is >= 0 and < 28 && y is >= 0 and < 28 ? pool.Pixels(0)[y * 28 + x] / 255f : 0;
                Assert.Equal(expected, sample.Image[p]);
                Assert.Equal(expected > 0 ? 1 : 0, sample.Mask[p]);
            }
        }
    }

    [Fact]
    public void Three_channels_are_three_copies_of_the_grey_one()
    {
        Digits digits = DataFixtures.Digits();
        ISampleSource colour = Corpus.Generate(s_options with { Channels = 3 }, digits).Train;
        for (int i = 0; i < 5; i++)
        {
            var grey = new Drawn(Corpus.Generate(s_options, digits).Train, i);
            Assert.Equal(grey.Image.SelectMany(value => new[] { value, value, value }), new Drawn(colour, i).Image);
        }
    }

    [Fact]
    public void Every_digit_of_the_pool_is_a_target_once_per_pass()
    {
        DigitPool pool = DataFixtures.Pool(50);
        // Every digit gets a label of its own, so that labels tell digits apart.
        byte[] pixels = [.. Enumerable.Range(0, 50).SelectMany(i => pool.Pixels(i).ToArray())];
        pool = new DigitPool(pixels, [.. Enumerable.Range(0, 50).Select(i => (byte)i)]);
        var source = new ClutteredDigits(pool, DataFixtures.ClassNames, s_options, test: false, 0, 150);
        int[][] passes =
            [.. Enumerable.Range(0, 3).Select(pass => Enumerable.Range(50 * pass, 50).Select(i => new Drawn(source, i).Label).ToArray())];
        Assert.All(passes, pass => Assert.Equal(Enumerable.Range(0, 50), pass.Order()));
        Assert.NotEqual(passes[0], passes[1]);
        Assert.NotEqual(passes[1], passes[2]);
    }

    [Fact]
    public void The_seed_protocol_continues_the_training_sequence_and_the_strict_one_uses_other_digits()
    {
        Digits digits = DataFixtures.Digits();
        var seed = Corpus.Generate(s_options with { Protocol = Protocol.Seed }, digits);
        ISampleSource whole = Corpus.Generate(s_options with { TrainCount = 400 }, digits).Train;
        Assert.Equal((300, 100), (seed.Train.Count, seed.Test.Count));
        Assert.True(new Drawn(seed.Test, 0).SameAs(new Drawn(whole, 300)));
        Assert.True(new Drawn(seed.Test, 99).SameAs(new Drawn(whole, 399)));

        // Test digits that are solid squares show up in every strict test image, patches included.
        byte[] squares = new byte[3 * DigitPool.DigitArea];
        Array.Fill(squares, (byte)51);
        var strict = Corpus.Generate(s_options, digits with { Test = new DigitPool(squares, [1, 2, 3]) });
        for (int i = 0; i < 20; i++)
        {
            Assert.All(new Drawn(strict.Test, i).Image, value => Assert.True(IsMultipleOfAFifth(value)));
        }
    }

    [Fact]
    public void Patches_can_be_cut_from_another_set()
    {
        byte[] bright = new byte[DigitPool.DigitArea], dark = new byte[DigitPool.DigitArea];
        Array.Fill(bright, (byte)255);
        Array.Fill(dark, (byte)1);
        var source = new ClutteredDigits(
            new DigitPool(bright, [0]), DataFixtures.ClassNames, s_options, test: false, 0, 20, new DigitPool(dark, [0]));
        for (int i = 0; i < source.Count; i++)
        {
            var drawn = new Drawn(source, i);
            Assert.Equal(DigitPool.DigitArea, drawn.Image.Count(value => value == 1));
            Assert.Contains(drawn.Image, value => value is > 0 and < 0.1f);
        }
    }

    [Fact]
    public void A_sample_allocates_nothing()
    {
        ISampleSource source = Corpus.Generate(s_options, DataFixtures.Digits()).Train;
        float[] image = new float[61 * 61];
        source.Fill(0, image, out _, out _, []);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 300; i++)
        {
            source.Fill(i, image, out _, out _, []);
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 299);       // less than a byte each: the runtime's own
    }

    [Fact]
    public void Options_out_of_range_are_named()
    {
        Assert.Contains("--size 27", Assert.Throws<GpuCamException>((s_options with { Size = 27 }).Validate).Message);
        Assert.Contains("--distractors -1", Assert.Throws<GpuCamException>((s_options with { Distractors = -1 }).Validate).Message);
        Assert.Contains("a border of 17", Assert.Throws<GpuCamException>((s_options with { Border = 17 }).Validate).Message);
        Assert.Contains("--channels 2", Assert.Throws<GpuCamException>((s_options with { Channels = 2 }).Validate).Message);
        Assert.Contains("0 training samples", Assert.Throws<GpuCamException>((s_options with { TrainCount = 0 }).Validate).Message);
        (s_options with { Border = 16 }).Validate();
        (s_options with { Size = 28 }).Validate();
    }

    private static bool IsMultipleOfAFifth(float value) => Math.Abs(value * 5 - MathF.Round(value * 5)) < 1e-5;
}
