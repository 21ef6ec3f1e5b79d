using System.Globalization;
using GpuCam.Model;

namespace GpuCam.Runner.Serving;

/// <summary>The text fields of a request, read.</summary>
internal sealed record ExplainFields
{
    /// <summary>The names of all fields but the picture.</summary>
    public static IReadOnlyList<string> Names { get; } = ["method", "layer", "class", "smoothing", "top", "crop"];

    /// <summary>Null for the usual one.</summary>
    public string? Method { get; private init; }

    /// <summary>Several joined by +; null for the usual one.</summary>
    public string? Layer { get; private init; }

    /// <summary>The number of a class; null for the predicted one.</summary>
    public int? Class { get; private init; }

    public CamSmoothing Smoothing { get; private init; }

    /// <summary>How many predictions are listed.</summary>
    public int Top { get; private init; } = 5;

    /// <summary>The part of the picture that is looked at; null for all of it.</summary>
    public Crop? Crop { get; private init; }

    /// <summary>Reads the fields as they came; what depends on the network or the picture is not checked yet.</summary>
    /// <exception cref="ServeException">One cannot be read.</exception>
    public static ExplainFields Read(IReadOnlyDictionary<string, string> fields)
    {
        string? smoothing = fields.GetValueOrDefault("smoothing");
        return new ExplainFields
        {
            Method = fields.GetValueOrDefault("method"),
            Layer = fields.GetValueOrDefault("layer"),
            Class = fields.TryGetValue("class", out string? index) ? Number("class", index, 0) : null,
            Smoothing = smoothing is null ? CamSmoothing.None
                : OptionNames.Smoothing.Names.Contains(smoothing) ? OptionNames.Smoothing.Parse(smoothing)
                : throw Bad("smoothing", smoothing, $"choose from {string.Join(", ", OptionNames.Smoothing.Names)}"),
            Top = fields.TryGetValue("top", out string? top) ? Number("top", top, 1) : 5,
            Crop = fields.TryGetValue("crop", out string? crop) ? Part(crop) : null,
        };
    }

    private static Crop Part(string text)
    {
        string[] parts = text.Split(',');
        int[] numbers = new int[4];
        for (int i = 0; i < numbers.Length; i++)
        {
            if (parts.Length != numbers.Length || !TryRead(parts[i], out numbers[i]) || (i > 1 && numbers[i] == 0))
            {
                throw Bad("crop", text, "give x,y,width,height in whole pixels of the upright picture, such as 10,20,300,200");
            }
        }

        return new Crop(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static int Number(string field, string text, int least) =>
        TryRead(text, out int number) && number >= least ? number : throw Bad(field, text, $"give a whole number from {least} on");

    private static bool TryRead(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);

    private static ServeException Bad(string field, string text, string remedy) =>
        new(400, $"{field} '{ClientText.Shown(text)}' cannot be read; {remedy}");
}
