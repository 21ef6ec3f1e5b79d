using System.Globalization;
using System.Text;

namespace GpuCam.Runner.Reports.Compare;

/// <summary>
/// A comparison as one HTML file: tables and charts drawn as SVG, light and dark by the reader's setting. It has no script, and
/// its Content-Security-Policy forbids every request. Every text of a run is escaped.
/// </summary>
internal static class ComparisonPage
{
    /// <summary>Writes the page: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, RunComparison comparison) => AtomicFile.WriteAllText(path, Render(comparison));

    /// <summary>The page as text.</summary>
    public static string Render(RunComparison comparison)
    {
        var html = new StringBuilder();
        string title = string.Join(" · ", comparison.Runs.Select(run => run.Name));
        html.Append($"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
            <title>{Text(title)} · GpuCam</title>
            <style>
            {PageParts.Read("base.css", "charts.css", "compare.css")}</style>
            </head>
            <body>
            <header class="top"><div><p class="overline">GpuCam training runs side by side</p>
            <h1>{Text(title)}</h1></div></header>
            <main>

            """);
        Figures(html, comparison);
        Section(html, "Curves", "Over training images, which mean the same whatever the batch.");
        html.Append("<div class=\"charts\">\n");
        foreach (LineChart chart in Charts(comparison.Runs))
        {
            html.Append(chart.ToSvg());
        }

        html.Append("</div>\n</section>\n");
        Settings(html, comparison);
        Section(html, "Commands", "Each reproduces its run.");
        foreach (ComparedRun run in comparison.Runs)
        {
            html.Append(CultureInfo.InvariantCulture,
                $"<h3>{Text(run.Name)}, begun {run.Record.Started:yyyy-MM-dd HH:mm}</h3>\n");
            html.Append($"<div class=\"command\"><code>{Text(run.Record.Command)}</code></div>\n");
        }

        return html.Append("</section>\n</main>\n<footer class=\"soft\"><p>Written by gpucam. ")
            .Append("This file holds everything it shows and asks no network for anything.</p></footer>\n</body>\n</html>\n").ToString();
    }

    private static void Figures(StringBuilder html, RunComparison comparison)
    {
        html.Append("<section id=\"figures\" aria-label=\"Figures\">\n");
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

        html.Append("</p>\n</section>\n");
    }

    private static void Settings(StringBuilder html, RunComparison comparison)
    {
        bool differ = comparison.Differing.Count > 0;
        Section(html, "Settings that differ", differ ? "All else is the same." : "None: all that can be set is the same.");
        if (differ)
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

        html.Append("</tbody></table></div></details>\n</section>\n");
    }

    private static void Section(StringBuilder html, string title, string lead) =>
        html.Append($"<section>\n<h2>{title}</h2>\n<p class=\"lead\">{lead}</p>\n");

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

    private static string Text(string text) => SvgText.Escape(text);
}
