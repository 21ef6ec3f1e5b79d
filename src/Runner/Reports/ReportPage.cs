using System.Reflection;
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
    private const string Folder = "Page/";

    // Later files use what earlier ones declare.
    private static readonly string[] s_styles = ["base.css", "gallery.css", "charts.css"];
    private static readonly string[] s_scripts =
        ["page.js", "maps.js", "state.js", "drawing.js", "player.js", "viewer.js", "gallery.js", "chart.js", "curves.js", "confusion.js",
            "comparison.js", "facts.js", "main.js"];

    /// <summary>Writes the page: whole or not at all.</summary>
    /// <exception cref="GpuCamException">The file cannot be written.</exception>
    public static void WriteFile(string path, ReportData data) => AtomicFile.WriteAllText(path, Render(data));

    /// <summary>The page as text.</summary>
    public static string Render(ReportData data)
    {
        string script = "\"use strict\";\n" + string.Concat(s_scripts.Select(Resource));
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        return Placeholder().Replace(Resource("page.html"), match => match.Groups[1].Value switch
        {
            "title" => SvgText.Escape(data.Title),
            "hash" => hash,
            "style" => string.Concat(s_styles.Select(Resource)),
            "script" => script,
            "data" => Inert(RunnerJson.Line(data)),
            var name => throw new InvalidOperationException($"page.html has no part {name}"),
        });
    }

    /// <summary>
    /// JSON that no HTML parser sees markup in: a "&lt;" can only stand inside a string, and there it may be written as an escape.
    /// </summary>
    private static string Inert(string json) => json.Replace("<", "\\u003c", StringComparison.Ordinal);

    private static string Resource(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name)
            ?? throw new InvalidOperationException($"the program lacks its resource {Folder}{name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // A checkout may have changed line ends; the hash is of what a parser makes of them.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    [GeneratedRegex("{{([a-z]+)}}")]
    private static partial Regex Placeholder();
}
