namespace GpuCam.Model;

/// <summary>
/// A sum of neighbouring shards in the tree that all shards of a batch are added by: at level 0 a shard, at level k + 1 two neighbours of
/// level k, the last of which may be missing: then it is the other one as it is.
/// </summary>
/// <param name="Level">Above the shards.</param>
/// <param name="Index">From the left.</param>
internal readonly record struct ShardNode(int Level, int Index)
{
    /// <summary>What it becomes a part of.</summary>
    public ShardNode Parent => new(Level + 1, Index / 2);

    /// <summary>What it is added to.</summary>
    public ShardNode Neighbour => this with { Index = Index ^ 1 };

    /// <summary>The first shard in it, there or not.</summary>
    public long First => (long)Index << Level;

    /// <summary>The whole tree.</summary>
    public static ShardNode Root(int shards)
    {
        var node = new ShardNode(0, 0);
        while (1L << node.Level < shards)
        {
            node = node.Parent;
        }

        return node;
    }

    /// <summary>The fewest nodes that these shards are: as far up as they come without others.</summary>
    public static ShardNode[] Cover(int first, int end, int shards)
    {
        var nodes = new List<ShardNode>();
        for (long at = first; at < end;)
        {
            var node = new ShardNode(0, (int)at);
            while (1L << node.Level < shards && node.Parent.First == at && End(node.Parent, shards) <= end)
            {
                node = node.Parent;
            }

            nodes.Add(node);
            at = End(node, shards);
        }

        return [.. nodes];
    }

    private static long End(ShardNode node, int shards) => Math.Min(shards, (node.Index + 1L) << node.Level);
}
