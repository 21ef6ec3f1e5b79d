using GpuCam.Model;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Data;

public class DigitWarpTests
{
    private const int Side = DigitPool.DigitSize;

    [Fact]
    public void Without_strength_a_digit_stays_as_it_is()
    {
        DigitPool pool = DataFixtures.Pool(5);
        for (int i = 0; i < pool.Count; i++)
        {
            byte[] target = new byte[DigitPool.DigitArea];
            Box box = DigitWarp.Apply(pool.Pixels(i), target, 0, 3, i);
            Assert.Equal(pool.Pixels(i).ToArray(), target);
            Assert.Equal(pool.Box(i), box);
        }
    }

    [Fact]
    public void A_warp_depends_on_seed_and_sample_alone_and_overwrites_everything()
    {
        ReadOnlySpan<byte> digit = DataFixtures.Pool(1).Pixels(0);
        byte[] first = Warp(digit, 1, seed: 3, sample: 5), again = Warp(digit, 1, seed: 3, sample: 5);
        Assert.Equal(first, again);
        Assert.NotEqual(first, Warp(digit, 1, seed: 4, sample: 5));
        Assert.NotEqual(first, Warp(digit, 1, seed: 3, sample: 6));
    }

    [Fact]
    public void Warps_keep_the_ink_near_its_place_and_its_amount()
    {
        DigitPool pool = DataFixtures.Pool(50);
        for (int i = 0; i < pool.Count; i++)
        {
            byte[] warped = Warp(pool.Pixels(i), 1, seed: 9, sample: i);
            (double ink, double x, double y) = Moments(pool.Pixels(i));
            (double warpedInk, double warpedX, double warpedY) = Moments(warped);
            Assert.InRange(warpedInk / ink, 0.85 * 0.85, 1.2 * 1.2);
            Assert.InRange(Math.Abs(warpedX - x), 0, 2.5);
            Assert.InRange(Math.Abs(warpedY - y), 0, 2.5);
        }
    }

    [Fact]
    public void The_box_is_the_extent_of_the_warped_pixels()
    {
        DigitPool pool = DataFixtures.Pool(20);
        for (int i = 0; i < pool.Count; i++)
        {
            byte[] target = new byte[DigitPool.DigitArea];
            Box box = DigitWarp.Apply(pool.Pixels(i), target, 2, 1, i);
            int[] lit = [.. Enumerable.Range(0, target.Length).Where(p => target[p] != 0)];
            Assert.Equal(new Box(lit.Min(p => p % Side), lit.Min(p => p / Side), lit.Max(p => p % Side), lit.Max(p => p / Side)), box);
        }
    }

    [Fact]
    public void A_single_faint_dot_is_never_lost()
    {
        byte[] dot = new byte[DigitPool.DigitArea];
        dot[0] = 1;
        for (int sample = 0; sample < 50; sample++)
        {
            Assert.Contains(Warp(dot, 2, seed: 1, sample), value => value != 0);
        }
    }

    [Theory]
    [InlineData(Protocol.Strict)]
    [InlineData(Protocol.Seed)]
    public void Augmentation_changes_training_samples_and_leaves_test_samples_alone(Protocol protocol)
    {
        CorpusOptions options = new() { Size = 61, TrainCount = 40, TestCount = 20, Seed = 11, Protocol = protocol };
        var plain = Corpus.Generate(options, DataFixtures.Digits());
        var augmented = Corpus.Generate(options with { Augment = 1 }, DataFixtures.Digits());
        Assert.NotEqual(Image(plain.Train, 3), Image(augmented.Train, 3));
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(Image(plain.Test, i), Image(augmented.Test, i));
        }
    }

    private static byte[] Warp(ReadOnlySpan<byte> digit, float strength, ulong seed, long sample)
    {
        byte[] target = new byte[DigitPool.DigitArea];
        Array.Fill(target, (byte)77);
        DigitWarp.Apply(digit, target, strength, seed, sample);
        return target;
    }

    private static (double Ink, double X, double Y) Moments(ReadOnlySpan<byte> digit)
    {
        double ink = 0, x = 0, y = 0;
        for (int p = 0; p < digit.Length; p++)
        {
            ink += digit[p];
            x += digit[p] * (p % Side);
            y += digit[p] * (p / Side);
        }

        return (ink, x / ink, y / ink);
    }

    private static float[] Image(ISampleSource source, int index)
    {
        float[] image = new float[source.Height * source.Width];
        source.Fill(index, image, out _, out _, []);
        return image;
    }
}
