using GpuCam.Kernels;
using GpuCam.Kernels.Benchmarks;

namespace GpuCam.Tests.Kernels;

public class ReadPeakTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Amounts_double_as_far_as_asked_and_each_has_a_rate(int count)
    {
        using var threads = new HostThreads(count);
        IReadOnlyList<ReadRate> rates = ReadPeak.Measure(threads, bytes: 3 << 20, tries: 1);
        Assert.Equal([1L << 19, 1 << 20, 1 << 21, 1 << 22], rates.Select(rate => rate.Bytes));
        Assert.All(rates, rate => Assert.True(rate.GigabytesPerSecond > 0));
    }

    [Theory]
    [InlineData(0, 30)]
    [InlineData(1 << 19, 30)]
    [InlineData((1 << 19) + 1, 20)]
    [InlineData(1L << 40, 20)]
    public void A_rate_is_that_of_the_next_larger_amount(long bytes, double expected) =>
        Assert.Equal(expected, ReadPeak.Of([new ReadRate(1 << 19, 30), new ReadRate(1 << 20, 20)], bytes));
}
