using System.Diagnostics;

namespace GpuCam.Runner.Benchmarks;

/// <summary>How long a thing takes.</summary>
internal static class Timing
{
    private const int FewestRuns = 5;

    /// <summary>Median seconds of a run: after two to warm up, at least five, and as many as fit into <paramref name="seconds"/>.</summary>
    public static double Median(Action run, double seconds)
    {
        run();
        run();
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < FewestRuns || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            long begin = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        times.Sort();
        return times[times.Count / 2];
    }
}
