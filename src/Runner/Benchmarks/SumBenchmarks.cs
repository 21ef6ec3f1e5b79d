using System.Numerics;
using System.Runtime.InteropServices;
using GpuCam.Model;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Benchmarks;

/// <summary>
/// How long the ranks of a job take to add up vectors, from 4 bytes to 256 MiB: by their library's sum, and as training in order does, by
/// an exchange of slices, sums of these, and a gathering. All calls are collective.
/// </summary>
/// <param name="job">The ranks.</param>
/// <param name="seconds">What each size may take; long ones that would take several times as long are left out.</param>
internal sealed class SumBenchmarks(RankJob job, double seconds)
{
    private const long Largest = 256 << 20, Always = 64 << 10;
    private const int Step = 4, Fewest = 3, Most = 1000, TooLong = 8;

    private ICommunicator Ranks => job.Communicator;

    /// <summary>Both paths, that of training in order first.</summary>
    public IReadOnlyList<RankLink> Measure()
    {
        double handOff = HandOff();
        SumPath[] paths =
        [
            SumPath.Ordered,
            SumPaths.OfLibrary(Ranks.Description, Environment.GetEnvironmentVariable("OMPI_MCA_coll_libnbc_iallreduce_algorithm")),
        ];
        Dictionary<SumPath, List<SumTime>> times = paths.ToDictionary(path => path, _ => new List<SumTime>()), left = new(times);
        long largest = job.AllGather(Math.Min(Largest, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / Ranks.LocalSize / 8)).Min();
        for (long bytes = sizeof(float); bytes <= largest && left.Count > 0; bytes *= Step)
        {
            var sum = new TimedSum(Ranks, (int)(bytes / sizeof(float)));
            foreach (SumPath path in paths.Where(left.ContainsKey))
            {
                times[path].Add(new SumTime(bytes, Time(path == SumPath.Ordered ? sum.Ordered : sum.ByLibrary, out double longest)));
                if (bytes >= Always && Step * longest > TooLong * seconds)
                {
                    left.Remove(path);
                }
            }
        }

        return [.. paths.Select(path => RankLink.Fit(path, Ranks.Size, handOff, times[path]))];
    }

    private static void Add(ReadOnlySpan<float> from, Span<float> to)
    {
        int whole = to.Length / Vector<float>.Count * Vector<float>.Count;
        Span<Vector<float>> sums = MemoryMarshal.Cast<float, Vector<float>>(to);
        ReadOnlySpan<Vector<float>> terms = MemoryMarshal.Cast<float, Vector<float>>(from);
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] += terms[i];
        }

        for (int i = whole; i < to.Length; i++)
        {
            to[i] += from[i];
        }
    }

    /// <summary>An operation that has nothing to send.</summary>
    private double HandOff()
    {
        var nothing = new RankStretch[Ranks.Size];
        float[] memory = GC.AllocateArray<float>(1, pinned: true);
        nint address = Marshal.UnsafeAddrOfPinnedArrayElement(memory, 0);
        return Time(() => Ranks.BeginExchange(address, nothing, address, nothing).Wait(), out _);
    }

    /// <summary>The median of the runs, of the rank for which it is longest.</summary>
    private double Time(Action run, out double longest)
    {
        Timing.Once(run);
        longest = job.AllGather(Timing.Once(run)).Max();
        int runs = (int)Math.Clamp(seconds / longest, Fewest, Most);
        double[] times = new double[runs];
        for (int i = 0; i < runs; i++)
        {
            times[i] = Timing.Once(run);
        }

        Array.Sort(times);
        return job.AllGather(times[runs / 2]).Max();
    }

    /// <summary>A vector and what it takes to sum it.</summary>
    private sealed class TimedSum
    {
        private readonly ICommunicator _ranks;
        private readonly float[] _values, _received;
        private readonly RankStretch[] _slices, _places;
        private readonly nint _at, _receivedAt;

        public TimedSum(ICommunicator ranks, int count)
        {
            _ranks = ranks;
            _values = GC.AllocateArray<float>(count, pinned: true);
            _slices = [.. Enumerable.Range(0, ranks.Size).Select(rank => Slice(rank, count))];
            int own = _slices[ranks.Rank].Count;
            _places = [.. Enumerable.Range(0, ranks.Size).Select(rank => new RankStretch(rank * own, own))];
            _received = GC.AllocateArray<float>(Math.Max(1, own * ranks.Size), pinned: true);
            (_at, _receivedAt) =
                (Marshal.UnsafeAddrOfPinnedArrayElement(_values, 0), Marshal.UnsafeAddrOfPinnedArrayElement(_received, 0));
        }

        public void ByLibrary() => _ranks.BeginSum(_at, _values.Length).Wait();

        public void Ordered()
        {
            _ranks.BeginExchange(_at, _slices, _receivedAt, _places).Wait();
            RankStretch own = _slices[_ranks.Rank];
            Span<float> sum = _values.AsSpan(own.First, own.Count);
            sum.Clear();
            foreach (RankStretch place in _places)
            {
                Add(_received.AsSpan(place.First, place.Count), sum);
            }

            _ranks.BeginGather(_at, _slices).Wait();
        }

        private RankStretch Slice(int rank, int count)
        {
            int first = (int)((long)count * rank / _ranks.Size);
            return new RankStretch(first, (int)((long)count * (rank + 1) / _ranks.Size) - first);
        }
    }
}
