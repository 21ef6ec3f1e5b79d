using System.Globalization;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Evaluation;

/// <summary>Which classes are taken for which, for a terminal: the matrix of few classes, of more what is worst.</summary>
internal static class ConfusionText
{
    private const int MostInMatrix = 20, MostPairs = 15, MostClasses = 10, MostLetters = 30;

    public static void Write(TextWriter output, EvaluationResult result, IReadOnlyList<string> classNames)
    {
        if (classNames.Count <= MostInMatrix && result.Confusion is { } confusion)
        {
            WriteMatrix(output, confusion, result.ClassAccuracy, classNames);
            output.WriteLine();
        }
        else if (result.ClassImages is { } images && result.Mistakes is { } mistakes)
        {
            WriteClasses(output, result, images, classNames);
            WritePairs(output, mistakes, images, classNames);
        }
    }

    private static void WriteMatrix(
        TextWriter output, IReadOnlyList<IReadOnlyList<long>> confusion, IReadOnlyList<double?> accuracies,
        IReadOnlyList<string> classNames)
    {
        string[] names = [.. classNames.Select(name => Printable.Name(name, MostLetters))];
        int width = Math.Max(5, names.Max(name => name.Length));
        int cell = Math.Max(5, confusion.Max(row => row.Max()).ToString("N0", CultureInfo.InvariantCulture).Length + 1);
        output.WriteLine($"{"true".PadRight(width)}  right    predicted as");
        IEnumerable<string> columns = classNames.Select(name => Printable.Name(name, cell - 1).PadLeft(cell));
        output.WriteLine($"{"".PadRight(width + 7)}{string.Concat(columns)}");
        for (int label = 0; label < names.Length; label++)
        {
            string right = accuracies[label] is { } share ? share.ToString("0.0 %", CultureInfo.InvariantCulture) : "none";
            string counts = string.Concat(confusion[label].Select(count =>
                (count == 0 ? "·" : count.ToString("N0", CultureInfo.InvariantCulture)).PadLeft(cell)));
            output.WriteLine($"{names[label].PadRight(width)}{right.PadLeft(7)}{counts}");
        }
    }

    private static void WriteClasses(
        TextWriter output, EvaluationResult result, IReadOnlyList<long> images, IReadOnlyList<string> classNames)
    {
        int[] tested = [.. Enumerable.Range(0, images.Count).Where(label => images[label] > 0)];
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"accuracy by class: {result.MeanClassAccuracy:0.00 %} in the mean of {tested.Length:N0}; the worst"));
        var table = new TextTable(1, "class", "images", "right");
        foreach (int label in tested.OrderBy(label => result.ClassAccuracy[label]).Take(MostClasses))
        {
            table.Add(
                Printable.Name(classNames[label], MostLetters), images[label].ToString("N0", CultureInfo.InvariantCulture),
                result.ClassAccuracy[label]!.Value.ToString("0.0 %", CultureInfo.InvariantCulture));
        }

        table.Write(output);
        output.WriteLine();
    }

    private static void WritePairs(
        TextWriter output, IReadOnlyList<IReadOnlyList<long>> mistakes, IReadOnlyList<long> images, IReadOnlyList<string> classNames)
    {
        if (mistakes.Count == 0)
        {
            return;
        }

        output.WriteLine("most frequent mistakes");
        var table = new TextTable(2, "class", "taken for", "count", "of its class");
        foreach (IReadOnlyList<long> pair in mistakes.Take(MostPairs))
        {
            (int label, int predicted, long count) = ((int)pair[0], (int)pair[1], pair[2]);
            table.Add(
                Printable.Name(classNames[label], MostLetters), Printable.Name(classNames[predicted], MostLetters),
                count.ToString("N0", CultureInfo.InvariantCulture),
                ((double)count / images[label]).ToString("0.0 %", CultureInfo.InvariantCulture));
        }

        table.Write(output);
        if (mistakes.Count > MostPairs)
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"and {mistakes.Count - MostPairs:N0} more pairs of classes; --json has all of them"));
        }

        output.WriteLine();
    }
}
