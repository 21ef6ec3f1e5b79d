using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuCam.Runner.Reports;

/// <summary>
/// One HTML file that needs nothing else: style, script and data are inside, and its Content-Security-Policy forbids every
/// request and every script but its own. The data are JSON in a script element that is not executed.
/// </summary>
internal static partial class ReportPage
{
    // Later files use what earlier ones declare.
    private static readonly string[] s_scripts =
        ["page.js", "maps.js", "state.js", "drawing.js", "player.js", "viewer.js", "gallery.js", "chart.js", "curves.js", "confusion.js",
            "comparison.js", "facts.js", "main.js"];

    /// <summary>Writes the page: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, ReportData data) => AtomicFile.WriteAllText(path, Render(data));

    /// <summary>The page as text.</summary>
    public static string Render(ReportData data)
    {
        string script = "\"use strict\";\n" + PageParts.Read(s_scripts);
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        return Placeholder().Replace(PageParts.Read("page.html"), match => match.Groups[1].Value switch
        {
            "title" => SvgText.Escape(data.Title),
            "hash" => hash,
            "style" => PageParts.Read("base.css", "gallery.css", "charts.css"),
            "script" => script,
            "data" => Inert(RunnerJson.Line(data)),
            var name => throw new InvalidOperationException($"page.html has no part {name}"),
        });
    }

    /// <summary>
    /// JSON that no HTML parser sees markup in: a "&lt;" can only stand inside a string, and there it may be written as an escape.
    /// </summary>
    private static string Inert(string json) => json.Replace("<", "\\u003c", StringComparison.Ordinal);

    [GeneratedRegex("{{([a-z]+)}}")]
    private static partial Regex Placeholder();
}
