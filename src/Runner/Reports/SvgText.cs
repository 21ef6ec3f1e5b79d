using System.Text;

namespace GpuCam.Runner.Reports;

/// <summary>Text inside SVG and HTML.</summary>
internal static class SvgText
{
    /// <summary>Markup escaped, and characters that XML 1.0 forbids replaced.</summary>
    public static string Escape(string text)
    {
        var result = new StringBuilder(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '&' => result.Append("&amp;"),
                '<' => result.Append("&lt;"),
                '>' => result.Append("&gt;"),
                '"' => result.Append("&quot;"),
                '\'' => result.Append("&#39;"),
                (< ' ' and not '\t' and not '\n') or 0x7F or 0xFFFE or 0xFFFF => result.Append('\uFFFD'),
                _ => result.Append(rune.ToString()),
            };
        }

        return result.ToString();
    }
}
