using System.Globalization;

namespace GpuCam.Runner.Data;

/// <summary>Names of classes: their order, those that are left out, and a number of each that no machine changes.</summary>
internal static class PictureClasses
{
    /// <summary>Labels as classes: whole numbers in their order, anything else by the codes of its letters.</summary>
    public static string[] InOrder(IEnumerable<string> labels)
    {
        string[] names = [.. labels.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return Array.TrueForAll(names, name => NumberOf(name) is not null) ? [.. names.OrderBy(NumberOf)] : names;
    }

    /// <summary>The names of the classes 0 to <paramref name="count"/> - 1 that have none.</summary>
    public static string[] Numbered(int count) => [.. Enumerable.Range(0, count).Select(i => i.ToString(CultureInfo.InvariantCulture))];

    /// <summary>A whole number as it is usually written; null for anything else, such as 007.</summary>
    public static int? NumberOf(string label) =>
        int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && number.ToString(CultureInfo.InvariantCulture) == label ? number : null;

    /// <summary>Fails for a name to leave out that is none.</summary>
    /// <exception cref="GpuCamException">There is no such class.</exception>
    public static void CheckSkipped(PictureSetOptions options, IReadOnlyList<string> known)
    {
        foreach (string name in options.SkipClasses.Where(name => !known.Contains(name)))
        {
            string nearest = known.Count == 0 ? "" : $"; nearest is {known.MinBy(other => NearestWords.Distance(name, other))}";
            throw new GpuCamException($"--skip-class {name}: there is no such class in {options.Folder}{nearest}");
        }
    }

    /// <summary>The pictures without those of classes that are left out, which have no label any more.</summary>
    public static FoundPictures WithoutSkipped(FoundPictures found, PictureSetOptions options)
    {
        if (options.SkipClasses.Count == 0)
        {
            return found;
        }

        CheckSkipped(options, found.ClassNames);
        IEnumerable<FoundPicture> kept =
            found.Pictures.Where(picture => !options.SkipClasses.Contains(found.ClassNames[picture.Picture.Label]));
        if (options.Classes is not null)
        {
            return found with { Pictures = [.. kept] };
        }

        string[] names = [.. found.ClassNames.Except(options.SkipClasses)];
        return found with
        {
            ClassNames = names,
            Pictures = [.. kept.Select(picture => picture with
            {
                Picture = picture.Picture with { Label = Array.IndexOf(names, found.ClassNames[picture.Picture.Label]) },
            })],
        };
    }

    /// <summary>FNV-1a, 64 bits.</summary>
    public static ulong Hash(string name)
    {
        ulong hash = 14695981039346656037;
        foreach (char c in name)
        {
            hash = (hash ^ c) * 1099511628211;
        }

        return hash;
    }
}
