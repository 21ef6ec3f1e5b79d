using System.Globalization;
using System.Net;
using System.Text;

namespace GpuCam.Runner.Reports.Compare;

/// <summary>
/// A comparison as one HTML file: tables and charts drawn as SVG, light and dark by the reader's setting. It has no script, and
/// its Content-Security-Policy forbids every request. Every text of a run is escaped.
/// </summary>
internal static class ComparisonPage
{
    private const string Style = """
        :root{color-scheme:light dark;--bg:#fff;--ink:#1f2328;--soft:#59636e;--line:#d1d9e0;--mark:#dff3e4;--differs:#fff3d6}
        @media(prefers-color-scheme:dark){:root{--bg:#14171c;--ink:#e9edf2;--soft:#a3adb8;--line:#2b3038;--mark:#173a24;--differs:#3b3212}}
        body{margin:0 auto;padding:1.5rem 1rem 4rem;max-width:1200px;background:var(--bg);color:var(--ink);
        font:16px/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif}
        h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2.5rem}
        .scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{padding:.35rem .8rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
        th:first-child,.words td{text-align:left}thead th{border-bottom:2px solid var(--soft)}tbody th{font-weight:400;color:var(--soft)}
        .words th{text-align:left}.best{background:var(--mark);font-weight:600}.differs td{background:var(--differs)}
        .charts{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,520px),1fr))}
        .charts svg{width:100%;height:auto;border:1px solid var(--line);border-radius:8px}
        code{overflow-wrap:anywhere}summary{cursor:pointer}.soft{color:var(--soft)}
        """;

    /// <summary>Writes the page: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, RunComparison comparison) => AtomicFile.WriteAllText(path, Render(comparison));

    /// <summary>The page as text.</summary>
    public static string Render(RunComparison comparison)
    {
        var html = new StringBuilder();
        string title = string.Join(" · ", comparison.Runs.Select(run => run.Name));
        html.Append($"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{Text(title)}</title>
            <style>{Style}</style>
            </head>
            <body>
            <h1>{Text(title)}</h1>

            """);
        Figures(html, comparison);
        html.Append("<h2>Curves</h2>\n<div class=\"charts\">\n");
        foreach (LineChart chart in Charts(comparison.Runs))
        {
            html.Append(chart.ToSvg());
        }

        html.Append("</div>\n");
        Settings(html, comparison);
        html.Append("<h2>Commands</h2>\n<ul>\n");
        foreach (ComparedRun run in comparison.Runs)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<li>{Text(run.Name)}, begun {run.Record.Started:yyyy-MM-dd HH:mm}: <code>{Text(run.Record.Command)}</code></li>\n");
        }

        return html.Append("</ul>\n</body>\n</html>\n").ToString();
    }

    private static void Figures(StringBuilder html, RunComparison comparison)
    {
        Head(html, "", "figure", comparison.Runs);
        foreach (Figure figure in comparison.Figures)
        {
            Row(html, figure.Title, figure.Values.Select((_, i) => (figure.Text(i), figure.IsBest(i) ? " class=\"best\"" : "")));
        }

        html.Append("</tbody></table></div>\n<p class=\"soft\">At the last evaluation; the best of a row is marked.");
        foreach (ComparedRun run in comparison.Runs.Where(run => !run.Complete))
        {
            html.Append(
                CultureInfo.InvariantCulture, $" {Text(run.Name)} is not complete: step {run.Last.Step} of {run.Record.Settings.Steps}.");
        }

        html.Append("</p>\n");
    }

    private static void Settings(StringBuilder html, RunComparison comparison)
    {
        html.Append("<h2>Settings that differ</h2>\n");
        if (comparison.Differing.Count == 0)
        {
            html.Append("<p>None.</p>\n");
        }
        else
        {
            Head(html, " words differs", "setting", comparison.Runs);
            foreach (ComparedSetting setting in comparison.Differing)
            {
                Row(html, setting.Name, setting.Values.Select(value => (value.Length > 0 ? value : "–", "")));
            }

            html.Append("</tbody></table></div>\n");
        }

        html.Append(CultureInfo.InvariantCulture, $"<details><summary>{comparison.Common.Count} settings that all runs share</summary>\n");
        html.Append("<div class=\"scroll\"><table class=\"words\"><tbody>\n");
        foreach ((string name, string value) in comparison.Common)
        {
            Row(html, name, [(value.Length > 0 ? value : "–", "")]);
        }

        html.Append("</tbody></table></div></details>\n");
    }

    private static void Head(StringBuilder html, string classes, string title, IReadOnlyList<ComparedRun> runs)
    {
        html.Append($"<div class=\"scroll\"><table class=\"runs{classes}\"><thead><tr><th scope=\"col\">{title}</th>");
        foreach (ComparedRun run in runs)
        {
            html.Append($"<th scope=\"col\">{Text(run.Name)}</th>");
        }

        html.Append("</tr></thead><tbody>\n");
    }

    private static void Row(StringBuilder html, string title, IEnumerable<(string Value, string Attributes)> cells)
    {
        html.Append($"<tr><th scope=\"row\">{Text(title.TrimStart())}</th>");
        foreach ((string value, string attributes) in cells)
        {
            html.Append($"<td{attributes}>{Text(value)}</td>");
        }

        html.Append("</tr>\n");
    }

    /// <summary>Curves over training images, which mean the same whatever the batch; and the accuracy over time.</summary>
    private static IEnumerable<LineChart> Charts(IReadOnlyList<ComparedRun> runs)
    {
        LineChart accuracy = Chart(runs, "Test accuracy", "thousand training images", run =>
            [.. run.Metrics.Select(entry => (entry.Images / 1000.0, (double?)entry.TestAccuracy))], percent: true);
        LineChart time = Chart(runs, "Test accuracy over time", "seconds of training", OverTime, percent: true);
        LineChart loss = Chart(runs, "Test loss", "thousand training images", run =>
            [.. run.Metrics.Select(entry => (entry.Images / 1000.0, (double?)entry.TestLoss))], percent: false);
        LineChart boxes = Chart(runs, "Boxes (GT-known, IoU 0.5)", "thousand training images", run =>
            [.. run.Metrics.Select(entry => (entry.Images / 1000.0, entry.GtKnown))], percent: true);
        return ((LineChart[])[accuracy, time, loss, boxes]).Where(chart => chart.Series.Count > 0);
    }

    private static LineChart Chart(
        IReadOnlyList<ComparedRun> runs, string title, string x, Func<ComparedRun, (double X, double? Y)[]> points, bool percent) => new()
        {
            Title = title,
            XLabel = x,
            Percent = percent,
            YRange = percent ? (0, 1) : null,
            Series =
        [
            .. runs.Select(run => new ChartSeries(run.Name,
                [.. points(run).Where(point => point.Y is { } y && double.IsFinite(y)).Select(point => (point.X, point.Y!.Value))]))
                .Where(series => series.Points.Count > 0),
        ],
        };

    private static (double X, double? Y)[] OverTime(ComparedRun run)
    {
        var seconds = run.Timing.GroupBy(entry => entry.Step).ToDictionary(group => group.Key, group => group.Last().Seconds);
        return [.. run.Metrics.Where(entry => seconds.ContainsKey(entry.Step))
            .Select(entry => (seconds[entry.Step], (double?)entry.TestAccuracy))];
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
