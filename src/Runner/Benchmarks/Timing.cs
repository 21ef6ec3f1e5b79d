using System.Diagnostics;

namespace GpuCam.Runner.Benchmarks;

/// <summary>How long a thing takes.</summary>
internal static class Timing
{
    /// <summary>
    /// Median seconds of a run: after two to warm up (one on a slow device), at least five (two), and as many as fit into
    /// <paramref name="seconds"/>.
    /// </summary>
    public static double Median(Action run, double seconds, bool slow = false) => Measure(run, seconds, slow).Median;

    /// <summary>The same, and the seconds of the fastest run: what other work on the machine disturbs least.</summary>
    public static (double Median, double Best) Measure(Action run, double seconds, bool slow = false)
    {
        int fewest = slow ? 2 : 5;
        run();
        if (!slow)
        {
            run();
        }

        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        while (times.Count < fewest || Stopwatch.GetElapsedTime(start).TotalSeconds < seconds)
        {
            long begin = Stopwatch.GetTimestamp();
            run();
            times.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
        }

        times.Sort();
        return (times[times.Count / 2], times[0]);
    }
}
