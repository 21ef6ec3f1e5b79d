namespace GpuCam.Runner.Benchmarks;

/// <summary>
/// How long a training step takes on R ranks: <c>T(R) = computing + what of the sums no computing hides</c>, where computing is that of the
/// busiest rank's images and passes. Not in it: images that cost more than others, machines that do, pictures that are not ready.
/// </summary>
internal sealed record ScalingModel(StepCost Cost, RankLink Link)
{
    /// <summary>Shards of a batch unless there are more ranks and threads.</summary>
    private const int UsualShards = 8;

    /// <summary>The share of a pass that goes backward: each layer makes two products there, and one forward.</summary>
    private const double Backward = 2.0 / 3;

    private bool IsOrdered => Link.Path == SumPath.Ordered;

    /// <summary>Seconds of a step with so many images in all; null where there are too few of them.</summary>
    public double? Step(int ranks, int images)
    {
        int shards = Shards(ranks);
        if (shards > images)
        {
            return null;
        }

        // Rounds in which each thread of the busiest rank takes a shard, and the images of one round.
        int rounds = IsOrdered ? Up(Up(shards, ranks), Cost.Threads) : 1;
        int together = IsOrdered ? Math.Min(Cost.Threads, Up(shards, ranks)) * Up(images, shards) : Up(images, ranks);
        double pass = together * Cost.SecondsPerImage;
        double computing = (rounds * pass) + ((Cost.IsWhole ? 1 : rounds) * Cost.SecondsPerPass);
        return computing + Waiting(ranks, Cost.IsWhole ? 0 : Backward * pass);
    }

    /// <summary>A step of one rank, against R ranks' time for as many images: 1 is the best.</summary>
    public double? Efficiency(int ranks, int images) => Step(1, images) / (ranks * Step(ranks, images));

    /// <summary>The same where each rank has so many images, however many ranks there are.</summary>
    public double? EfficiencyOfEach(int ranks, int images) => Step(1, images) / Step(ranks, ranks * images);

    private static int Up(int number, int by) => (number + by - 1) / by;

    /// <summary>Gradients leave while the last pass goes backward; the last piece of them is there at its end.</summary>
    private double Waiting(int ranks, double hidden)
    {
        double[] pieces = [.. Cost.Pieces().Select(piece => Link.Seconds(piece, ranks))];
        return Math.Max(pieces[^1], pieces.Sum() - hidden);
    }

    private int Shards(int ranks)
    {
        if (!IsOrdered)
        {
            return ranks;
        }

        int shards = UsualShards;
        while (shards < ranks * Cost.Threads)
        {
            shards *= 2;
        }

        return shards;
    }
}
