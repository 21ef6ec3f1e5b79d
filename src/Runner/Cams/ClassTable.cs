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

    /// <summary>Whether several classes have that name.</summary>
    public bool IsShared(string name) => _shared.Contains(name);

    /// <summary>What a class is called where it must be told from all others: its name, with its number where that is not enough.</summary>
    public string Label(int index) => IsShared(names[index]) || string.IsNullOrWhiteSpace(names[index])
        ? string.Create(CultureInfo.InvariantCulture, $"{names[index]} #{index}").TrimStart()
        : names[index];

    /// <summary>The class that <c>--class</c> names: by its name, else by its number.</summary>
    /// <exception cref="GpuCamException">There is none, or several have that name.</exception>
    public int IndexOf(string text)
    {
        int[] named = [.. Enumerable.Range(0, names.Count).Where(i => names[i] == text)];
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
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < names.Count
            ? index
            : throw new GpuCamException($"--class {text} is not known; this network has {Listed()}");
    }

    private string Listed() => names.Count <= MostListed
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostListed))} and {names.Count - MostListed} more, "
            + $"{IndexPrefix}0 to {IndexPrefix}{names.Count - 1}";
}
