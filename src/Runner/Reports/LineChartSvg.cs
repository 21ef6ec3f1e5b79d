using System.Globalization;
using System.Text;

namespace GpuCam.Runner.Reports;

/// <summary>Lays a <see cref="LineChart"/> out and writes it as SVG, 820 x 460 units.</summary>
internal sealed class LineChartSvg
{
    private const double Width = 820, Height = 460, Left = 72, Bottom = 60, LabelSize = 14;
    private const int MaxPoints = 800, MaxHover = 300, MaxDots = 40, Crowded = 400, Colours = 6;

    // Colours after Okabe and Ito, darker ones on white and lighter ones on black.
    private const string Style = """
        .gc-chart{--bg:#fff;--ink:#1f2328;--soft:#59636e;--grid:#e4e7eb;--axis:#8c959f;
        --c0:#0067a3;--c1:#c85400;--c2:#00805d;--c3:#a8518a;--c4:#8a6d00;--c5:#4b5563;
        font-family:system-ui,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif;
        font-size:14px}
        @media(prefers-color-scheme:dark){.gc-chart{--bg:#14171c;--ink:#e9edf2;--soft:#a3adb8;--grid:#2b3038;--axis:#6b7480;
        --c0:#56b4e9;--c1:#f0883e;--c2:#2fc79a;--c3:#e39bc6;--c4:#e3c13c;--c5:#b6bec9}}
        .gc-bg{fill:var(--bg)}.gc-title{fill:var(--ink);font-size:20px;font-weight:600}.gc-soft{fill:var(--soft)}
        .gc-grid{stroke:var(--grid)}.gc-axis{stroke:var(--axis)}
        .gc-line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
        .gc-thin{stroke-width:1;opacity:.75}
        .gc-name{font-weight:600;stroke:none}
        .gc-best{fill:var(--ink);font-weight:600;paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
        .gc-hit{fill:transparent;stroke:none}.gc-hit:hover{fill:currentColor}
        """;

    private readonly LineChart _chart;
    private readonly StringBuilder _svg = new();
    private readonly List<(double X, double Y)[]> _curves;
    private readonly bool _isEmpty;
    private readonly Ticks _xTicks;
    private readonly Ticks _yTicks;
    private readonly double _top;
    private readonly double _right;

    public LineChartSvg(LineChart chart)
    {
        _chart = chart;
        _curves = chart.Series.Select(series => series.Points.Where(p => double.IsFinite(p.X)).ToArray()).ToList();
        (double X, double Y)[] shown = _curves.SelectMany(curve => curve).Where(p => double.IsFinite(p.Y)).ToArray();
        _isEmpty = shown.Length == 0;
        (double low, double high) = chart.YRange ?? (_isEmpty ? (0, 1) : (shown[0].Y, shown[0].Y));
        foreach ((double _, double y) in shown)
        {
            (low, high) = (Math.Min(low, y), Math.Max(high, y));
        }

        bool wholeSteps = shown.All(p => p.X == Math.Floor(p.X));
        (double first, double end) = _isEmpty ? (0, 1) : (shown.Min(p => Place(p.X)), shown.Max(p => Place(p.X)));
        _xTicks = Ticks.Around(first, end, chart.PowersOfTwo ? 10 : 7, wholeSteps);
        _yTicks = Ticks.Around(low, high, 6);
        _top = chart.Subtitle.Length > 0 ? 84 : 62;
        // Half an em a letter, and a little: fonts differ.
        int longest = chart.Series.Count < 2 ? 0 : chart.Series.Max(series => series.Name.Length);
        _right = Width - Math.Clamp(28 + (longest * LabelSize * 0.58), 36, 240);
    }

