using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GpuCam.Model;

/// <summary>
/// The names of a network's classes, by index, from what people keep them in: lines; a JSON list; a JSON object of names by index or of
/// indices by name, or with one in <c>id2label</c>, <c>names</c> or <c>label_names</c>; the same as Python prints it. Of a pair of WordNet
/// number and name, the name.
/// </summary>
public static partial class ClassNames
{
    private const int MostClasses = 1_000_000;
    private static readonly string[] s_within = ["id2label", "names", "classes", "labels", "class_names", "label_names"];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="classes">Classes of the network; null does not count.</param>
    /// <exception cref="GpuCamException">It cannot be read, is none of these, or has another number of names.</exception>
    public static IReadOnlyList<string> Load(string path, int? classes = null)
    {
        IReadOnlyList<string> names = Parse(PreprocessingFile.ReadText(path), path);
        return classes is { } wanted && names.Count != wanted
            ? throw new GpuCamException($"{path}: there are {names.Count} names, but the network has {wanted} classes; give its own")
            : names;
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">Lines, JSON or Python.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="GpuCamException">It is none of these.</exception>
    public static IReadOnlyList<string> Parse(string text, string file)
    {
        text = text.Trim('\uFEFF', ' ', '\t', '\r', '\n');
        if (text.Length == 0)
        {
            throw new GpuCamException($"{file}: there is no name in it; give a line for each class, or a JSON list");
        }

        if (text[0] is not ('{' or '['))
        {
            return Lines(text, file);
        }

        JsonElement json = Json(text) ?? Json(PythonLiteral.ToJson(text)) ?? throw new GpuCamException(
            $"{file}: it begins with {text[0]}, but is no JSON; give a line for each class, a JSON list, or an object of names by index");
        return Of(json, file) ?? throw new GpuCamException(
            $"{file}: there are no class names in it; give a JSON list of names, an object of names by index, or one with id2label");
    }

    /// <summary>As <see cref="Parse"/>, null for a text without class names.</summary>
    public static IReadOnlyList<string>? TryParse(string text, string file)
    {
        try
        {
            return Parse(text, file);
        }
        catch (GpuCamException)
        {
            return null;
        }
    }

    private static string[] Lines(string text, string file)
    {
        string[] lines = text.Split('\n', StringSplitOptions.TrimEntries);
        if (Array.IndexOf(lines, "") is >= 0 and int blank)
        {
            throw new GpuCamException($"{file}: line {blank + 1} is blank; every line names a class, so fill or delete it");
        }

        return Array.TrueForAll(lines, line => WordNet().IsMatch(line)) ? Array.ConvertAll(lines, line => line[9..].Trim()) : lines;
    }

    private static JsonElement? Json(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            return JsonFields.Read(text);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string[]? Of(JsonElement json, string file)
    {
        if (json.ValueKind == JsonValueKind.Array)
        {
            string?[] list = [.. json.EnumerateArray().Select(NameOf)];
            return list.Length > 0 && !list.Contains(null) ? [.. list.Select(name => name!)] : null;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        JsonProperty[] fields = [.. json.EnumerateObject()];
        if (fields.Length > 0 && fields.All(field => Index(field.Name) is not null))
        {
            return ByIndex(fields.Select(field => (Index(field.Name)!.Value, NameOf(field.Value))), file);
        }

        if (fields.Length > 0 && fields.All(field => field.Value.ValueKind == JsonValueKind.Number))
        {
            return ByIndex(fields.Select(field => (Index(field.Value.GetRawText()) ?? -1, (string?)field.Name)), file);
        }

        foreach (string name in s_within)
        {
            if (json.TryGetProperty(name, out JsonElement inner) && Of(inner, $"{file}, {name}") is { } names)
            {
                return names;
            }
        }

        // timm keeps them one deeper.
        return json.TryGetProperty("pretrained_cfg", out JsonElement deeper) && deeper.ValueKind == JsonValueKind.Object
            ? Of(deeper, file) : null;
    }

    private static string[]? ByIndex(IEnumerable<(int Index, string? Name)> pairs, string file)
    {
        (int Index, string? Name)[] sorted = [.. pairs.OrderBy(pair => pair.Index)];
        for (int i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Index != i)
            {
                throw new GpuCamException($"{file}: the classes are not numbered from 0 to {sorted.Length - 1}: {i} is missing");
            }
        }

        return sorted.All(pair => pair.Name is not null) ? [.. sorted.Select(pair => pair.Name!)] : null;
    }

    /// <summary>A text, or the last of a pair such as ["n01440764", "tench"].</summary>
    private static string? NameOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Array when element.GetArrayLength() == 2 && element[1].ValueKind == JsonValueKind.String => element[1].GetString(),
        _ => null,
    };

    private static int? Index(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < MostClasses ? index : null;

    [GeneratedRegex(@"^n\d{8}\s+\S")]
    private static partial Regex WordNet();
}
