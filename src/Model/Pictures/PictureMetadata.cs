namespace GpuCam.Model;

/// <summary>
/// What a model file's own metadata say of pictures: ours, those of Windows ML (<c>Image.*</c>, as ONNX's MetadataProps.md and Custom
/// Vision have them) and Ultralytics'.
/// </summary>
public static class PictureMetadata
{
    /// <summary>The key of our own format (<see cref="PreprocessingFile.ToJson"/>).</summary>
    public const string PreprocessingKey = "gpucam.preprocessing";

    /// <summary>The key of our own class names, a JSON array.</summary>
    public const string ClassesKey = "gpucam.classes";

    /// <summary>The key of the names of inputs and outputs that belong to maps in the file, and not to the network; a JSON array.</summary>
    public const string MapsKey = "gpucam.maps";

    private const string Pixels = "Image.BitmapPixelFormat";
    private const string Range = "Image.NominalPixelRange";

    private static readonly string[] s_classKeys = [ClassesKey, "names", "class_names", "classes", "labels", "id2label"];

    /// <summary>How pictures are prepared; null where the metadata do not say.</summary>
    /// <param name="metadata">The keys and their texts.</param>
    /// <param name="file">What errors call the file.</param>
    /// <exception cref="GpuCamException">They say what cannot be done.</exception>
    public static Preprocessing? PreprocessingOf(IReadOnlyDictionary<string, string> metadata, string file)
    {
        if (metadata.TryGetValue(PreprocessingKey, out string? own))
        {
            return PreprocessingFile.Parse(own, $"{file} ({PreprocessingKey})");
        }

        if (metadata.TryGetValue(Pixels, out string? format) | metadata.TryGetValue(Range, out string? range))
        {
            return OfWindows(format ?? "Rgb8", range ?? "NominalRange_0_255", file);
        }

        // Its classifiers scale the shorter side to imgsz and cut the middle out; nothing is subtracted.
        bool ultralytics = metadata.TryGetValue("task", out string? task) && task == "classify" && metadata.ContainsKey("imgsz");
        return ultralytics ? Preprocessing.Preset("unit") with { Name = $"{file} (imgsz)" } : null;
    }

    /// <summary>The class names; null where the metadata do not say, or say it in a way not known.</summary>
    /// <param name="metadata">The keys and their texts.</param>
    /// <param name="file">What errors call the file.</param>
    /// <param name="classes">Classes of the network; other numbers of names are passed over.</param>
    public static IReadOnlyList<string>? ClassesOf(IReadOnlyDictionary<string, string> metadata, string file, int classes)
    {
        foreach (string key in s_classKeys)
        {
            if (metadata.TryGetValue(key, out string? text) && ClassNames.TryParse(text, $"{file} ({key})") is { } names
                && names.Count == classes)
            {
                return names;
            }
        }

        return null;
    }

    /// <summary>The names of inputs and outputs that belong to maps in the file; none where the metadata do not say.</summary>
    internal static IReadOnlyList<string> MapsOf(IReadOnlyDictionary<string, string> metadata) =>
        metadata.TryGetValue(MapsKey, out string? text) ? ClassNames.TryParse(text, MapsKey) ?? [] : [];

    private static Preprocessing OfWindows(string format, string range, string file)
    {
        string name = $"{file} ({Pixels})";
        ChannelOrder order = format switch
        {
            "Rgb8" or "Rgba8" => ChannelOrder.Rgb,
            "Bgr8" or "Bgra8" => ChannelOrder.Bgr,
            "Gray8" => ChannelOrder.Grey,
            _ => throw new GpuCamException($"{name} is {format}, which is not known; give --preprocess"),
        };
        Preprocessing ordered = Preprocessing.Preset("unit") with { Name = name, Order = order };
        return range switch
        {
            "NominalRange_0_255" => ordered with { Scale = 1 },
            "Normalized_0_1" => ordered,
            "Normalized_1_1" => ordered with { Scale = 1 / 127.5, Mean = [1] },
            "NominalRange_16_235" => ordered with { Scale = (235.0 - 16) / 255, Mean = [-16] },
            _ => throw new GpuCamException($"{file} ({Range}) is {range}, which is not known; give --preprocess"),
        };
    }
}
