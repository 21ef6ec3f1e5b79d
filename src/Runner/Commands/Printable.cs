using System.Globalization;

namespace GpuCam.Runner.Commands;

/// <summary>Texts with names from outside in them, such as a terminal may be sent.</summary>
internal static class Printable
{
    /// <summary>One line: what breaks lines or steers a terminal becomes a question mark.</summary>
    public static string Line(string text) => string.Concat(text.Select(c => char.IsControl(c) || c is '\u2028' or '\u2029' ? '?' : c));

    /// <summary>
    /// A name in a column: one line of at most <paramref name="most"/> letters, the last of them "…" where there were more.
    /// </summary>
    public static string Name(string text, int most)
    {
        string line = Line(text);
        var letters = new StringInfo(line);
        return letters.LengthInTextElements <= most ? line : letters.SubstringByTextElements(0, Math.Max(0, most - 1)) + "…";
    }
}
