using GpuCam.Kernels;
using GpuCam.Model;
using GpuCam.Runner;
using GpuCam.Runner.Ranks;
using GpuCam.Runner.Training;
using GpuCam.Tests.Model.Distributed;

namespace GpuCam.Tests.Runner.Training;

/// <summary>How a batch is cut, by default and as asked for, and what cannot be.</summary>
public sealed class RankSettingsTests
{
    private static TrainSettings Reference => Presets.Get("quick");

    private static TrainSettings Other => Presets.Get("scratch") with { Architecture = "resnet18", Data = "pictures" };

    [Theory]
    [InlineData(2, 64, 8)]
    [InlineData(2, 5, 5)]
    [InlineData(3, 64, 8)]
    [InlineData(5, 64, 16)]     // two threads each
    public void Several_ranks_cut_a_batch_for_their_threads(int ranks, int batch, int shards)
    {
        int[] found = ThreadRanks.Run(ranks, rank =>
        {
            using var device = new HostDevice(Backend.Simd, 2);
            return (Reference with { Batch = batch }).For(new RankJob(rank), device).Shards;
        });
        Assert.All(found, one => Assert.Equal(shards, one));
    }

    [Fact]
    public void One_process_cuts_nothing_unless_it_is_asked_to()
    {
        using var device = new HostDevice(Backend.Simd, 2);
        Assert.Null(Reference.For(RankJob.Alone, device).Sharding(RankJob.Alone));
        Assert.Null(Other.For(RankJob.Alone, device).Sharding(RankJob.Alone));
        Sharding? asked = (Other with { Shards = 4 }).For(RankJob.Alone, device).Sharding(RankJob.Alone);
        Assert.Equal((4, GradientReduction.Ordered), (asked!.Shards, asked.Reduction));
    }

    [Fact]
    public void Networks_beside_the_reference_are_added_as_is_fastest_unless_order_is_asked_for()
    {
        Assert.Equal(GradientReduction.Fast, Other.Reduction);
        Assert.Equal(GradientReduction.Ordered, Reference.Reduction);
        Assert.Equal(GradientReduction.Ordered, (Other with { Reduce = "ordered" }).Reduction);
        Assert.Equal(GradientReduction.Fast, (Reference with { Reduce = "fast" }).Reduction);
    }

    [Theory]
    [InlineData(3, 2, 0, "ordered", false, "--batch 2 is too few images for 3 ranks")]
    [InlineData(3, 2, 0, "fast", true, "--batch 2 is too few images for 3 ranks")]
    [InlineData(3, 9, 2, "ordered", false, "--shards 2 is too few for 3 ranks")]
    [InlineData(3, 9, 2, "ordered", true, "cuts its batches into 2 shards, too few for 3 ranks; start at most 2 ranks")]
    [InlineData(2, 9, 0, "ordered", true, "does not cut its batches into shards, so one process alone goes on with it")]
    [InlineData(3, 9, 3, "ordered", true, null)]
    [InlineData(3, 9, 0, "fast", true, null)]
    [InlineData(1, 1, 0, "ordered", true, null)]
    public void More_ranks_than_can_share_a_batch_are_refused(
        int ranks, int batch, int shards, string reduce, bool begun, string? error)
    {
        TrainSettings settings = Reference with { Batch = batch, Shards = shards, Reduce = reduce };
        void Check() => settings.CheckRanks(ranks, begun ? "runs/one" : null);
        if (error is null)
        {
            Check();
            return;
        }

        Assert.Contains(error, Assert.Throws<GpuCamException>(Check).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(65, null, "--shards 65 is out of range; give 0 to 64, the images in a batch")]
    [InlineData(-1, null, "--shards -1 is out of range")]
    [InlineData(4, "fast", "--shards 4 is out of range; give 0 with --reduce fast")]
    [InlineData(0, "slow", "--reduce slow is not known; choose ordered or fast")]
    public void What_cannot_be_is_refused(int shards, string? reduce, string error) => Assert.StartsWith(
        error, Assert.Throws<GpuCamException>(() => (Reference with { Shards = shards, Reduce = reduce }).Validated()).Message,
        StringComparison.Ordinal);

    [Fact]
    public void A_record_from_before_there_were_shards_reads_as_a_run_that_is_not_cut()
    {
        string text = RunnerJson.Line(Reference with { Shards = 3 }).Replace("\"shards\":3,", "", StringComparison.Ordinal);
        Assert.DoesNotContain("shards", text, StringComparison.Ordinal);
        Assert.Equal(RunnerJson.Line(Reference), RunnerJson.Line(RunnerJson.Read<TrainSettings>(text)));
    }
}
