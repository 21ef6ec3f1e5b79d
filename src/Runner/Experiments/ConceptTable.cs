using GpuCam.Runner.Data;

namespace GpuCam.Runner.Experiments;

/// <summary>
/// Pictures and the concepts that belong to each, such as attributes or words of captions: lines of <c>file TAB concept TAB concept</c>.
/// </summary>
/// <param name="Concepts">Every concept, in the order of their letters.</param>
/// <param name="Pictures">Pictures in the order of the lines.</param>
/// <param name="Of">The concepts of each picture: places in <paramref name="Concepts"/>.</param>
internal sealed record ConceptTable(
    IReadOnlyList<string> Concepts, IReadOnlyList<DataPicture> Pictures, IReadOnlyList<IReadOnlySet<int>> Of)
{
    private const int MostNamed = 3;

    /// <summary>Reads a table.</summary>
    /// <param name="file">The table.</param>
    /// <param name="folder">What its paths are below; null for the folder that it lies in.</param>
    /// <exception cref="GpuCamException">It cannot be read, a line is none, or a picture is not there.</exception>
    public static ConceptTable Read(string file, string? folder)
    {
        string[] lines;
        try
        {
            lines = File.ReadAllLines(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GpuCamException($"{file}: the table cannot be read ({e.Message.TrimEnd('.')}); give a file with a line "
                + "'picture TAB concept TAB concept' for each picture", e);
        }

        string root = folder ?? Path.GetDirectoryName(Path.GetFullPath(file))!;
        var pictures = new List<(string Id, string[] Words)>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var missing = new List<string>();
        for (int i = 0; i < lines.Length; i++)
        {
            string[] cells = [.. lines[i].Split('\t').Select(cell => cell.Trim())];
            if (cells is [""])
            {
                continue;
            }

            if (cells[0].Length == 0 || !seen.Add(cells[0]))
            {
                throw new GpuCamException($"{file}, line {i + 1}: {(cells[0].Length == 0 ? "there is no picture before the first tab"
                    : $"{cells[0]} has a line already; put all of its concepts into one")}");
            }

            if (!File.Exists(Path.Combine(root, cells[0])))
            {
                missing.Add(cells[0]);
            }

            pictures.Add((cells[0], [.. cells.Skip(1).Where(cell => cell.Length > 0)]));
        }

        if (missing.Count > 0)
        {
            string named = string.Join(", ", missing.Take(MostNamed)) + (missing.Count > MostNamed ? ", …" : "");
            throw new GpuCamException(
                $"{file}: {missing.Count} of its pictures are not in {root}: {named}; give --data with the folder that its paths are in");
        }

        string[] concepts =
            [.. pictures.SelectMany(picture => picture.Words).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return concepts.Length == 0
            ? throw new GpuCamException($"{file}: no picture has a concept; lines are 'picture TAB concept TAB concept'")
            : new ConceptTable(
                concepts, [.. pictures.Select(picture => new DataPicture(picture.Id, Path.Combine(root, picture.Id), 0))],
                [.. pictures.Select(picture => picture.Words.Select(word => Array.IndexOf(concepts, word)).ToHashSet())]);
    }
}
