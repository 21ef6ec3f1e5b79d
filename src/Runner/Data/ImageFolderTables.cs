using System.Globalization;
using System.Text;
using GpuCam.Model;

namespace GpuCam.Runner.Data;

/// <summary>The two tables beside the images of a folder. Every error names the file, the line and what belongs there.</summary>
internal static class ImageFolderTables
{
    public const string Labels = "labels.txt";
    public const string Boxes = "boxes.csv";
    private const int MostClasses = 1000;
    private const string BoxesHeader = "index,x0,y0,x1,y1";

    /// <summary>
    /// Reads a label for each of the images 1 to <paramref name="count"/>. Labels are whole numbers, and classes 0 to the highest; or
    /// all of them are names, and classes are those, in alphabetical order.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="count">How many images it has.</param>
    /// <param name="classes">The classes that labels must belong to, by name or by number; null for those that they tell of.</param>
    public static (int[] Labels, IReadOnlyList<string> Classes) ReadLabels(string folder, int count, IReadOnlyList<string>? classes)
    {
        string path = Path.Combine(folder, Labels);
        if (!File.Exists(path))
        {
            throw new GpuCamException($"{path}: missing; write a line index<TAB>label for each image");
        }

        string[] texts = new string[count];
        int[] lines = new int[count];
        bool? numbers = null;
        foreach ((int line, string text) in Lines(path))
        {
            (int index, string label) = Row(path, line, text);
            CheckIndex(path, line, index, lines);
            texts[index - 1] = label;
            bool number = IsNumber(label);
            if (number != (numbers ??= number))
            {
                throw Bad(path, line, $"'{Shorten(text)}' is not index<TAB>label with a {(number ? "name" : "whole number")} as in line 1");
            }

            if (number && ClassOf(label, classes) is null)
            {
                throw Bad(path, line, $"label {label}, but classes are 0 to {(classes?.Count ?? MostClasses) - 1}");
            }
        }

        int missing = Array.IndexOf(lines, 0);
        if (missing >= 0)
        {
            throw new GpuCamException($"{path}: has no row for img_{missing + 1}.png; add a line {missing + 1}<TAB>label");
        }

        classes ??= numbers is true
            ? [.. Enumerable.Range(0, texts.Max(text => ClassOf(text, null)!.Value) + 1)
                .Select(i => i.ToString(CultureInfo.InvariantCulture))]
            : [.. texts.Distinct().Order(StringComparer.Ordinal)];
        if (classes.Count > MostClasses)
        {
            throw new GpuCamException($"{path}: {classes.Count} different labels; a folder has at most {MostClasses} classes");
        }

        int[] labels = new int[count];
        for (int i = 0; i < count; i++)
        {
            labels[i] = ClassOf(texts[i], classes)
                ?? throw Bad(path, lines[i], $"label {Shorten(texts[i])}, but classes are {Shorten(string.Join(", ", classes))}");
        }

        return (labels, classes);
    }

