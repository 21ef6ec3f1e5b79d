using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace GpuCam.Runner.Cams;

/// <summary>
/// What files and folders are called that stand for something named elsewhere: never a path, never a name that some system keeps for
/// itself, and short enough for a temporary file beside it.
/// </summary>
internal static partial class OutsideNames
{
    private const int MostOfClass = 40;
    private const int MostOfLayer = 60;
    private const int MostOfPicture = 100;

    /// <summary>
    /// The part for a class: its number, which tells it from all others, and what can be read of its name, <c>517_crane</c>; the number
    /// alone where the name is that number, or nothing of it is left.
    /// </summary>
    public static string Class(int index, string name)
    {
        string number = index.ToString(CultureInfo.InvariantCulture);
        string slug = Slug(name);
        return slug.Length == 0 || slug == number ? number : $"{number}_{slug}";
    }

    /// <summary>The part for a layer, or for several joined by +; not unique where layers differ in what is replaced.</summary>
    public static string Layer(string name)
    {
        string safe = string.Concat(name.Take(MostOfLayer).Select(c => char.IsAsciiLetterOrDigit(c) || c is '+' or '-' or '_' ? c : '-'));
        return safe.Length == 0 ? "-" : safe;
    }

    /// <summary>The folder for a picture file: its name without the extension, as far as every system can have it.</summary>
    public static string Picture(string file)
    {
        var text = new StringBuilder();
        int bytes = 0;
        foreach (Rune rune in Path.GetFileNameWithoutExtension(file).EnumerateRunes())
        {
            Rune safe = IsSafe(rune) ? rune : new Rune('_');
            bytes += safe.Utf8SequenceLength;
            if (bytes > MostOfPicture)
            {
                break;
            }

            text.Append(safe.ToString());
        }

        // Windows drops dots and blanks at the end; a dot at the beginning hides the folder, and two of them leave it.
        string name = text.ToString();
        int begin = 0, end = name.Length;
        while (begin < end && IsEdge(name[begin]))
        {
            begin++;
        }

        while (end > begin && IsEdge(name[end - 1]))
        {
            end--;
        }

        name = name[begin..end];
        return name.Length == 0 ? "image" : WindowsDevice().IsMatch(name) ? $"_{name}" : name;
    }

    private static string Slug(string name)
    {
        var slug = new StringBuilder();
        foreach (char c in name)
        {
            if (slug.Length >= MostOfClass)
            {
                break;
            }

            if (char.IsAsciiLetterOrDigit(c))
            {
                slug.Append(char.ToLowerInvariant(c));
            }
            else if (slug.Length > 0 && slug[^1] != '-')
            {
                slug.Append('-');
            }
        }

        return slug.ToString().TrimEnd('-');
    }

    private static bool IsEdge(char c) => c == '.' || char.IsWhiteSpace(c);

    private static bool IsSafe(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
        && rune != Rune.ReplacementChar
        && !(rune.IsAscii && """<>:"/\|?*""".Contains((char)rune.Value, StringComparison.Ordinal))
        && !IsHalfOfALetter(rune.Value);

    /// <summary>
    /// Accents and parts of syllables that stand alone. Some disks take them and the letter in one piece for the same name, so only one
    /// of the two forms may be used.
    /// </summary>
    private static bool IsHalfOfALetter(int value) =>
        value is (>= 0x0300 and <= 0x036F) or (>= 0x1100 and <= 0x11FF) or 0x3099 or 0x309A;

    [GeneratedRegex(@"(?i)^(CON|PRN|AUX|NUL|CONIN\$|CONOUT\$|(COM|LPT)[0-9¹²³])\s*(\.|$)")]
    private static partial Regex WindowsDevice();
}

/// <summary>Hands out names that no disk takes for one another, whether it heeds case or not.</summary>
/// <param name="taken">Names that are not to be had.</param>
internal sealed class UniqueNames(params string[] taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.OrdinalIgnoreCase);

    /// <summary>The name, or the first of NAME-2, NAME-3, … that is free.</summary>
    /// <param name="wanted">The name.</param>
    /// <param name="isFree">Says no to names that are taken for another reason.</param>
    public string Take(string wanted, Func<string, bool>? isFree = null)
    {
        string name = wanted;
        for (int i = 2; _taken.Contains(name) || isFree?.Invoke(name) == false; i++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{wanted}-{i}");
        }

        _taken.Add(name);
        return name;
    }
}
