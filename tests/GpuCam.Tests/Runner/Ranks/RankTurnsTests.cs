using GpuCam.Runner;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Model.Distributed;

namespace GpuCam.Tests.Runner.Ranks;

/// <summary>Batches that ranks take by turns: each done once, and all ranks end alike.</summary>
public sealed class RankTurnsTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 0)]
    [InlineData(2, 9)]
    [InlineData(3, 2)]
    [InlineData(4, 13)]
    public void Each_batch_is_done_whole_by_one_rank_and_comes_in_its_place(int ranks, int batches)
    {
        string[]?[] all = ThreadRanks.Run(ranks, rank =>
        {
            var job = new RankJob(rank);
            var own = new List<string>();
            var told = new List<long>();
            new RankTurns(job, batches) { Done = told.Add }.Run(batch =>
            {
                own.Add($"{batch} by {job.Rank}");
                return new Turn(10 + batch);
            });
            Assert.Equal(told.Order().Distinct(), told);
            Assert.Equal(Enumerable.Range(0, batches).Sum(batch => 10 + batch), told.LastOrDefault());
            int[] floats = RankTurns.Everywhere<int>(job, [.. job.Own(batches).SelectMany(batch => Items(batch, batches))], each: 3);
            Assert.Equal(Enumerable.Range(0, batches).SelectMany(batch => Items(batch, batches)), floats);
            return RankTurns.InOrder(job, own)?.ToArray();
        });
        Assert.Equal(Enumerable.Range(0, batches).Select(batch => $"{batch} by {batch % ranks}"), all[0]);
        Assert.All(all.Skip(1), Assert.Null);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    [InlineData(6)]
    public void Nothing_is_written_before_all_ranks_have_heard_that_something_will_be(int first)
    {
        (int ready, int open, int written) = (0, 0, 0);
        ThreadRanks.Run(3, rank =>
        {
            var turns = new RankTurns(new RankJob(rank), 7)
            {
                BeforeWriting = () =>
                {
                    Interlocked.Increment(ref open);
                    Assert.Equal(0, Volatile.Read(ref written));
                    rank.AllGather([]);
                },
            };
            turns.Run(batch =>
            {
                Interlocked.Increment(ref ready);
                return new Turn(1, batch < first ? null : () =>
                {
                    Assert.Equal(3, Volatile.Read(ref open));
                    Interlocked.Increment(ref written);
                });
            });
        });
        Assert.Equal((7, 3, 7 - first), (ready, open, written));
    }

    [Fact]
    public void Where_nobody_writes_nothing_is_opened() => ThreadRanks.Run(2, rank =>
        new RankTurns(new RankJob(rank), 5) { BeforeWriting = () => Assert.Fail("opened") }.Run(_ => new Turn(1)));

    [Theory]
    [InlineData(1, false)]
    [InlineData(5, false)]
    [InlineData(29, false)]
    [InlineData(5, true)]
    [InlineData(29, true)]      // the last one: the others have nothing left to do
    public void A_batch_that_fails_ends_all_ranks_with_its_error(int bad, bool whileWriting)
    {
        int done = 0;
        string[] errors = ThreadRanks.Run(3, rank => Assert.Throws<JobException>(() =>
            new RankTurns(new RankJob(rank), 30).Run(batch =>
            {
                Interlocked.Increment(ref done);
                return batch != bad ? new Turn(1) : whileWriting ? new Turn(1, Fail) : throw new GpuCamException("no room");
            })).Message);
        Assert.All(errors, error => Assert.Equal($"rank {bad % 3} ({Environment.MachineName}): no room", error));
        Assert.InRange(done, bad + 1, bad + 13);

        static void Fail() => throw new GpuCamException("no room");
    }

    [Fact]
    public void Of_several_errors_the_one_of_the_lowest_rank_is_said_and_a_process_by_itself_has_its_own()
    {
        string[] errors = ThreadRanks.Run(3, rank => Assert.Throws<JobException>(() =>
            new RankTurns(new RankJob(rank), 9).Run(batch => throw new GpuCamException($"batch {batch}"))).Message);
        Assert.All(errors, error => Assert.Equal("batch 0", error));
        Assert.Throws<OutputException>(
            () => new RankTurns(RankJob.Alone, 1).Run(_ => throw new OutputException("full", new IOException())));
    }

    [Fact]
    public void Whoever_is_asked_to_end_ends_all()
    {
        int done = 0;
        ThreadRanks.Run(3, rank =>
        {
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => new RankTurns(new RankJob(rank), 3000).Run(
                batch =>
                {
                    Interlocked.Increment(ref done);
                    if (batch == 7)
                    {
                        stop.Cancel();
                    }

                    return new Turn(1);
                },
                stop.Token));
        });
        Assert.InRange(done, 8, 30);
    }

    // The last batch is smaller than the others.
    private static IEnumerable<int> Items(int batch, int batches) =>
        Enumerable.Range(0, batch == batches - 1 ? 2 : 3).Select(i => (100 * batch) + i);
}
