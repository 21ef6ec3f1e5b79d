using System.Globalization;
using System.Xml.Linq;
using GpuCam.Runner.Reports;

namespace GpuCam.Tests.Runner.Reports;

public class LineChartTests
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void Markup_in_texts_is_shown_not_run()
    {
        const string evil = "<script>alert(1)</script> & \"quotes\" ' \u0001";
        ChartSeries[] series = [new(evil, [(0, 1), (1, 2)], ChartBest.Highest), new(evil, [(0, 3)])];
        XDocument document = Parse(new LineChart { Title = evil, Subtitle = evil, XLabel = evil, YLabel = evil, Series = series });
        Assert.DoesNotContain(document.Descendants(), element => element.Name.LocalName == "script");
        Assert.Equal(evil.Replace('\u0001', '\uFFFD'), document.Root!.Element(s_svg + "title")!.Value);
    }

    [Fact]
    public void The_best_value_is_marked_and_described()
    {
        (double, double)[] points = [(100, 0.5), (12300, 0.976), (20000, 0.97), (20100, double.NaN)];
        XDocument document = Parse(new LineChart { Title = "t", Percent = true, Series = [new("accuracy", points, ChartBest.Highest)] });
        Assert.Contains(document.Descendants(s_svg + "text"), text => text.Value == "best 97.6 % at step 12,300");
        string description = document.Root!.Element(s_svg + "desc")!.Value;
        Assert.Contains("accuracy: 3 values, from 50.0 % to 97.0 %, best 97.6 % at step 12,300.", description, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lowest_loss_is_marked()
    {
        var series = new ChartSeries("loss", [(1, 2.3), (2, 0.0815), (3, 0.2)], ChartBest.Lowest);
        XDocument document = Parse(new LineChart { Title = "t", Series = [series] });
        Assert.Contains(document.Descendants(s_svg + "text"), text => text.Value == "best 0.082 at step 2");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5000)]
    public void Any_number_of_points_gives_coordinates_inside_the_picture(int count)
    {
        (double, double)[] points = Enumerable.Range(0, count).Select(i => ((double)i, Math.Sin(i) * 1e-3)).ToArray();
        XDocument document = Parse(new LineChart { Title = "t", Series = [new("a", points), new("b", [(5, double.PositiveInfinity)])] });
        string text = document.ToString();
        Assert.DoesNotContain("NaN", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", text, StringComparison.Ordinal);
        Assert.Equal(count == 0, text.Contains("no values yet", StringComparison.Ordinal));
        Assert.True(text.Length < 40_000, $"{text.Length} characters");
        foreach (XAttribute path in document.Descendants(s_svg + "path").Attributes("d"))
        {
            string[] numbers = path.Value.Split(['M', 'L', ' '], StringSplitOptions.RemoveEmptyEntries);
            Assert.All(numbers, n => Assert.InRange(double.Parse(n, CultureInfo.InvariantCulture), 0, 820));
        }
    }

    [Fact]
    public void A_gap_in_the_values_is_a_gap_in_the_line()
    {
        XDocument document = Parse(new LineChart { Title = "t", Series = [new("a", [(0, 1), (1, 2), (2, double.NaN), (3, 1), (4, 2)])] });
        Assert.Equal(2, document.Descendants(s_svg + "path").Single().Attribute("d")!.Value.Count(c => c == 'M'));
    }

    [Theory]
    [InlineData(0, 1, 0.2, 0, 1)]
    [InlineData(0.31, 0.97, 0.1, 0.3, 1)]
    [InlineData(3, 13699, 2000, 0, 14000)]
    [InlineData(-0.02, 0.05, 0.01, -0.02, 0.05)]
    public void Marks_lie_at_round_numbers_around_the_data(double low, double high, double step, double start, double end)
    {
        var ticks = Ticks.Around(low, high, 6);
        Assert.Equal((step, start, end), (Math.Round(ticks.Step, 9), Math.Round(ticks.Start, 9), Math.Round(ticks.End, 9)));
    }

    private static XDocument Parse(LineChart chart) => XDocument.Parse(chart.ToSvg());
}
