using System.Globalization;

namespace GpuCam.Runner.Cams;

/// <summary>The classes of a network as people name and read them; two may have one name.</summary>
internal sealed class ClassTable(IReadOnlyList<string> names)
{
    /// <summary>What says that a number is meant, also where a class has a number for its name.</summary>
    public const string IndexPrefix = "index:";

    private const int MostListed = 20;
    private readonly HashSet<string> _shared =
        names.GroupBy(name => name, StringComparer.Ordinal).Where(group => group.Count() > 1).Select(group => group.Key)
            .ToHashSet(StringComparer.Ordinal);

    /// <summary>
    /// The names of folders as people read them, with blanks for underscores; as they are where two would then be the same.
    /// </summary>
    public static IReadOnlyList<string> Readable(IReadOnlyList<string> folders)
    {
        string[] names = [.. folders.Select(folder => folder.Replace('_', ' '))];
        return names.Distinct().Count() == names.Length ? names : folders;
    }

    /// <summary>Whether several classes have that name.</summary>
    public bool IsShared(string name) => _shared.Contains(name);

    /// <summary>What a class is called where it must be told from all others: its name, with its number where that is not enough.</summary>
    public string Label(int index) => IsShared(names[index]) || string.IsNullOrWhiteSpace(names[index])
        ? string.Create(CultureInfo.InvariantCulture, $"{names[index]} #{index}").TrimStart()
        : names[index];

    /// <summary>
    /// The class that <c>--class</c> names: by its name, else by its number, else by one of the names that it has between commas
    /// whatever their case, else by words that only its name has.
    /// </summary>
    /// <exception cref="GpuCamException">There is none, or several have that name.</exception>
    public int IndexOf(string text)
    {
        int[] named = [.. Enumerable.Range(0, names.Count).Where(i => names[i] == text)];
        if (named.Length == 0)
        {
            // Folders have underscores for blanks.
            named = [.. Enumerable.Range(0, names.Count).Where(i => names[i].Replace('_', ' ') == text.Replace('_', ' '))];
        }

        if (named.Length == 1)
        {
            return named[0];
        }

        if (named.Length > 1)
        {
            throw new GpuCamException($"--class {text} is the name of {named.Length} classes; give the number of one: "
                + string.Join(" or ", named.Select(i => string.Create(CultureInfo.InvariantCulture, $"{IndexPrefix}{i}"))));
        }

        string number = text.StartsWith(IndexPrefix, StringComparison.Ordinal) ? text[IndexPrefix.Length..] : text;
        if (int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index))
        {
            return index < names.Count ? index : throw Unknown(text);
        }

        if (string.IsNullOrWhiteSpace(text))
        {
            throw Unknown(text);
        }

        foreach (Func<string, string, bool> fits in (Func<string, string, bool>[])[IsOneName, HasWords])
        {
            int[] found = [.. Enumerable.Range(0, names.Count).Where(i => fits(names[i], text))];
            if (found.Length > 0)
            {
                return found.Length == 1 ? found[0] : throw new GpuCamException(
                    $"--class {text} fits {found.Length} classes; give more of the name, or the number of one: "
                    + string.Join(", ", found.Take(MostListed).Select(i => $"{names[i]} ({IndexPrefix}{i})"))
                    + (found.Length > MostListed ? ", …" : ""));
            }
        }

        throw Unknown(text);
    }

    /// <summary>Many lists of ImageNet's classes have several names in one: <c>tench, Tinca tinca</c>.</summary>
    private static bool IsOneName(string name, string text) =>
        name.Split(',', StringSplitOptions.TrimEntries).Contains(text, StringComparer.OrdinalIgnoreCase);

    /// <summary>Whether the text stands in the name and neither begins nor ends within a word.</summary>
    private static bool HasWords(string name, string text)
    {
        for (int at = 0; (at = name.IndexOf(text, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
        {
            int end = at + text.Length;
            if ((at == 0 || !char.IsLetterOrDigit(name[at - 1])) && (end == name.Length || !char.IsLetterOrDigit(name[end])))
            {
                return true;
            }
        }

        return false;
    }

    private GpuCamException Unknown(string text)
    {
        (string Name, int Distance) nearest = names.SelectMany(name => name.Split(',', StringSplitOptions.TrimEntries))
            .Where(name => name.Length > 2 && name.Length < 2 * (text.Length + 2))
            .Select(name => (name, NearestWords.Distance(name.ToLowerInvariant(), text.ToLowerInvariant())))
            .DefaultIfEmpty(("", int.MaxValue)).MinBy(candidate => candidate.Item2);
        string meant = nearest.Distance <= Math.Max(1, text.Length / 3) ? $"; did you mean {nearest.Name}?" : "";
        return new GpuCamException($"--class {text} is not known; this network has {Listed()}{meant}");
    }

    private string Listed() => names.Count <= MostListed
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostListed))} and {names.Count - MostListed} more, "
            + $"{IndexPrefix}0 to {IndexPrefix}{names.Count - 1}";
}
