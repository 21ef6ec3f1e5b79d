using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels;

public class RandomPermutationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(257)]
    [InlineData(4096)]
    [InlineData(60_000)]
    public void Every_element_comes_exactly_once(int count)
    {
        var order = new RandomPermutation(count, 3, RandomPurpose.Shuffle, 2);
        bool[] seen = new bool[count];
        for (int i = 0; i < count; i++)
        {
            Assert.False(seen[order[i]]);
            seen[order[i]] = true;
        }
    }

    [Fact]
    public void Every_place_is_as_likely_for_every_element()
    {
        const int count = 5, trials = 20_000;
        int[,] counts = new int[count, count];
        for (ulong pass = 0; pass < trials; pass++)
        {
            var order = new RandomPermutation(count, 1, RandomPurpose.Shuffle, pass);
            for (int i = 0; i < count; i++)
            {
                counts[i, order[i]]++;
            }
        }

        const double expected = trials / (double)count;
        double chiSquare = counts.Cast<int>().Sum(n => (n - expected) * (n - expected) / expected);
        Assert.True(chiSquare < 39.3, $"chi-square {chiSquare} with 16 degrees of freedom");     // p = 0.001
    }

    [Fact]
    public void Neighbours_do_not_stay_together_and_passes_differ()
    {
        const int count = 10_000;
        var first = new RandomPermutation(count, 1, RandomPurpose.Shuffle, 0);
        var second = new RandomPermutation(count, 1, RandomPurpose.Shuffle, 1);
        Assert.InRange(Enumerable.Range(0, count - 1).Count(i => Math.Abs(first[i] - first[i + 1]) == 1), 0, 12);    // 2 expected
        Assert.InRange(Enumerable.Range(0, count).Count(i => first[i] == second[i]), 0, 9);                          // 1 expected
        Assert.InRange(Enumerable.Range(0, count).Count(i => first[i] == i), 0, 9);
    }

    [Fact]
    public void An_index_out_of_range_is_refused()
    {
        var order = new RandomPermutation(5, 1, RandomPurpose.Shuffle, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[5]);
        Assert.Throws<ArgumentOutOfRangeException>(() => order[-1]);
    }
}
