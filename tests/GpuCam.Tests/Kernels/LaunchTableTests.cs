using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>What is launched where: derived from a device's limits, or as the user's file says.</summary>
public class LaunchTableTests
{
    private static readonly LaunchTable s_large = new() { MaxGroupSize = 1024, SharedMemory = 48 << 10, Multiprocessors = 132 };

    [Fact]
    public void The_tile_follows_the_shape()
    {
        Assert.Equal(TileSize.Wide, s_large.Plan(default, 640_000, 64, 800).Tile);
        Assert.Equal(TileSize.Narrow, s_large.Plan(default, 640_000, 32, 1600).Tile);
        Assert.Equal(TileSize.Small, s_large.PlanSplit(default, 25, 32, 2_560_000).Tile);
        Assert.Equal(TileSize.Small, s_large.Plan(default, 2500, 64, 800).Tile); // one image: 20 wide tiles are too few
        Assert.Equal(TileSize.Small, (s_large with { SharedMemory = 8 << 10 }).Plan(default, 640_000, 64, 800).Tile);
    }

    [Theory]
    [InlineData(128, 132, 1 << 20, 800, 64)]
    [InlineData(16, 1, 100, 27, 5)]
    [InlineData(1024, 1000, 9, 9, 1)]
    [InlineData(256, 24, 2_560_000, 25, 32)]
    public void The_parts_of_a_split_sum_cover_it_once(int maxGroup, int multiprocessors, int depth, int rows, int columns)
    {
        var table = new LaunchTable { MaxGroupSize = maxGroup, Multiprocessors = multiprocessors };
        TilePlan plan = table.PlanSplit(default, rows, columns, depth);
        Assert.Equal(plan.Tile.Tiles(rows, columns) * plan.Splits, plan.Groups);
        Assert.Equal(0, plan.SplitDepth % 8);
        Assert.InRange(depth, ((plan.Splits - 1) * plan.SplitDepth) + 1, plan.Splits * plan.SplitDepth);
        Assert.InRange(plan.GroupSize, 1, maxGroup);
    }

    [Fact]
    public void A_split_sum_fills_the_device_once()
    {
        TilePlan plan = s_large.PlanSplit(default, 800, 64, 640_000);
        Assert.InRange(plan.Groups, 3 * 132 * 0.9, 3 * 132);
        Assert.Equal(1, s_large.PlanSplit(default, 800, 64, 200).Splits);
    }

    [Fact]
    public void A_reduction_takes_no_more_threads_than_it_has_elements()
    {
        Assert.Equal(16, s_large.ReductionGroup(10));
        Assert.Equal(256, s_large.ReductionGroup(5000));
        Assert.Equal(16, (s_large with { MaxGroupSize = 16 }).ReductionGroup(5000));
    }

    [Fact]
    public void The_users_file_overrides_what_it_names()
    {
        LaunchTable table = Apply("""{ "forward": { "tile": "256x32", "groupSize": 64 }, "backwardWeight": { "splits": 7 } }""");
        Assert.Equal(new LaunchRow(64, TileSize.Narrow), table.Forward);
        Assert.Equal(new LaunchRow(Splits: 7), table.BackwardWeight);
        Assert.Equal(default, table.Reductions);
        Assert.Equal(s_large.Multiprocessors, table.Multiprocessors);
        Assert.Equal(7, table.PlanSplit(table.BackwardWeight, 800, 64, 640_000).Splits);
    }

    [Theory]
    [InlineData("""{ "forward": { "groupSize": 2048 } }""", "forward.groupSize is 2048: give a number from 1 to 1024")]
    [InlineData("""{ "reductions": { "groupSize": 512 } }""", "reductions.groupSize is 512: give a number from 1 to 256")]
    [InlineData("""{ "backwardData": { "tile": "8x8" } }""", "backwardData.tile is '8x8': give one of 128x64, 256x32, 64x32")]
    [InlineData("""{ "reductions": { "tile": "64x32" } }""", "reductions have no tile")]
    [InlineData("""{ "forward": { "splits": 0 } }""", "forward.splits is 0: give a number from 1 to 65536")]
    [InlineData("""{ "backwardWeight": { "splits": 0 } }""", "backwardWeight.splits is 0")]
    [InlineData("""{ "forwards": { } }""", "known are forward, backwardData")]
    [InlineData("""{ "forward": { "group": 3 } }""", "known are forward, backwardData")]
    [InlineData("""{ "forward": 3 """, "known are forward, backwardData")]
    [InlineData("null", "it holds null")]
    public void What_is_wrong_with_the_file_is_said_in_one_line(string content, string expected)
    {
        string message = Assert.Throws<GpuCamException>(() => Apply(content)).Message;
        Assert.StartsWith("GPUCAM_LAUNCH=", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void A_tile_that_does_not_fit_is_refused()
    {
        string message = Assert.Throws<GpuCamException>(() => Apply("""{ "forward": { "tile": "256x32" } }""", 16 << 10)).Message;
        Assert.Contains("shared memory, the device has 16384", message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        string path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        string message = Assert.Throws<GpuCamException>(() => LaunchFile.Apply(s_large, path)).Message;
        Assert.StartsWith($"GPUCAM_LAUNCH={path}: ", message, StringComparison.Ordinal);
    }

    private static LaunchTable Apply(string content, int sharedMemory = 48 << 10)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, content);
            return LaunchFile.Apply(s_large with { SharedMemory = sharedMemory }, path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
