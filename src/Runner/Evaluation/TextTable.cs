namespace GpuCam.Runner.Evaluation;

/// <summary>A table for a terminal: the first columns are names and left-aligned, the others figures and right-aligned.</summary>
internal sealed class TextTable(int names, params string[] headers)
{
    private readonly List<string[]> _rows = [headers];

    /// <summary>Adds a row; it has as many cells as there are headers.</summary>
    public void Add(params string[] cells)
    {
        if (cells.Length != headers.Length)
        {
            throw new ArgumentException($"{cells.Length} cells for {headers.Length} columns", nameof(cells));
        }

        _rows.Add(cells);
    }

    /// <summary>Writes the table, leaving out columns without a figure.</summary>
    public void Write(TextWriter output)
    {
        int[] columns = [.. Enumerable.Range(0, headers.Length).Where(i => _rows.Skip(1).Any(row => row[i].Length > 0))];
        int[] widths = [.. columns.Select(i => _rows.Max(row => row[i].Length))];
        foreach (string[] row in _rows)
        {
            IEnumerable<string> cells = columns.Select((i, at) => i < names ? row[i].PadRight(widths[at]) : row[i].PadLeft(widths[at]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
