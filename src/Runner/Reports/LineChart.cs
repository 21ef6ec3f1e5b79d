using System.Globalization;

namespace GpuCam.Runner.Reports;

/// <summary>Which point of a curve is marked as its best.</summary>
public enum ChartBest
{
    /// <summary>None.</summary>
    None,

    /// <summary>The highest, as for accuracy; the first of equals.</summary>
    Highest,

    /// <summary>The lowest, as for loss; the first of equals.</summary>
    Lowest,
}

/// <summary>One curve.</summary>
/// <param name="Name">Written at its right end.</param>
/// <param name="Points">In rising x; a point that is not finite interrupts the line.</param>
/// <param name="Best">Which point is marked.</param>
/// <param name="MeasuredOf">The number of the curve that these are measured values of: rings in its colour, without line and name.</param>
public sealed record ChartSeries(
    string Name, IReadOnlyList<(double X, double Y)> Points, ChartBest Best = ChartBest.None, int? MeasuredOf = null);

/// <summary>
/// Curves over steps as an SVG file: no script, no external font, light and dark by the reader's setting, names at the curves
/// instead of a legend, values on hover, and a title and description for screen readers. Every text is escaped.
/// </summary>
public sealed record LineChart
{
    /// <summary>What is shown, above the chart.</summary>
    public required string Title { get; init; }

    /// <summary>A smaller line under the title; "" for none.</summary>
    public string Subtitle { get; init; } = "";

    /// <summary>Name of the horizontal axis.</summary>
    public string XLabel { get; init; } = "step";

    /// <summary>Name of the vertical axis; "" for none.</summary>
    public string YLabel { get; init; } = "";

    /// <summary>The curves; colours repeat after six.</summary>
    public required IReadOnlyList<ChartSeries> Series { get; init; }

    /// <summary>Whether the horizontal axis has powers of two, as far apart each as the next.</summary>
    public bool PowersOfTwo { get; init; }

    /// <summary>Shares of 1 shown as percent.</summary>
    public bool Percent { get; init; }

    /// <summary>Least and greatest value that the vertical axis shows at least; null lets the data decide.</summary>
    public (double Low, double High)? YRange { get; init; }

    /// <summary>The SVG document.</summary>
    public string ToSvg() => new LineChartSvg(this).Render();

    /// <summary>Writes the SVG file: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public void WriteFile(string path) => AtomicFile.WriteAllText(path, ToSvg());

    /// <summary>A value as labels show it: three or four significant digits.</summary>
    internal string FormatValue(double value)
    {
        if (Percent)
        {
            return (100 * value).ToString("0.0#", CultureInfo.InvariantCulture) + " %";
        }

        double size = Math.Abs(value);
        string format = size is 0 or >= 1000 ? "#,##0" : size >= 100 ? "0.#" : size >= 0.01 ? "0.###" : "0.##e0";
        return value.ToString(format, CultureInfo.InvariantCulture);
    }
}