    public string Render()
    {
        Line($"""<svg class="gc-chart" xmlns="http://www.w3.org/2000/svg" role="img" """);
        Line($"""viewBox="0 0 {Width} {Height}" width="{Width}" height="{Height}">""");
        Line($"<title>{SvgText.Escape(_chart.Title)}</title>");
        Line($"<desc>{SvgText.Escape(Description())}</desc>");
        Line($"<style>{Style}</style>");
        Line($"""<rect class="gc-bg" width="{Width}" height="{Height}" rx="8"/>""");
        Text("gc-title", 24, 36, _chart.Title);
        if (_chart.Subtitle.Length > 0)
        {
            Text("gc-soft", 24, 58, _chart.Subtitle);
        }

        Axes();
        if (_isEmpty)
        {
            Text("gc-soft", (Left + _right) / 2, (_top + Height - Bottom) / 2, "no values yet", "middle");
        }

        for (int i = 0; i < _curves.Count; i++)
        {
            Curve(i);
        }

        if (_curves.Count > 1)
        {
            Names();
        }

        for (int i = 0; i < _curves.Count; i++)
        {
            Best(i);
        }

        Line($"</svg>");
        return _svg.ToString();
    }

    private void Axes()
    {
        for (int i = 0; i < _yTicks.Count; i++)
        {
            double y = Y(_yTicks.At(i));
            Line($"""<line class="{(i == 0 ? "gc-axis" : "gc-grid")}" x1="{Left}" x2="{N(_right)}" y1="{N(y)}" y2="{N(y)}"/>""");
            double value = _chart.Percent ? 100 * _yTicks.At(i) : _yTicks.At(i);
            int decimals = _chart.Percent ? Math.Max(0, _yTicks.Decimals - 2) : _yTicks.Decimals;
            string unit = _chart.Percent ? " %" : "";
            Text("gc-soft", Left - 10, y + 5, value.ToString("N" + decimals, CultureInfo.InvariantCulture) + unit, "end");
        }

        for (int i = 0; i < _xTicks.Count; i++)
        {
            double at = _chart.PowersOfTwo ? Math.Pow(2, _xTicks.At(i)) : _xTicks.At(i), x = X(at);
            Line($"""<line class="gc-axis" x1="{N(x)}" x2="{N(x)}" y1="{Height - Bottom}" y2="{Height - Bottom + 5}"/>""");
            Text("gc-soft", x, Height - Bottom + 22, at.ToString("N" + _xTicks.Decimals, CultureInfo.InvariantCulture), "middle");
        }

        Text("gc-soft", (Left + _right) / 2, Height - 14, _chart.XLabel, "middle");
        if (_chart.YLabel.Length > 0)
        {
            Text("gc-soft", Left - 48, _top - 16, _chart.YLabel);
        }
    }

    private void Curve(int index)
    {
        (double X, double Y)[] points = ThinCurve.Of(_curves[index], MaxPoints);
        var path = new StringBuilder();
        bool pen = false;
        foreach ((double x, double y) in points)
        {
            if (double.IsFinite(y))
            {
                path.Append(pen ? 'L' : 'M').Append(N(X(x))).Append(' ').Append(N(Y(y)));
            }

            pen = double.IsFinite(y);
        }

        string width = points.Length > Crowded ? " gc-thin" : "";
        int? measuredOf = _chart.Series[index].MeasuredOf;
        string line = measuredOf is null ? $"""<path class="gc-line{width}" stroke="currentColor" d="{path}"/>""" : "";
        Line($"""<g style="color:var(--c{(measuredOf ?? index) % Colours})">{line}""");
        foreach ((double x, double y) in points.Length <= MaxHover ? points.Where(p => double.IsFinite(p.Y)) : [])
        {
            if (points.Length <= MaxDots)
            {
                string dot = measuredOf is null ? "r=\"2.5\" fill=\"currentColor\"" : "r=\"6\" fill=\"none\" stroke=\"currentColor\"";
                Line($"""<circle cx="{N(X(x))}" cy="{N(Y(y))}" {dot}/>""");
            }

            string hint = $"{_chart.Series[index].Name}: {ValueAt(x, y)}";
            Line($"""<circle class="gc-hit" cx="{N(X(x))}" cy="{N(Y(y))}" r="5"><title>{SvgText.Escape(hint)}</title></circle>""");
        }

        Line($"</g>");
    }

