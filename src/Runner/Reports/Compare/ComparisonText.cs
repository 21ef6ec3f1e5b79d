namespace GpuCam.Runner.Reports.Compare;

/// <summary>A comparison as a table for the terminal; the best figure of a row carries a star.</summary>
internal static class ComparisonText
{
    private const int MostCharacters = 40;

    public static void Write(TextWriter output, RunComparison comparison)
    {
        Row head = new("", [.. comparison.Runs.Select(run => run.Name)]);
        Row[] figures = [.. comparison.Figures.Select(figure =>
            new Row(figure.Title, [.. figure.Values.Select((_, i) => figure.Text(i) + (figure.IsBest(i) ? " *" : "  "))]))];
        Row[] settings = [.. comparison.Differing.Select(setting =>
            new Row(setting.Name, [.. setting.Values.Select(value => Cut(value.Length > 0 ? value : "-"))]))];
        Row[] all = [head, .. figures, .. settings];
        int title = all.Max(row => row.Title.Length);
        int[] widths = [.. comparison.Runs.Select((_, i) => all.Max(row => row.Cells[i].TrimEnd().Length) + 2)];

        Print(head);
        foreach (Row row in figures)
        {
            Print(row);
        }

        output.WriteLine();
        output.WriteLine(settings.Length > 0 ? "settings that differ" : "no setting differs");
        foreach (Row row in settings)
        {
            Print(row);
        }

        output.WriteLine();
        output.WriteLine("* best of the row");
        foreach (ComparedRun run in comparison.Runs.Where(run => !run.Complete))
        {
            output.WriteLine($"{run.Name} is not complete: step {run.Last.Step} of {run.Record.Settings.Steps}");
        }

        void Print(Row row) => output.WriteLine(
            $"{row.Title.PadRight(title)}{string.Concat(row.Cells.Select((cell, i) => "  " + Pad(cell, widths[i])))}".TrimEnd());
    }

    /// <summary>To the right, with room for the star, so that digits stand below digits.</summary>
    private static string Pad(string cell, int width) => (
        cell.EndsWith(" *", StringComparison.Ordinal) || cell.EndsWith("  ", StringComparison.Ordinal) ? cell : cell + "  ").PadLeft(width);

    private static string Cut(string value) => value.Length <= MostCharacters ? value : value[..(MostCharacters - 1)] + "…";

    private sealed record Row(string Title, string[] Cells);
}
