namespace GpuCam.Runner.Benchmarks;

/// <summary>A step on so many ranks, as predicted; absent where there are fewer images than shards.</summary>
/// <param name="Ranks">How many.</param>
/// <param name="StepMilliseconds">With the batch in all.</param>
/// <param name="Efficiency">Of that.</param>
/// <param name="EachStepMilliseconds">With a part of it on each rank.</param>
/// <param name="EachEfficiency">Of that.</param>
internal sealed record PredictedStep(
    int Ranks, double? StepMilliseconds, double? Efficiency, double? EachStepMilliseconds, double? EachEfficiency);

/// <summary>Predictions for a network and a way to add up.</summary>
internal sealed record PredictedTraining(string Network, SumPath Path, IReadOnlyList<PredictedStep> Steps);

/// <summary>What a network's steps cost a rank.</summary>
internal sealed record NetworkCost(string Network, StepCost Cost);

/// <summary>What <c>gpucam bench --ranks</c> measured, and what follows of it.</summary>
internal sealed record RankBenchReport
{
    /// <summary>Ranks are predicted for up to so many.</summary>
    public const int MostRanks = 1024;

    public required string Device { get; init; }

    public required string Precision { get; init; }

    public required string Build { get; init; }

    /// <summary>The library that carries the messages.</summary>
    public required string Library { get; init; }

    public required int Ranks { get; init; }

    public required int Machines { get; init; }

    /// <summary>Images of a step in all.</summary>
    public required int Batch { get; init; }

    /// <summary>Images of each rank where the batch grows with the ranks.</summary>
    public required int EachBatch { get; init; }

    /// <summary>The ways to add up.</summary>
    public required IReadOnlyList<RankLink> Links { get; init; }

    public required IReadOnlyList<NetworkCost> Networks { get; init; }

    public IReadOnlyList<PredictedTraining> Predicted =>
    [
        .. Networks.SelectMany(network => Links.Select(link =>
            new PredictedTraining(network.Network, link.Path, [.. Steps(network.Cost, link)]))),
    ];

    /// <summary>The report for people.</summary>
    /// <param name="printable">Makes a line of names from outside fit for a terminal.</param>
    public string ToText(Func<string, string> printable)
    {
        var lines = new List<string>
        {
            $"{Ranks} ranks on {(Machines == 1 ? "1 machine" : $"{Machines} machines")}, {Library}; each: {Device} ({Build}), {Precision}",
            $"an operation that sends nothing: {1e6 * Links[0].HandOff:0.0} µs",
            $"\n{"",12}{string.Concat(Links.Select(link => $"{Title(link.Path),26}"))}",
            $"{"bytes",12}{string.Concat(Links.Select(_ => $"{"ms",14}{"GB/s",12}"))}",
        };
        foreach (long bytes in Links.SelectMany(link => link.Times).Select(time => time.Bytes).Distinct().Order())
        {
            lines.Add($"{bytes,12}{string.Concat(Links.Select(link => Row(link, bytes)))}".TrimEnd());
        }

        lines.Add($"{"a message",12}{string.Concat(Links.Select(link => $"{$"{1e6 * link.Latency:0.0} µs",14}{"",12}"))}".TrimEnd());
        lines.Add($"{"a rank's way",12}{string.Concat(Links.Select(link => $"{"",14}{1e-9 / link.SecondsPerByte,12:0.00}"))}");
        foreach (NetworkCost network in Networks)
        {
            AddNetwork(lines, network, printable);
        }

        lines.Add("\nPredicted: at other numbers of ranks by messages, bytes and computing; images that cost more, machines that do,");
        lines.Add("and pictures that are not ready are not in it. GB/s: bytes that pass a rank.");
        return string.Join('\n', lines);
    }

    private static string Title(SumPath path) => path switch
    {
        SumPath.Ordered => "in order",
        SumPath.Tree => "by the library (tree)",
        _ => "by the library (halving)",
    };

    private static string Row(RankLink link, long bytes) => link.Times.FirstOrDefault(time => time.Bytes == bytes) is { } time
        ? $"{1e3 * time.Seconds,14:0.0000}{1e-9 * bytes * link.Path.Passes(link.Ranks) / time.Seconds,12:0.000}"
        : new string(' ', 26);

    private static string Cell(double? milliseconds, double? efficiency) =>
        milliseconds is null ? new string(' ', 20) : $"{milliseconds,12:0.00}{efficiency,8:0 %}";

    private IEnumerable<PredictedStep> Steps(StepCost cost, RankLink link)
    {
        var model = new ScalingModel(cost, link);
        for (int ranks = 1; ranks <= MostRanks; ranks *= 2)
        {
            yield return new PredictedStep(
                ranks, 1e3 * model.Step(ranks, Batch), model.Efficiency(ranks, Batch),
                1e3 * model.Step(ranks, ranks * EachBatch), model.EfficiencyOfEach(ranks, EachBatch));
        }
    }

    private void AddNetwork(List<string> lines, NetworkCost network, Func<string, string> printable)
    {
        StepCost cost = network.Cost;
        lines.Add("");
        lines.Add(printable($"{network.Network}: {cost.Bytes / 1e6:N2} MB of gradients, {1e3 * cost.SecondsPerImage:0.000} ms an image "
            + $"and {1e3 * cost.SecondsPerPass:0.00} ms a {(cost.IsWhole ? "step" : "pass")} on {cost.Threads} "
            + $"{(cost.Threads == 1 ? "thread" : "threads")}"));
        PredictedTraining[] ways = [.. Predicted.Where(of => of.Network == network.Network)];
        lines.Add($"{"",8}{$"{Batch} images in all",-40}{$"{EachBatch} images a rank",-40}".TrimEnd());
        string titles = string.Concat(ways.Select(way => $"{(way.Path == SumPath.Ordered ? "ordered ms" : "fast ms"),12}{"",8}"));
        lines.Add($"{"ranks",6}  {titles}{titles}".TrimEnd());
        for (int i = 0; i < ways[0].Steps.Count; i++)
        {
            string all = string.Concat(ways.Select(way => Cell(way.Steps[i].StepMilliseconds, way.Steps[i].Efficiency)));
            string each = string.Concat(ways.Select(way => Cell(way.Steps[i].EachStepMilliseconds, way.Steps[i].EachEfficiency)));
            lines.Add($"{ways[0].Steps[i].Ranks,6}  {all}{each}".TrimEnd());
        }
    }
}
