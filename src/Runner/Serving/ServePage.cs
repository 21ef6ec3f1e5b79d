using System.Text;
using GpuCam.Runner.Reports;

namespace GpuCam.Runner.Serving;

/// <summary>
/// The page of <c>gpucam serve</c>: a frame that asks for one style and one script beside it, <c>assets/page.css</c> and
/// <c>assets/page.js</c>. They are put together from the parts of the report and from those in <c>Page/</c>.
/// </summary>
internal static class ServePage
{
    // Later files use what earlier ones declare.
    private static readonly string[] s_scripts =
        [
            "page.js", "maps.js", "places.js", "state.js", "serve/choices.js", "controls.js", "drawing.js", "reading.js", "theme.js",
            "serve/api.js", "serve/answer.js", "serve/components.js", "serve/source.js", "serve/classes.js", "serve/crop.js",
            "serve/downloads.js", "serve/pane.js", "serve/keys.js", "serve/main.js",
        ];

    /// <summary>The frame: UTF-8.</summary>
    public static byte[] Html { get; } = Encoding.UTF8.GetBytes(PageParts.Read("serve/page.html"));

    /// <summary>The style: UTF-8.</summary>
    public static byte[] Style { get; } = Encoding.UTF8.GetBytes(PageParts.Read("base.css", "gallery.css", "serve/page.css"));

    /// <summary>The script: UTF-8.</summary>
    public static byte[] Script { get; } = Encoding.UTF8.GetBytes(
        $"\"use strict\";\nconst data = {{ color_maps: {{ {ColorTables} }} }};\n" + PageParts.Read(s_scripts));

    private static string ColorTables => string.Join(", ", PageParts.ColorTables.Select(table => $"{table.Key}: \"{table.Value}\""));
}
