using System.Text;
using System.Text.RegularExpressions;
using GpuCam.Model;

namespace GpuCam.Runner.Reports;

/// <summary>
/// One HTML file that needs nothing else: style, script and data are inside, and its Content-Security-Policy forbids every
/// request and every script but its own. The data are JSON in a script element that is not executed.
/// </summary>
internal static partial class ReportPage
{
    // Later files use what earlier ones declare.
    private static readonly string[] s_scripts =
        [
            "page.js", "data.js", "maps.js", "places.js", "pictures.js", "state.js", "choices.js", "controls.js", "drawing.js", "player.js",
            "reading.js", "viewer.js", "filters.js", "sheet.js", "gallery.js", "worst.js", "chart.js", "curves.js", "tables.js",
            "confusion.js", "comparison.js", "facts.js", "theme.js", "main.js",
        ];

    /// <summary>Writes the page: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, ReportData data) =>
        AtomicFile.Write(path, stream => Write(stream, data), flushed: false);

    private static void Write(Stream stream, ReportData data)
    {
        string script = "\"use strict\";\n" + PageParts.Read(s_scripts);
        string hash = Convert.ToBase64String(Sha256.Of(Encoding.UTF8.GetBytes(script)));
        string[] around = PageParts.Read("page.html").Split("{{data}}");
        stream.Write(Encoding.UTF8.GetBytes(Filled(around[0])));
        WriteInert(stream, RunnerJson.Bytes(data));
        stream.Write(Encoding.UTF8.GetBytes(Filled(around[1])));

        string Filled(string part) => Placeholder().Replace(part, match => match.Groups[1].Value switch
        {
            "title" => SvgText.Escape(data.Title),
            "hash" => hash,
            "style" => PageParts.Read("base.css", "gallery.css", "charts.css"),
            "script" => script,
            var name => throw new InvalidOperationException($"page.html has no part {name}"),
        });
    }

    /// <summary>
    /// JSON that no HTML parser sees markup in: a "&lt;" can only stand inside a string, and there it may be written as an escape. A
    /// thousand pictures are tens of megabytes, which are not copied.
    /// </summary>
    private static void WriteInert(Stream stream, ReadOnlySpan<byte> json)
    {
        for (int at; (at = json.IndexOf((byte)'<')) >= 0; json = json[(at + 1)..])
        {
            stream.Write(json[..at]);
            stream.Write("\\u003c"u8);
        }

        stream.Write(json);
    }

    [GeneratedRegex("{{([a-z]+)}}")]
    private static partial Regex Placeholder();
}
