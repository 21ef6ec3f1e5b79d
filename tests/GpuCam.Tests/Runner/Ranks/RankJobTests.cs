using GpuCam.Runner;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Ranks;
using GpuCam.Tests.Model.Distributed;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Ranks;

/// <summary>A job of ranks that are threads.</summary>
public sealed class RankJobTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_set_up_together_is_there_on_every_rank() =>
        Assert.Equal([0, 10, 20], ThreadRanks.Run(3, ranks => new RankJob(ranks).Together(() => 10 * ranks.Rank)));

    [Fact]
    public void The_error_of_the_lowest_rank_ends_all_of_them_with_one_line_and_one_exit_code()
    {
        (int ExitCode, string Message)[] ends = Ends(4, job => job.Together(() =>
        {
            if (job.Rank > 1)
            {
                throw job.Rank == 2 ? new OutputException("the disk is full", new IOException()) : new GpuCamException("another");
            }
        }));
        Assert.All(ends, end => Assert.Equal((CommandLine.Failed, $"rank 2 ({Environment.MachineName}): the disk is full"), end));
    }

    [Fact]
    public void An_error_that_rank_0_has_is_said_as_in_one_process() =>
        Assert.All(
            Ends(3, job => job.Together(() => throw new GpuCamException($"of rank {job.Rank}"))),
            end => Assert.Equal((CommandLine.BadInput, "of rank 0"), end));

    [Fact]
    public void An_error_within_an_error_is_said_once() =>
        Assert.All(
            Ends(3, job => job.Together(() =>
            {
                if (job.Rank == 1)
                {
                    throw new GpuCamException("outside");
                }

                job.Together(() => { });
            })),
            end => Assert.Equal((CommandLine.BadInput, $"rank 1 ({Environment.MachineName}): outside"), end));

    [Fact]
    public void One_rank_that_is_interrupted_interrupts_all() =>
        ThreadRanks.Run(3, ranks => Assert.Throws<OperationCanceledException>(() => new RankJob(ranks).Together(() =>
        {
            if (ranks.Rank == 1)
            {
                throw new OperationCanceledException();
            }
        })));

    [Fact]
    public void Ranks_agree_or_end_with_the_first_fact_that_differs()
    {
        ThreadRanks.Run(3, ranks => new RankJob(ranks).Agree(new Dictionary<string, string> { ["its version"] = "1" }));
        string host = Environment.MachineName;
        Assert.All(
            Ends(3, job => job.Agree(new Dictionary<string, string> { ["seed"] = "1", ["version"] = job.Rank == 2 ? "2" : "1" })),
            end => Assert.Equal(
                (CommandLine.BadInput, $"the ranks differ in version: 1 on rank 0 ({host}), 2 on rank 2 ({host}); start all of them alike"),
                end));
        Assert.All(
            Ends(2, job => job.Agree(job.IsFirst ? [] : new Dictionary<string, string> { ["--seed"] = "2" })),
            end => Assert.Contains("none on rank 0", end.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void What_only_makes_ranks_slower_or_their_bits_others_is_said_and_not_refused()
    {
        List<string>[] said = ThreadRanks.Run(3, ranks =>
        {
            var lines = new List<string>();
            new RankJob(ranks).Compare(ranks.Rank == 2 ? "256" : "512", (first, other) => $"{first}; {other}", lines.Add);
            return lines;
        });
        Assert.Equal([$"512 on rank 0 ({Environment.MachineName}); 256 on rank 2 ({Environment.MachineName})"], said[0]);
        ThreadRanks.Run(2, ranks => new RankJob(ranks).Compare("512", (_, _) => "", Assert.Fail));
    }

    [Fact]
    public void Values_come_in_the_order_of_the_ranks_and_a_value_of_rank_0_reaches_all()
    {
        (double?[]? Gathered, string Sent, double?[] All)[] ends = ThreadRanks.Run(3, ranks =>
        {
            var job = new RankJob(ranks);
            double? own = job.Rank == 1 ? null : job.Rank + 0.1;
            return (job.Gather(own), job.Broadcast($"from {job.Rank}"), job.AllGather(own));
        });
        Assert.Equal([0.1, null, 2.1], ends[0].Gathered);
        Assert.Null(ends[1].Gathered);
        Assert.All(ends, end => Assert.Equal("from 0", end.Sent));
        Assert.All(ends, end => Assert.Equal([0.1, null, 2.1], end.All));
    }

    [Fact]
    public void A_cache_is_filled_by_rank_0_before_the_others_look_into_it()
    {
        int filled = 0, turn = 0;
        int[] turns = ThreadRanks.Run(3, ranks =>
        {
            int own = -1;
            new RankJob(ranks).FirstThenOthers(() =>
            {
                own = Interlocked.Increment(ref turn);
                filled += File.Exists(_folder["cached"]) ? 0 : 1;
                File.WriteAllText(_folder[ranks.Rank == 0 ? "cached" : $"{ranks.Rank}"], "");
            });
            return own;
        });
        Assert.Equal((1, 1), (filled, turns[0]));
    }

    [Fact]
    public void Every_index_is_one_ranks_own()
    {
        int[][] own = ThreadRanks.Run(3, ranks => new RankJob(ranks).Own(8).ToArray());
        Assert.Equal([[0, 3, 6], [1, 4, 7], [2, 5]], own);
    }

    [Fact]
    public void A_folder_that_all_ranks_see_is_made_and_left_as_it_was()
    {
        string folder = _folder["new/below"];
        ThreadRanks.Run(3, ranks => new RankJob(ranks).CheckShared(folder));
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        RankJob.Alone.CheckShared(_folder["untouched"]);
        Assert.False(Path.Exists(_folder["untouched"]));
    }

    [Fact]
    public void A_folder_that_is_another_one_for_some_ranks_is_refused_by_their_names_and_not_left_behind()
    {
        string host = Environment.MachineName;
        Assert.All(
            Ends(3, job => job.CheckShared(_folder[job.Rank == 0 ? "new/below" : "other"])),
            end => Assert.Contains($"is not there for rank 1 ({host}), rank 2 ({host})", end.Message, StringComparison.Ordinal));
        Assert.False(Path.Exists(_folder["new"]));
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_refused()
    {
        File.WriteAllText(_folder["file"], "");
        Assert.All(
            Ends(2, job => job.CheckShared(_folder["file/below"])),
            end => Assert.Contains("file/below cannot be written", end.Message, StringComparison.Ordinal));
    }

    /// <summary>How a job ends on each of its ranks.</summary>
    private static (int ExitCode, string Message)[] Ends(int ranks, Action<RankJob> body) => ThreadRanks.Run(ranks, rank =>
    {
        JobException end = Assert.Throws<JobException>(() => body(new RankJob(rank)));
        return (end.ExitCode, end.Message);
    });
}