    /// <summary>The curves' names at their right ends, moved apart where they would overlap.</summary>
    private void Names()
    {
        (int Index, (double X, double Y) At)[] labels = _curves.Select(
            (curve, i) => (Index: i, At: curve.LastOrDefault(p => double.IsFinite(p.Y), (X: 0, Y: double.NaN))))
            .Where(label => double.IsFinite(label.At.Y) && _chart.Series[label.Index].MeasuredOf is null)
            .OrderBy(label => Y(label.At.Y)).ToArray();
        double next = _top;
        for (int i = 0; i < labels.Length; i++)
        {
            // Leave room below for those still to come.
            double limit = Height - Bottom - ((labels.Length - 1 - i) * (LabelSize + 4));
            double y = Math.Max(next, Math.Min(Y(labels[i].At.Y), limit));
            next = y + LabelSize + 4;
            string fill = $" fill=\"var(--c{labels[i].Index % Colours})\"";
            Text("gc-name", X(labels[i].At.X) + 10, y + 5, _chart.Series[labels[i].Index].Name, attributes: fill);
        }
    }

    private void Best(int index)
    {
        if (BestOf(index) is not (double x, double y))
        {
            return;
        }

        double px = X(x), py = Y(y);
        double share = (px - Left) / (_right - Left);
        string anchor = share < 0.25 ? "start" : share > 0.75 ? "end" : "middle";
        // Above a maximum and below a minimum there is no curve.
        bool below = _chart.Series[index].Best == ChartBest.Lowest && py < Height - Bottom - 34;
        double ty = below ? py + 25 : Math.Max(_top - 4, py - 13);
        Line($"""<circle cx="{N(px)}" cy="{N(py)}" r="5.5" style="fill:var(--bg);stroke:var(--c{index % Colours});stroke-width:2.5"/>""");
        Text("gc-best", px, ty, BestText(x, y), anchor);
    }

    private string BestText(double x, double y) => "best " + ValueAt(x, y);

    private string ValueAt(double x, double y) =>
        $"{_chart.FormatValue(y)} at {_chart.XLabel} {x.ToString("#,##0.##", CultureInfo.InvariantCulture)}";

    private (double X, double Y)? BestOf(int index)
    {
        (double X, double Y)[] points = _curves[index].Where(p => double.IsFinite(p.Y)).ToArray();
        if (points.Length == 0 || _chart.Series[index].Best == ChartBest.None)
        {
            return null;
        }

        return _chart.Series[index].Best == ChartBest.Highest ? points.MaxBy(p => p.Y) : points.MinBy(p => p.Y);
    }

    /// <summary>What a reader without eyes for it needs: every curve's first, last and best value.</summary>
    private string Description()
    {
        var text = new StringBuilder($"Line chart over {_chart.XLabel}.");
        for (int i = 0; i < _curves.Count; i++)
        {
            (double X, double Y)[] points = _curves[i].Where(p => double.IsFinite(p.Y)).ToArray();
            if (points.Length == 0)
            {
                continue;
            }

            string first = _chart.FormatValue(points[0].Y), last = _chart.FormatValue(points[^1].Y);
            text.Append(CultureInfo.InvariantCulture, $" {_chart.Series[i].Name}: {points.Length} values, from {first} to {last}");
            text.Append(BestOf(i) is (double x, double y) ? $", {BestText(x, y)}." : ".");
        }

        return text.ToString();
    }

    /// <summary>Where a value lies on the horizontal axis, in the units of its marks.</summary>
    private double Place(double x) => _chart.PowersOfTwo ? Math.Log2(x) : x;

    private double X(double value) => Left + ((Place(value) - _xTicks.Start) / (_xTicks.End - _xTicks.Start) * (_right - Left));

    private double Y(double value) =>
        Height - Bottom - ((value - _yTicks.Start) / (_yTicks.End - _yTicks.Start) * (Height - Bottom - _top));

    private static string N(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private void Text(string style, double x, double y, string text, string anchor = "start", string attributes = "") =>
        Line($"""<text class="{style}"{attributes} x="{N(x)}" y="{N(y)}" text-anchor="{anchor}">{SvgText.Escape(text)}</text>""");

    private void Line(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
