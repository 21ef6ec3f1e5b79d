using System.Globalization;
using System.Text;

namespace GpuCam.Runner.Serving;

/// <summary>Text that a client sent, as it may stand in an answer.</summary>
internal static class ClientText
{
    private const int MostOfName = 80;
    private const string NoName = "the picture";

    /// <summary>A word or name: a line of at most 80 letters.</summary>
    public static string Shown(string text) => Line(text, MostOfName);

    /// <summary>One line: what breaks lines, steers a terminal or turns text around becomes a question mark.</summary>
    public static string Line(string text, int most = int.MaxValue)
    {
        var shown = new StringBuilder();
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (shown.Length >= most)
            {
                return $"{shown}…";
            }

            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            bool plain = category is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
                or UnicodeCategory.OtherNotAssigned);
            shown.Append(plain ? rune.ToString() : "?");
        }

        return shown.ToString();
    }

    /// <summary>The name of a file without folders, which some browsers of old sent.</summary>
    public static string FileName(string? name) =>
        name?[(name.LastIndexOfAny(['/', '\\']) + 1)..].Trim() is { Length: > 0 } plain ? Shown(plain) : NoName;
}