    /// <summary>The label of a file called <c>img_N.png</c> by the table beside it; null where that does not tell.</summary>
    public static string? LabelOf(string file)
    {
        string path = Path.Combine(Path.GetDirectoryName(file) ?? "", Labels), name = Path.GetFileNameWithoutExtension(file);
        if (!name.StartsWith("img_", StringComparison.Ordinal) || !File.Exists(path)
            || !int.TryParse(name["img_".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            return null;
        }

        foreach ((int line, string text) in Lines(path))
        {
            (int index, string label) = Row(path, line, text);
            if (index == number)
            {
                return label;
            }
        }

        return null;
    }

    /// <summary>The class that a label means: the one of its name, else the one of its number; null if there is none.</summary>
    /// <param name="label">A label.</param>
    /// <param name="classes">Names of the classes; null where they are numbers.</param>
    public static int? ClassOf(string label, IReadOnlyList<string>? classes)
    {
        for (int i = 0; i < classes?.Count; i++)
        {
            if (classes[i] == label)
            {
                return i;
            }
        }

        return int.TryParse(label, NumberStyles.None, CultureInfo.InvariantCulture, out int number)
            && number < (classes?.Count ?? MostClasses) ? number : null;
    }

    /// <summary>Reads boxes where there are any, with their lines; images without a row have none.</summary>
    public static (Box Box, int Line)?[] ReadBoxes(string folder, int count)
    {
        var boxes = new (Box, int)?[count];
        string path = Path.Combine(folder, Boxes);
        if (!File.Exists(path))
        {
            return boxes;
        }

        int[] lines = new int[count];
        foreach ((int line, string text) in Lines(path))
        {
            if (line == 1 && text == BoxesHeader)
            {
                continue;
            }

            if (Numbers(text, ',', 5) is not [int index, int x0, int y0, int x1, int y1])
            {
                throw Bad(path, line, $"'{Shorten(text)}' is not {BoxesHeader}, five whole numbers");
            }

            CheckIndex(path, line, index, lines);
            boxes[index - 1] = (new Box(x0, y0, x1, y1), line);
        }

        return boxes;
    }

    /// <summary>Writes the labels of the images 1, 2, ….</summary>
    public static void WriteLabels(string folder, int[] labels)
    {
        var text = new StringBuilder();
        for (int i = 0; i < labels.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{i + 1}\t{labels[i]}\n");
        }

        AtomicFile.WriteAllText(Path.Combine(folder, Labels), text.ToString());
    }

    /// <summary>Writes the boxes that are known; no file if none is.</summary>
    public static void WriteBoxes(string folder, Box?[] boxes)
    {
        StringBuilder text = new StringBuilder(BoxesHeader).Append('\n');
        for (int i = 0; i < boxes.Length; i++)
        {
            if (boxes[i] is { } box)
            {
                text.Append(CultureInfo.InvariantCulture, $"{i + 1},{box.X0},{box.Y0},{box.X1},{box.Y1}\n");
            }
        }

        if (Array.Exists(boxes, box => box != null))
        {
            AtomicFile.WriteAllText(Path.Combine(folder, Boxes), text.ToString());
        }
    }

    /// <summary>The lines with their numbers; empty ones are let pass at the end only.</summary>
    private static IEnumerable<(int Line, string Text)> Lines(string path)
    {
        int line = 0;
        int empty = 0;
        foreach (string text in File.ReadLines(path))
        {
            line++;
            if (text.Length == 0)
            {
                empty = empty == 0 ? line : empty;
                continue;
            }

            if (empty != 0)
            {
                throw Bad(path, empty, "empty");
            }

            yield return (line, text);
        }
    }

    private static (int Index, string Label) Row(string path, int line, string text) =>
        text.Split('\t') is [var first, var second] && second.Trim() is { Length: > 0 } label
        && int.TryParse(first, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int index)
            ? (index, label)
            : throw Bad(path, line, $"'{Shorten(text)}' is not index<TAB>label");

    private static bool IsNumber(string label) => !label.AsSpan(label[0] == '-' ? 1 : 0).ContainsAnyExceptInRange('0', '9');

    private static int[]? Numbers(string text, char separator, int count)
    {
        string[] parts = text.Split(separator);
        if (parts.Length != count)
        {
            return null;
        }

        int[] numbers = new int[count];
        for (int i = 0; i < count; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out numbers[i]))
            {
                return null;
            }
        }

        return numbers;
    }

    /// <summary>Notes the line of an index that has an image and had no line yet.</summary>
    private static void CheckIndex(string path, int line, int index, int[] lines)
    {
        if (index < 1 || index > lines.Length)
        {
            throw Bad(path, line, $"index {index}, but there are img_1.png to img_{lines.Length}.png");
        }

        if (lines[index - 1] != 0)
        {
            throw Bad(path, line, $"index {index} again, after line {lines[index - 1]}");
        }

        lines[index - 1] = line;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    private static GpuCamException Bad(string path, int line, string message) => new($"{path}: line {line}: {message}; correct it");
}
