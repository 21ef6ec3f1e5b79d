using GpuCam.Kernels;
using GpuCam.Runner.Ranks;

namespace GpuCam.Tests.Runner.Ranks;

public sealed class RankShareTests
{
    [Theory]
    [InlineData("0-3", "0-3", 4, 2, false)]     // not bound: the machine is shared out
    [InlineData("0-1", "2-3", 2, 2, true)]      // bound, to processors of their own
    [InlineData("0", "1", 1, 1, true)]
    [InlineData("0-2", "0-2", 3, 1, false)]
    [InlineData("0", "0", 1, 1, false)]         // more ranks than processors: one thread is the least
    [InlineData("0-3,8", "3-4", 5, 4, false)]   // four of its own, and half of another
    [InlineData("0-7", "8-15", 2, 2, true)]     // a quota of two processors
    public void A_rank_has_the_processors_that_it_is_bound_to_and_its_part_of_shared_ones(
        string own, string others, int count, int threads, bool alone)
    {
        var share = RankShare.Of(0, [Place("a", own, count), Place("a", others), Place("b", own)]);
        Assert.Equal((threads, alone), (share.Threads, share.OwnProcessors));
    }

    [Fact]
    public void Where_the_system_does_not_tell_processors_ranks_of_a_machine_share_them_out()
    {
        var share = RankShare.Of(2, [Place("a", "", 8), Place("b", "", 8), Place("a", "", 8), Place("a", "", 8)]);
        Assert.Equal((2, false), (share.Threads, share.OwnProcessors));
    }

    [Fact]
    public void Ranks_of_a_machine_take_its_gpus_in_their_order_and_those_that_see_gpus_of_their_own_begin_at_the_first()
    {
        RankPlace[] places = [Gpus("a", ""), Gpus("b", ""), Gpus("a", ""), Gpus("b", "0"), Gpus("b", "1")];
        Assert.Equal(
            [(0, 2), (0, 1), (1, 2), (0, 1), (0, 1)],
            Enumerable.Range(0, 5).Select(rank => RankShare.Of(rank, places)).Select(share => (share.Gpu, share.GpuRanks)));
    }

    [Fact]
    public void Fewer_gpus_than_ranks_are_an_error_that_says_what_to_start()
    {
        DeviceInfo[] gpus = [new DeviceInfo(Backend.Cuda, 0, "one", true, null), new DeviceInfo(Backend.Cuda, 3, "two", true, null)];
        Assert.Same(gpus[1], RankDevice.Own(new RankShare("a", 1, false, Gpu: 1, GpuRanks: 2), gpus));
        string said = Assert.Throws<GpuCamException>(() => RankDevice.Own(new RankShare("a", 1, false, Gpu: 0, GpuRanks: 3), gpus)).Message;
        Assert.Contains("a has 3 ranks and 2 GPUs", said, StringComparison.Ordinal);
        Assert.Contains("ppr:2:node", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Lists_of_processors_are_read_as_the_system_writes_them() =>
        Assert.Equal([0, 1, 2, 3, 8, 10, 11], RankPlace.Numbers("\t0-3,8,10-11\n"));

    [Fact]
    public void This_process_has_a_place_with_processors()
    {
        var place = RankPlace.OfProcess();
        Assert.Equal(Environment.MachineName, place.Host);
        Assert.Equal(OperatingSystem.IsLinux(), place.Processors.Length > 0);
    }

    private static RankPlace Place(string host, string processors, int count = 1) => new(host, RankPlace.Numbers(processors), count, "");

    private static RankPlace Gpus(string host, string seen) => new(host, [0], 1, seen);
}
