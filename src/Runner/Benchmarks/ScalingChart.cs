using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Benchmarks;

/// <summary>An efficiency that was measured.</summary>
/// <param name="Network">Of which network.</param>
/// <param name="Each">Whether the batch grew with the ranks.</param>
/// <param name="Ranks">On how many ranks.</param>
/// <param name="Efficiency">1 is the best.</param>
internal sealed record MeasuredEfficiency(string Network, bool Each, int Ranks, double Efficiency);

/// <summary>The predicted efficiency of training over the ranks.</summary>
internal static class ScalingChart
{
    /// <summary>Two curves for each network, added up in the way that is usual for it, and what was measured.</summary>
    public static LineChart Of(RankBenchReport report, params IReadOnlyList<MeasuredEfficiency> measured)
    {
        var curves = new List<ChartSeries>();
        var points = new List<ChartSeries>();
        foreach (NetworkCost network in report.Networks)
        {
            SumPath path = network.Cost.IsWhole ? SumPath.Ordered : report.Links[^1].Path;
            IReadOnlyList<PredictedStep> steps = report.Predicted.First(of => of.Network == network.Network && of.Path == path).Steps;
            foreach (bool each in new[] { false, true })
            {
                string name = $"{network.Network}, {(each ? $"{report.EachBatch} a rank" : $"{report.Batch}")}";
                MeasuredEfficiency[] own = [.. measured.Where(point => point.Network == network.Network && point.Each == each)];
                if (own.Length > 0)
                {
                    points.Add(new ChartSeries(
                        $"{name}, measured", [.. own.Select(point => ((double)point.Ranks, point.Efficiency))], MeasuredOf: curves.Count));
                }

                curves.Add(new ChartSeries(
                    name, [.. steps.Select(step => ((double)step.Ranks, (each ? step.EachEfficiency : step.Efficiency) ?? double.NaN))]));
            }
        }

        return new LineChart
        {
            Title = "Efficiency of training on many ranks",
            Subtitle = $"predicted from {report.Ranks} ranks ({report.Library}); so many images in all, or a rank"
                + (points.Count > 0 ? "; rings: measured" : ""),
            XLabel = "ranks",
            Series = [.. curves, .. points],
            PowersOfTwo = true,
            Percent = true,
            YRange = (0, 1),
        };
    }
}
