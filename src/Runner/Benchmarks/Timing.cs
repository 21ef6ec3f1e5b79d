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
            times.Add(Once(run));
        }

        return Summary(times);
    }

    /// <summary>
    /// The same for two things by turns of a few runs each, so that both meet the machine in the same state, for
    /// <paramref name="seconds"/> each.
    /// </summary>
    public static ((double Median, double Best) First, (double Median, double Best) Second) MeasureInTurn(
        Action first, Action second, double seconds, bool slow)
    {
        const int Turn = 3;
        int fewest = slow ? 2 : 5;
        var times = (First: new List<double>(), Second: new List<double>());
        long start = Stopwatch.GetTimestamp();
        while (times.Second.Count < fewest || Stopwatch.GetElapsedTime(start).TotalSeconds < 2 * seconds)
        {
            Take(first, times.First);
            Take(second, times.Second);
        }

        return (Summary(times.First), Summary(times.Second));

        // What the other side left in the caches is the first run's affair.
        void Take(Action run, List<double> into)
        {
            if (!slow)
            {
                run();
            }

            for (int i = 0; i < (slow ? 1 : Turn); i++)
            {
                into.Add(Once(run));
            }
        }
    }

    /// <summary>Seconds of one run.</summary>
    public static double Once(Action run)
    {
        long begin = Stopwatch.GetTimestamp();
        run();
        return Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    private static (double Median, double Best) Summary(List<double> times)
    {
        times.Sort();
        return (times[times.Count / 2], times[0]);
    }
}
