using GpuCam.Kernels;
using GpuCam.Model;

namespace GpuCam.Tests.Model.Distributed;

/// <summary>The tree that shards are added by.</summary>
public class ShardTreeTests
{
    [Fact]
    public void Whole_subtrees_are_taken_as_far_up_as_they_come()
    {
        Assert.Equal([new ShardNode(3, 0)], ShardNode.Cover(0, 8, 8));
        Assert.Equal([new ShardNode(2, 1)], ShardNode.Cover(4, 8, 8));
        Assert.Equal([new ShardNode(1, 1), new ShardNode(0, 4)], ShardNode.Cover(2, 5, 8));
        Assert.Equal([new ShardNode(2, 1)], ShardNode.Cover(4, 5, 5));
        Assert.Equal([new ShardNode(0, 3), new ShardNode(2, 1)], ShardNode.Cover(3, 5, 5));
        Assert.Equal([new ShardNode(0, 0)], ShardNode.Cover(0, 1, 1));
        Assert.Equal([new ShardNode(3, 0)], ShardNode.Cover(0, 5, 5));
    }

    [Fact]
    public void Any_order_and_any_ranks_give_the_bits_of_the_recursive_sum()
    {
        var random = new Random(3);
        using var device = new HostDevice(Backend.Simd, 1);
        for (int shards = 1; shards <= 21; shards++)
        {
            float[] values = [.. Enumerable.Range(0, shards).Select(_ => (float)(random.NextDouble() * Math.Pow(10, random.Next(6))))];
            float expected = Expected(values, ShardNode.Root(shards).Level, 0);
            for (int ranks = 1; ranks <= shards; ranks++)
            {
                int[] order = [.. Enumerable.Range(0, shards)];
                random.Shuffle(order);
                (ShardNode, float)[] all = [.. order.Select(s => (new ShardNode(0, s), values[s]))];
                Assert.Equal(expected, Assert.Single(Add(device, shards, ShardNode.Cover(0, shards, shards), all)));
                var sums = new List<(ShardNode, float)>();
                for (int rank = 0; rank < ranks; rank++)
                {
                    int first = shards * rank / ranks, end = shards * (rank + 1) / ranks;
                    ShardNode[] ends = ShardNode.Cover(first, end, shards);
                    (ShardNode, float)[] own = [.. order.Where(s => s >= first && s < end).Select(s => (new ShardNode(0, s), values[s]))];
                    sums.AddRange(ends.Zip(Add(device, shards, ends, own)));
                }

                Assert.Equal(expected, Assert.Single(Add(device, shards, [ShardNode.Root(shards)], sums)));
            }
        }
    }

    private static float[] Add(HostDevice device, int shards, ShardNode[] ends, IReadOnlyList<(ShardNode Node, float Value)> parts)
    {
        using var sum = new ShardSum(shards, ends, 1, device);
        using var vector = new Tensor(device, "vector", Shape.Vector(1));
        float[] sums = [.. ends.Select(_ => float.NaN)];
        foreach ((ShardNode node, float value) in parts)
        {
            vector.CopyFrom([value]);
            int end = sum.Add(node, vector);
            if (end >= 0)
            {
                sums[end] = vector.ToArray()[0];
            }
        }

        return sums;
    }

    private static float Expected(float[] values, int level, int index)
    {
        if (level == 0)
        {
            return values[index];
        }

        float left = Expected(values, level - 1, 2 * index);
        return ((2L * index) + 1) << (level - 1) < values.Length ? left + Expected(values, level - 1, (2 * index) + 1) : left;
    }
}
