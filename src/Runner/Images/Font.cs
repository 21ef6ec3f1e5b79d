using GpuCam.Model;

namespace GpuCam.Runner.Images;

/// <summary>
/// The small bitmap font of captions: 5 x 9 pixels in a cell of 6 x 11, ASCII 32 to 126 and the middle dot. Anything else is
/// shown as an empty box. No font file, so a picture has the same bytes on every machine.
/// </summary>
internal static partial class Font
{
    /// <summary>Columns from one character to the next.</summary>
    public const int Advance = 6;

    /// <summary>s_rows from one line to the next.</summary>
    public const int LineHeight = 11;

    private const int GlyphWidth = 5;
    private const int GlyphHeight = 9;
    private const int GlyphsPerBlock = 8;
    private const int MiddleDot = 127 - 32;
    private const int Box = MiddleDot + 1;

    private static readonly string[] s_rows = Glyphs.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Columns that the text takes at a scale, without the gap after the last character.</summary>
    public static int Width(string text, int scale) => Math.Max(0, (text.Length * Advance) - 1) * scale;

    /// <summary>
    /// Draws one line with its top left corner at (x, y), each font pixel a square of <paramref name="scale"/> pixels; cut at the edges.
    /// </summary>
    public static void Draw(Image8 image, string text, int x, int y, Rgb colour, int scale = 1)
    {
        foreach (char c in text)
        {
            for (int row = 0; row < GlyphHeight; row++)
            {
                for (int column = 0; column < GlyphWidth; column++)
                {
                    if (IsSet(c, column, row))
                    {
                        image.FillRectangle(x + (column * scale), y + (row * scale), scale, scale, colour);
                    }
                }
            }

            x += Advance * scale;
        }
    }

    /// <summary>Breaks a text at blanks (a longer word anywhere) so that no line has more characters than given.</summary>
    public static IReadOnlyList<string> Wrap(string text, int characters)
    {
        var lines = new List<string>();
        characters = Math.Max(1, characters);
        foreach (string paragraph in text.Split('\n'))
        {
            string rest = paragraph.Trim();
            while (rest.Length > characters)
            {
                int cut = rest.LastIndexOf(' ', characters);
                int length = cut > 0 ? cut : characters;
                lines.Add(rest[..length].TrimEnd());
                rest = rest[length..].TrimStart();
            }

            lines.Add(rest);
        }

        return lines;
    }

    private static bool IsSet(char c, int column, int row)
    {
        int glyph = c switch { >= ' ' and <= '~' => c - ' ', '\u00B7' => MiddleDot, _ => Box };
        string line = s_rows[(glyph / GlyphsPerBlock * GlyphHeight) + row];
        return line[(glyph % GlyphsPerBlock * (GlyphWidth + 1)) + column] == '#';
    }
}
