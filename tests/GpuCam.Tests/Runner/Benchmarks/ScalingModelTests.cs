using GpuCam.Runner.Benchmarks;

namespace GpuCam.Tests.Runner.Benchmarks;

/// <summary>What the model of scaling says, on figures that can be worked out by hand.</summary>
public sealed class ScalingModelTests
{
    private const double HandOff = 1e-5, Latency = 2e-5, PerByte = 1e-9;

    private static readonly long[] s_sizes = [4, 1024, 1 << 18, 1 << 22, 1 << 26];

    public static TheoryData<SumPath, int> Paths => new()
    {
        { SumPath.Ordered, 2 }, { SumPath.Ordered, 6 }, { SumPath.Tree, 2 }, { SumPath.Tree, 5 }, { SumPath.Halving, 8 },
    };

    [Theory]
    [InlineData(SumPath.Ordered, 2, 2, 1)]
    [InlineData(SumPath.Ordered, 8, 14, 1.75)]
    [InlineData(SumPath.Tree, 2, 2, 2)]
    [InlineData(SumPath.Tree, 1024, 20, 20)]
    [InlineData(SumPath.Halving, 8, 6, 1.75)]
    public void A_path_has_so_many_messages_and_passes_of_all_bytes(SumPath path, int ranks, double messages, double passes) =>
        Assert.Equal((messages, passes), (path.Messages(ranks), path.Passes(ranks)));

    [Theory]
    [InlineData("Open MPI 4.1.4", null, SumPath.Tree)]
    [InlineData("Open MPI 4.1.4", "3", SumPath.Halving)]
    [InlineData("MPICH 4.0.2", null, SumPath.Halving)]
    public void A_library_adds_up_in_its_own_way(string library, string? choice, SumPath path) =>
        Assert.Equal(path, SumPaths.OfLibrary(library, choice));

    [Theory]
    [MemberData(nameof(Paths))]
    public void A_link_is_found_in_times_that_follow_the_formula(SumPath path, int ranks)
    {
        RankLink link = Link(path, ranks);
        Assert.Equal(Latency, link.Latency, 1e-4 * Latency);
        Assert.Equal(PerByte, link.SecondsPerByte, 1e-4 * PerByte);
        foreach (int others in (int[])[2, 3, 64, 1024])
        {
            Assert.Equal(1, link.Seconds(123_456, others) / Formula(path, others, 123_456), 1e-3);
        }

        Assert.Equal(0, link.Seconds(123_456, 1));
    }

    [Fact]
    public void What_was_measured_is_said_again_and_other_ranks_take_longer_in_the_same_proportion()
    {
        var link = RankLink.Fit(SumPath.Ordered, 2, HandOff, [
            .. s_sizes.Select(bytes => new SumTime(bytes, Formula(SumPath.Ordered, 2, bytes) * (bytes == 1024 ? 3 : 1)))]);
        Assert.Equal(3 * Formula(SumPath.Ordered, 2, 1024), link.Seconds(1024, 2), 1e-9);
        Assert.Equal(Formula(SumPath.Ordered, 2, 1 << 26), link.Seconds(1 << 26, 2), 1e-9);
        Assert.InRange(link.Seconds(1024, 64), link.Seconds(1024, 32), link.Seconds(1024, 128));
        Assert.InRange(link.Seconds(10_000, 2), link.Seconds(1024, 2) / 3, link.Seconds(1 << 18, 2));
    }

    [Fact]
    public void The_cost_of_a_step_is_a_line_through_two_timings()
    {
        var cost = StepCost.Of((32, 0.036), (128, 0.132), new StepCost(1000, 0, 0, true, 1));
        Assert.Equal(0.001, cost.SecondsPerImage, 1e-12);
        Assert.Equal(0.004, cost.SecondsPerPass, 1e-12);
        cost = StepCost.Of((32, 0.2), (128, 0.128), cost);     // a disturbed clock
        Assert.Equal((0.001, 0), (cost.SecondsPerImage, cost.SecondsPerPass));
    }

    [Theory]
    [InlineData(4)]
    [InlineData(256 << 10)]
    [InlineData((256 << 10) + 4)]
    [InlineData(102_000_000)]
    public void Pieces_are_all_of_it_and_the_last_is_small(long bytes)
    {
        long[] pieces = [.. new StepCost(bytes, 1, 1, false, 1).Pieces()];
        Assert.Equal(bytes, pieces.Sum());
        Assert.All(pieces, piece => Assert.InRange(piece, 1, 4 << 20));
        Assert.InRange(pieces[^1], 1, 256 << 10);
    }

    [Fact]
    public void A_step_of_the_reference_network_is_its_images_its_constant_and_a_sum_that_nothing_hides()
    {
        var model = new ScalingModel(new StepCost(200_000, 1e-4, 1e-3, true, 1), Link(SumPath.Ordered, 2));
        Assert.Equal((256 * 1e-4) + 1e-3, model.Step(1, 256)!.Value, 1e-12);
        Assert.Equal((128 * 1e-4) + 1e-3 + Formula(SumPath.Ordered, 2, 200_000), model.Step(2, 256)!.Value, 1e-7);
        Assert.Equal((16 * 1e-4) + 1e-3 + Formula(SumPath.Ordered, 16, 200_000), model.Step(16, 256)!.Value, 1e-7);
        Assert.Null(model.Step(512, 256));
        Assert.Equal(1, model.Efficiency(1, 256));
        Assert.Equal(model.Step(1, 32) / model.Step(64, 64 * 32), model.EfficiencyOfEach(64, 32));
        Assert.InRange(model.Efficiency(64, 256)!.Value, 0, model.Efficiency(8, 256)!.Value);
    }

    [Fact]
    public void A_thread_that_finds_no_shard_waits_for_the_others()
    {
        var model = new ScalingModel(new StepCost(200_000, 1e-4, 0, true, 3), Link(SumPath.Ordered, 2));
        Assert.Equal(3 * 3 * 32 * 1e-4, model.Step(1, 256)!.Value, 1e-12);      // 8 shards, 3 at a time
    }

    [Fact]
    public void All_but_the_last_piece_hides_behind_the_last_pass_backward_where_that_is_long_enough()
    {
        RankLink link = Link(SumPath.Ordered, 2);
        var slow = new ScalingModel(new StepCost(20_000_000, 0.1, 0.01, false, 1), link);
        double last = link.Seconds(256 << 10, 2);
        Assert.Equal((128 * 0.1) + (4 * 0.01) + last, slow.Step(2, 256)!.Value, 1e-9);
        var quick = new ScalingModel(new StepCost(20_000_000, 1e-6, 0, false, 1), link);
        double all = slow.Cost.Pieces().Sum(piece => link.Seconds(piece, 2));
        Assert.Equal((128 * 1e-6) + all - (32 * 1e-6 * 2 / 3), quick.Step(2, 256)!.Value, 1e-9);
    }

    private static RankLink Link(SumPath path, int ranks) =>
        RankLink.Fit(path, ranks, HandOff, [.. s_sizes.Select(bytes => new SumTime(bytes, Formula(path, ranks, bytes)))]);

    private static double Formula(SumPath path, int ranks, long bytes) =>
        (path.Calls() * HandOff) + (path.Messages(ranks) * Latency) + (path.Passes(ranks) * bytes * PerByte);
}
