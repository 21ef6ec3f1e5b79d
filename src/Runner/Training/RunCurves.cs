using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>Draws the curves of a run from its metrics.</summary>
internal static class RunCurves
{
    /// <summary>Writes <c>accuracy.svg</c> and <c>loss.svg</c>, and <c>localisation.svg</c> where it was tracked.</summary>
    public static void Write(RunFolder folder)
    {
        MetricsEntry[] entries = [.. File.ReadLines(folder.Metrics).Select(RunnerJson.Read<MetricsEntry>)];
        string split = entries.Length > 0 && entries[0].Split is { } named ? named : "test";
        var accuracy = new List<ChartSeries>
        {
            Series($"{split} accuracy", entries, e => e.TestAccuracy, ChartBest.Highest),
            Series("train accuracy", entries, e => e.TrainAccuracy),
            Series("boxes (GT-known, IoU 0.5)", entries, e => e.GtKnown),
        };
        new LineChart
        {
            Title = "Accuracy", Subtitle = $"{split} images at every evaluation; training images since the one before",
            Series = NonEmpty(accuracy), Percent = true, YRange = (0, 1)
        }
            .WriteFile(folder.File("accuracy.svg"));
        var loss = new List<ChartSeries>
        {
            Series($"{split} loss", entries, e => e.TestLoss, ChartBest.Lowest),
            Series("train loss", entries, e => e.TrainLoss),
        };
        new LineChart { Title = "Loss", Subtitle = "mean softmax cross-entropy", Series = NonEmpty(loss) }.WriteFile(
            folder.File("loss.svg"));
        if (entries.Any(entry => entry.MaxBoxAcc is not null))
        {
            WriteLocalisation(folder, entries);
        }
    }

    /// <summary>How where is learned beside what.</summary>
    private static void WriteLocalisation(RunFolder folder, MetricsEntry[] entries)
    {
        var series = new List<ChartSeries>
        {
            Series("what: test accuracy", entries, e => e.TestAccuracy),
            Series("where: boxes (MaxBoxAcc, IoU 0.5)", entries, e => e.MaxBoxAcc, ChartBest.Highest),
            Series("where: pixels (PxAP)", entries, e => e.PxAp),
            Series("where: maximum in the box", entries, e => e.PointingGame),
        };
        new LineChart
        {
            Title = "What and where", Subtitle = "test images at every evaluation; boxes at the best threshold",
            Series = NonEmpty(series), Percent = true, YRange = (0, 1)
        }
            .WriteFile(folder.File("localisation.svg"));
    }

    private static ChartSeries Series(
        string name, MetricsEntry[] entries, Func<MetricsEntry, double?> value, ChartBest best = ChartBest.None) =>
        new(name, [.. entries.Where(e => value(e) is { } v && double.IsFinite(v)).Select(e => ((double)e.Step, value(e)!.Value))], best);

    private static ChartSeries[] NonEmpty(List<ChartSeries> series) => [.. series.Where(s => s.Points.Count > 0)];
}
