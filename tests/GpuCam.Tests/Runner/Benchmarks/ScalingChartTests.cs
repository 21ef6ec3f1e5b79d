using GpuCam.Runner;
using GpuCam.Runner.Benchmarks;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.Tests.Runner.Benchmarks;

/// <summary>The report and the chart of <c>bench --ranks</c>, and that of docs/cluster.md, which is drawn from what was measured.</summary>
public sealed class ScalingChartTests
{
    private static readonly string s_images = Path.Combine(DocCommand.Root, "docs/images");

    [Fact]
    public void The_picture_of_the_document_is_drawn_from_its_figures()
    {
        string file = Path.Combine(s_images, "scaling.svg");
        Figures figures = RunnerJson.Read<Figures>(File.ReadAllText(Path.Combine(s_images, "scaling.json")));
        string svg = ScalingChart.Of(figures.Report, figures.Measured).ToSvg();
        if (Environment.GetEnvironmentVariable("GPUCAM_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(file, svg);
        }

        Assert.Equal(svg, File.ReadAllText(file));
    }

    [Fact]
    public void A_chart_has_two_curves_a_network_and_rings_for_what_was_measured()
    {
        string svg = ScalingChart.Of(
            Report(), new MeasuredEfficiency("reference", false, 2, 0.97), new MeasuredEfficiency("other", true, 4, 0.9)).ToSvg();
        foreach (string text in (string[])["reference, 256", "reference, 32 a rank", "other, 256", "other, 32 a rank", "1,024"])
        {
            Assert.Contains($">{text}</text>", svg, StringComparison.Ordinal);
        }

        Assert.Contains("rings: measured", svg, StringComparison.Ordinal);
        Assert.Contains("reference, 256, measured: 97.0 % at ranks 2", svg, StringComparison.Ordinal);
        Assert.DoesNotContain(">reference, 256, measured</text>", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_for_people_has_every_size_and_every_number_of_ranks_in_120_columns()
    {
        string[] lines = Report().ToText(line => line).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains(lines, line => line.StartsWith("   268435456", StringComparison.Ordinal));
        Assert.Equal(2, lines.Count(line => line.StartsWith("  1024", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("other: 102.00 MB of gradients, 50.000 ms an image", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("mpirun -n 2 gpucam bench --ranks", "--ranks")]
    [InlineData("--svg draws what --ranks predicts; give --ranks too", "--svg", "x.svg")]
    public void One_process_is_told_how(string error, params string[] options) => Gpucam.Call(["bench", .. options]).Refused(error);

    private static RankBenchReport Report() => new()
    {
        Device = "host",
        Precision = "fp32",
        Build = "1",
        Library = "Open MPI 4.1.4",
        Ranks = 2,
        Machines = 1,
        Batch = 256,
        EachBatch = 32,
        Links =
        [
            .. new[] { SumPath.Ordered, SumPath.Tree }.Select(path => RankLink.Fit(
                path, 2, 1e-5, [new SumTime(4, 4e-5), new SumTime(1 << 20, 1e-3), new SumTime(1 << 28, 0.2)])),
        ],
        Networks =
        [
            new NetworkCost("reference", new StepCost(213_000, 1.5e-4, 1e-3, true, 1)),
            new NetworkCost("other", new StepCost(102_000_000, 0.05, 0.03, false, 1)),
        ],
    };

    private sealed record Figures(RankBenchReport Report, IReadOnlyList<MeasuredEfficiency> Measured);
}
