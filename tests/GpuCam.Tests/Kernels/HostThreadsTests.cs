using GpuCam.Kernels;

namespace GpuCam.Tests.Kernels;

public class HostThreadsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Ranges_cover_every_index_once_and_are_the_same_every_time(int count)
    {
        using var threads = new HostThreads(count);
        foreach (int length in new[] { 0, 1, 2, 3, 4, 5, 7, 100, 1001, 54321 })
        {
            List<(int Start, int End)> first = Split(threads, length);
            Assert.Equal(Enumerable.Range(0, length), first.SelectMany(r => Enumerable.Range(r.Start, r.End - r.Start)));
            Assert.Equal(first, Split(threads, length));
            Assert.True(first.Count <= 4 * count);
        }
    }

    [Fact]
    public void Run_calls_every_worker_once_at_the_same_time()
    {
        using var threads = new HostThreads(4);
        using var meeting = new Barrier(4);
        int[] calls = new int[4];
        threads.Run(worker =>
        {
            Assert.True(meeting.SignalAndWait(TimeSpan.FromSeconds(30)));
            Interlocked.Increment(ref calls[worker]);
        });
        Assert.Equal([1, 1, 1, 1], calls);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void Parts_are_done_once_each_by_whoever_is_free(int count)
    {
        using var threads = new HostThreads(count);
        for (int round = 0; round < 200; round++)
        {
            int[] calls = new int[round % 23];
            threads.Parts(calls.Length, part =>
            {
                if (part == 0 && round % 50 == 1)
                {
                    Thread.Sleep(1);
                }

                Interlocked.Increment(ref calls[part]);
            });
            Assert.All(calls, call => Assert.Equal(1, call));
        }
    }

    [Fact]
    public void A_part_that_takes_long_leaves_the_others_to_the_rest_of_the_crew()
    {
        using var threads = new HostThreads(2);
        using var rest = new CountdownEvent(9);
        threads.Parts(10, part =>
        {
            if (part == 0)
            {
                Assert.True(rest.Wait(TimeSpan.FromSeconds(30)));
                return;
            }

            rest.Signal();
        });
    }

    [Fact]
    public void Jobs_of_all_kinds_follow_each_other_for_a_long_time()
    {
        using var threads = new HostThreads(3);
        int[] sums = new int[3];
        for (int round = 0; round < 20000; round++)
        {
            threads.Run(worker => sums[worker]++);
            if (round % 5000 == 0)
            {
                Thread.Sleep(2);
            }

            int sum = 0;
            threads.For(11, (start, end) => Interlocked.Add(ref sum, end - start));
            Assert.Equal(11, sum);
        }

        Assert.Equal([20000, 20000, 20000], sums);
    }

    [Fact]
    public void Zero_means_one_thread_per_core()
    {
        using var threads = new HostThreads(0);
        Assert.Equal(Environment.ProcessorCount, threads.Count);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(3, 0)]
    [InlineData(3, 1)]
    [InlineData(3, 2)]
    public void An_exception_on_any_thread_surfaces_and_the_crew_goes_on(int count, int faulty)
    {
        using var threads = new HostThreads(count);
        for (int round = 0; round < 3; round++)
        {
            InvalidOperationException error = Assert.Throws<InvalidOperationException>(() => threads.Run(worker =>
            {
                if (worker == faulty)
                {
                    throw new InvalidOperationException($"from {worker}");
                }
            }));
            Assert.Equal($"from {faulty}", error.Message);
            Assert.Single(Split(threads, 1));
        }
    }

    [Fact]
    public void Dispose_ends_the_helpers_and_may_be_called_twice()
    {
        var threads = new HostThreads(3);
        var helpers = new Thread?[3];
        threads.Run(worker => helpers[worker] = worker == 0 ? null : Thread.CurrentThread);
        threads.Dispose();
        Assert.All(helpers[1..], helper => Assert.False(helper!.IsAlive));
        threads.Dispose();
    }

    private static List<(int Start, int End)> Split(HostThreads threads, int length)
    {
        var ranges = new List<(int Start, int End)>();
        threads.For(length, (start, end) =>
        {
            lock (ranges)
            {
                ranges.Add((start, end));
            }
        });
        ranges.Sort();
        return ranges;
    }
}
