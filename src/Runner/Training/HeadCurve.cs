using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Training;

/// <summary>Draws what each penalty gave.</summary>
internal static class HeadCurve
{
    /// <summary>Writes <c>accuracy.svg</c> and <c>loss.svg</c>; nothing where no penalty was chosen.</summary>
    public static void Write(RunFolder folder, IReadOnlyList<HeadEntry> entries)
    {
        HeadEntry[] tried = [.. entries.Where(entry => entry.ValidationAccuracy is not null).OrderBy(entry => entry.Penalty)];
        if (tried.Length == 0)
        {
            return;
        }

        new LineChart
        {
            Title = "Accuracy", Subtitle = "heads by their penalty; the best on validation pictures was chosen",
            XLabel = "log10 of the penalty",
            Series =
            [
                Series("validation, mean per class", tried, entry => entry.ValidationClassAccuracy, ChartBest.Highest),
                Series("training", tried, entry => entry.TrainAccuracy),
            ],
            Percent = true, YRange = (0, 1),
        }.WriteFile(folder.File("accuracy.svg"));
        new LineChart
        {
            Title = "Loss", Subtitle = "mean softmax cross-entropy, heads by their penalty", XLabel = "log10 of the penalty",
            Series =
            [
                Series("validation", tried, entry => entry.ValidationLoss, ChartBest.Lowest),
                Series("training", tried, entry => entry.TrainLoss),
            ],
        }.WriteFile(folder.File("loss.svg"));
    }

    private static ChartSeries Series(
        string name, HeadEntry[] entries, Func<HeadEntry, double?> value, ChartBest best = ChartBest.None) =>
        new(name, [.. entries.Select(entry => (Math.Log10(entry.Penalty), value(entry) ?? double.NaN))], best);
}
