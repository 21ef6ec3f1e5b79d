using System.Globalization;

namespace GpuCam.Runner.Ranks;

/// <summary>Where a rank runs, as the others are told.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Processors">Those that the rank may run on; none where the system does not tell.</param>
/// <param name="Count">How many of them it may keep busy: a quota may be smaller.</param>
/// <param name="Gpus">Which GPUs its environment lets it see.</param>
internal sealed record RankPlace(string Host, int[] Processors, int Count, string Gpus)
{
    private static readonly string[] s_gpuVariables = ["CUDA_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES"];

    /// <summary>That of this process.</summary>
    public static RankPlace OfProcess() => new(
        Environment.MachineName, Allowed(), Environment.ProcessorCount,
        string.Join(';', s_gpuVariables.Select(Environment.GetEnvironmentVariable)));

    /// <summary>The numbers in a list such as <c>0-3,8</c>.</summary>
    internal static int[] Numbers(string list) =>
    [
        .. list.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries).SelectMany(range =>
        {
            int[] ends = [.. range.Split('-').Select(end => int.Parse(end, CultureInfo.InvariantCulture))];
            return Enumerable.Range(ends[0], ends[^1] - ends[0] + 1);
        }),
    ];

    private static int[] Allowed()
    {
        const string Name = "Cpus_allowed_list:";
        string? line = OperatingSystem.IsLinux()
            ? File.ReadLines("/proc/self/status").FirstOrDefault(line => line.StartsWith(Name, StringComparison.Ordinal)) : null;
        return line is null ? [] : Numbers(line[Name.Length..]);
    }
}

/// <summary>What a rank has of its machine.</summary>
/// <param name="Host">The machine's name.</param>
/// <param name="Threads">Processors for itself, one at least: where the launcher bound ranks to processors of their own, those, and where
/// several ranks share some, its part of them.</param>
/// <param name="OwnProcessors">Whether no other rank runs on any of them.</param>
/// <param name="Gpu">Which of the GPUs that it sees is its own.</param>
/// <param name="GpuRanks">How many ranks share out these GPUs.</param>
internal sealed record RankShare(string Host, int Threads, bool OwnProcessors, int Gpu, int GpuRanks)
{
    /// <summary>All of it, for a process by itself.</summary>
    public static RankShare Whole => new(Environment.MachineName, Environment.ProcessorCount, OwnProcessors: true, Gpu: 0, GpuRanks: 1);

    /// <summary>That of a rank.</summary>
    /// <param name="rank">Which one.</param>
    /// <param name="places">Those of all ranks.</param>
    public static RankShare Of(int rank, IReadOnlyList<RankPlace> places)
    {
        RankPlace own = places[rank];
        RankPlace[] here = [.. places.Where(place => place.Host == own.Host)];
        // A launcher may give each rank GPUs of its own, which it then calls 0 on.
        int[] sameGpus = [.. Enumerable.Range(0, places.Count).Where(r => places[r].Host == own.Host && places[r].Gpus == own.Gpus)];
        if (own.Processors.Length == 0)
        {
            return new RankShare(
                own.Host, Math.Max(1, own.Count / here.Length), here.Length == 1, Array.IndexOf(sameGpus, rank), sameGpus.Length);
        }

        int[] sharers = [.. own.Processors.Select(processor => here.Count(place => place.Processors.Contains(processor)))];
        double processors = sharers.Sum(ranks => 1.0 / ranks) * Math.Min(1, (double)own.Count / sharers.Length);
        return new RankShare(
            own.Host, Math.Max(1, (int)(processors + 1e-6)), sharers.All(ranks => ranks == 1), Array.IndexOf(sameGpus, rank),
            sameGpus.Length);
    }
}
