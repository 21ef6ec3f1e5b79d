using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels;

public class CounterRandomTests
{
    /// <summary>The answers that the authors of Philox publish for ten rounds.</summary>
    [Theory]
    [InlineData(0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8)]
    [InlineData(
        0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
        0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd)]
    [InlineData(
        0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
        0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1)]
    public void Philox_gives_the_published_answers(
        uint c0, uint c1, uint c2, uint c3, uint k0, uint k1, uint a, uint b, uint c, uint d) =>
        Assert.Equal((a, b, c, d), CounterRandom.Philox(c0, c1, c2, c3, k0, k1));

    [Fact]
    public void Words_are_the_blocks_in_order_and_a_sequence_gives_them_in_order()
    {
        var random = new CounterRandom(0x0123456789abcdef, RandomPurpose.Weights, 0xfedcba9876543210);
        RandomSequence sequence = random.Sequence();
        for (uint block = 0; block < 5; block++)
        {
            (uint a, uint b, uint c, uint d) = random.Block(block);
            Assert.Equal((a, b, c, d), CounterRandom.Philox(block, 1, 0x76543210, 0xfedcba98, 0x89abcdef, 0x01234567));
            Assert.Equal([a, b, c, d], Enumerable.Range(0, 4).Select(i => random.Word(4 * block + (uint)i)));
            Assert.Equal(a, sequence.NextWord());
            Assert.Equal(b, sequence.NextWord());
            Assert.Equal(c, sequence.NextWord());
            Assert.Equal(d, sequence.NextWord());
        }
    }

    [Fact]
    public void Seed_stream_and_index_each_change_the_numbers()
    {
        uint word = new CounterRandom(1, RandomPurpose.Weights, 0).Word(0);
        Assert.NotEqual(word, new CounterRandom(2, RandomPurpose.Weights, 0).Word(0));
        Assert.NotEqual(word, new CounterRandom(1UL << 32 | 1, RandomPurpose.Weights, 0).Word(0));
        Assert.NotEqual(word, new CounterRandom(1, RandomPurpose.Shuffle, 0).Word(0));
        Assert.NotEqual(word, new CounterRandom(1, RandomPurpose.Weights, 1).Word(0));
        Assert.NotEqual(word, new CounterRandom(1, RandomPurpose.Weights, 1UL << 32).Word(0));
    }

    [Fact]
    public void Uniform_numbers_stay_below_one_and_integers_below_their_bound()
    {
        Assert.Equal(0f, CounterRandom.ToUniform(0));
        Assert.True(CounterRandom.ToUniform(uint.MaxValue) < 1f);
        Assert.Equal(0, CounterRandom.ToBelow(0, 7));
        Assert.Equal(6, CounterRandom.ToBelow(uint.MaxValue, 7));
        Assert.Equal(0, CounterRandom.ToBelow(uint.MaxValue, 1));
    }

    [Fact]
    public void Every_integer_below_a_bound_is_as_likely()
    {
        const int draws = 70_000;
        var random = new CounterRandom(5, RandomPurpose.Shuffle, 3);
        int[] counts = new int[7];
        for (uint i = 0; i < draws; i++)
        {
            counts[random.Below(i, 7)]++;
        }

        double chiSquare = counts.Sum(n => (n - draws / 7.0) * (n - draws / 7.0) / (draws / 7.0));
        Assert.True(chiSquare < 22.5, $"chi-square {chiSquare} with 6 degrees of freedom");     // p = 0.001
    }

    [Fact]
    public void Normal_numbers_have_mean_0_variance_1_and_thin_tails()
    {
        const int draws = 100_000;
        var random = new CounterRandom(9, RandomPurpose.Weights, 2);
        double sum = 0, squares = 0;
        int beyondTwo = 0;
        for (uint i = 0; i < draws; i++)
        {
            float value = random.Normal(i);
            Assert.True(float.IsFinite(value));
            sum += value;
            squares += value * value;
            beyondTwo += Math.Abs(value) > 2 ? 1 : 0;
        }

        Assert.InRange(sum / draws, -0.01, 0.01);
        Assert.InRange(squares / draws, 0.98, 1.02);
        Assert.InRange(beyondTwo / (double)draws, 0.043, 0.048);
    }
}
