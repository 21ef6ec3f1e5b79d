using System.Globalization;
using System.Text.Json;

namespace GpuCam.Model;

/// <summary>The fields of a JSON object that somebody wrote; what is wrong with one is said with the file and the field.</summary>
internal sealed class JsonFields
{
    private readonly JsonElement _element;
    private readonly string _file;
    private readonly string _path;

    private JsonFields(JsonElement element, string file, string path)
    {
        _element = element;
        _file = file;
        _path = path;
    }

    /// <summary>The fields that are there.</summary>
    public IEnumerable<string> Names => _element.EnumerateObject().Select(property => property.Name);

    /// <summary>Reads a text that is a JSON object.</summary>
    /// <exception cref="GpuCamException">It is not.</exception>
    public static JsonFields Parse(string text, string file)
    {
        try
        {
            JsonElement element = Read(text);
            return element.ValueKind == JsonValueKind.Object ? new JsonFields(element, file, "") : throw new GpuCamException(
                $"{file}: this is no JSON object, but begins with {Start(element)}; give one in {{ }}");
        }
        catch (JsonException e)
        {
            string at = string.Create(CultureInfo.InvariantCulture, $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            throw new GpuCamException($"{file}: this is no JSON ({at}); correct it there", e);
        }
    }

    /// <summary>Reads any JSON; commas at the end and comments do no harm.</summary>
    /// <exception cref="JsonException">It is none, or has a text that is half of a character.</exception>
    public static JsonElement Read(string text)
    {
        using var document =
            JsonDocument.Parse(text, new JsonDocumentOptions { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip });
        try
        {
            ReadTexts(document.RootElement);
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException("a text is no Unicode", e);
        }

        return document.RootElement.Clone();
    }

    /// <summary>Whether the field is there and not null.</summary>
    public bool Has(string name) => Find(name) is not null;

    /// <summary>Whether the field is there and an object.</summary>
    public bool HasObject(string name) => Find(name) is { ValueKind: JsonValueKind.Object };

    /// <summary>An object in this one; null where it is not there.</summary>
    public JsonFields? Object(string name) => Find(name) is not { } field ? null
        : field.ValueKind == JsonValueKind.Object ? new JsonFields(field, _file, $"{_path}{name}.")
        : throw Bad(name, "an object");

    /// <summary>A text; null where it is not there.</summary>
    public string? Text(string name) => Find(name) is not { } field ? null
        : field.ValueKind == JsonValueKind.String ? field.GetString()
        : throw Bad(name, "a text");

    /// <summary>True or false; null where it is not there.</summary>
    public bool? Flag(string name) => Find(name) is not { } field ? null
        : field.ValueKind is JsonValueKind.True or JsonValueKind.False ? field.GetBoolean()
        : throw Bad(name, "true or false");

    /// <summary>A number; null where it is not there. A quotient may be written as a text, "1/255".</summary>
    public double? Number(string name)
    {
        if (Find(name) is not { } field)
        {
            return null;
        }

        if (field.ValueKind == JsonValueKind.String && field.GetString()!.Split('/') is [var above, var below]
            && double.TryParse(above, CultureInfo.InvariantCulture, out double numerator)
            && double.TryParse(below, CultureInfo.InvariantCulture, out double denominator)
            && double.IsFinite(numerator / denominator))
        {
            return numerator / denominator;
        }

        return NumberOf(field) ?? throw Bad(name, "a finite number");
    }

    /// <summary>One number or a list of one or three; null where it is not there.</summary>
    public IReadOnlyList<double>? Numbers(string name)
    {
        if (Find(name) is not { } field)
        {
            return null;
        }

        if (NumberOf(field) is { } single)
        {
            return [single];
        }

        double?[] numbers = field.ValueKind == JsonValueKind.Array ? [.. field.EnumerateArray().Select(NumberOf)] : [];
        return numbers.Length is 1 or 3 && !numbers.Contains(null)
            ? [.. numbers.Select(number => number!.Value)]
            : throw Bad(name, "a finite number or a list of 3 of them");
    }

    /// <summary>A side or [height, width], pixels from 1 to 65536; null where it is not there.</summary>
    public (int Height, int Width)? Size(string name)
    {
        if (Find(name) is not { } field)
        {
            return null;
        }

        const string wanted = "a whole number of pixels, or [height, width]";
        int?[] sides = field.ValueKind == JsonValueKind.Array ? [.. field.EnumerateArray().Select(SideOf)] : [SideOf(field)];
        return sides switch
        {
            [{ } side] => (side, side),
            [{ } height, { } width] => (height, width),
            _ => throw Bad(name, wanted),
        };
    }

    /// <summary>Three sides; null where it is not there, or something else.</summary>
    public int[]? Triple(string name) =>
        Find(name) is { ValueKind: JsonValueKind.Array } field && field.EnumerateArray().Select(SideOf).ToArray() is [{ } a, { } b, { } c]
            ? [a, b, c]
            : null;

    /// <summary>A side, 1 to 65536 pixels; null where it is not there.</summary>
    public int? Side(string name) => Find(name) is not { } field ? null : SideOf(field) ?? throw Bad(name, "a whole number of pixels");

    /// <summary>One of the names; null where it is not there.</summary>
    public T? Choice<T>(string name, IReadOnlyDictionary<string, T> names) where T : struct =>
        Text(name) is not { } text ? null : names.TryGetValue(text, out T value) ? value : throw Bad(name, string.Join(", ", names.Keys));

    /// <summary>A whole number; null where it is not there.</summary>
    public int? Integer(string name) => Find(name) is not { } field ? null
        : field.ValueKind == JsonValueKind.Number && field.TryGetInt32(out int value) ? value
        : throw Bad(name, "a whole number");

    /// <summary>The error for a field that is not what it must be.</summary>
    public GpuCamException Bad(string name, string wanted)
    {
        string value = Find(name)?.GetRawText() ?? "not there";
        value = value.ReplaceLineEndings(" ");
        return new GpuCamException($"{_file}: {_path}{name} is {(value.Length > 40 ? value[..40] + "…" : value)}; it must be {wanted}");
    }

    /// <summary>A text is checked for halves of characters when it is asked for, and only then.</summary>
    private static void ReadTexts(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.String:
                element.GetString();
                break;
            case JsonValueKind.Array:
                foreach (JsonElement item in element.EnumerateArray())
                {
                    ReadTexts(item);
                }

                break;
            case JsonValueKind.Object:
                foreach (JsonProperty property in element.EnumerateObject())
                {
                    _ = property.Name;
                    ReadTexts(property.Value);
                }

                break;
        }
    }

    private static double? NumberOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out double value) && double.IsFinite(value) ? value : null;

    private static int? SideOf(JsonElement element) =>
        element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out int side) && side is >= 1 and <= 65536 ? side : null;

    private static string Start(JsonElement element)
    {
        string text = element.GetRawText().ReplaceLineEndings(" ");
        return text.Length > 20 ? text[..20] + "…" : text;
    }

    private JsonElement? Find(string name) =>
        _element.TryGetProperty(name, out JsonElement field) && field.ValueKind != JsonValueKind.Null ? field : null;
}
