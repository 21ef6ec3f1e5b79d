using System.Text;
using System.Text.Json;

namespace GpuCam.Model;

/// <summary>
/// Reads how pictures are prepared from JSON: the format of our own, Hugging Face's <c>preprocessor_config.json</c>, timm's
/// <c>config.json</c>; docs/pictures.md has their fields.
/// </summary>
public static class PreprocessingFile
{
    private const int MostBytes = 16 * 1024 * 1024;

    private static readonly string[] s_fields =
        ["preset", "fit", "size", "resize", "filter", "channels", "scale", "mean", "std"];

    private static readonly Dictionary<string, PictureFit> s_fits = new()
    {
        ["crop"] = PictureFit.Crop, ["stretch"] = PictureFit.Stretch, ["pad"] = PictureFit.Pad, ["none"] = PictureFit.None,
    };

    private static readonly Dictionary<string, ChannelOrder> s_orders =
        new() { ["rgb"] = ChannelOrder.Rgb, ["bgr"] = ChannelOrder.Bgr, ["grey"] = ChannelOrder.Grey };

    /// <summary>The filters by name.</summary>
    internal static IReadOnlyDictionary<string, PictureFilter> Filters { get; } = new Dictionary<string, PictureFilter>
    {
        ["nearest"] = PictureFilter.Nearest, ["bilinear"] = PictureFilter.Bilinear,
        ["bicubic"] = PictureFilter.Bicubic, ["lanczos"] = PictureFilter.Lanczos,
    };

    /// <summary>A preset by its name, else the file of that path.</summary>
    /// <exception cref="GpuCamException">There is neither, or the file is wrong.</exception>
    public static Preprocessing PresetOrFile(string name) =>
        Preprocessing.Presets.Contains(name) || !File.Exists(name) ? Preprocessing.Preset(name) : Load(name);

    /// <summary>Reads a file.</summary>
    /// <exception cref="GpuCamException">It cannot be read, or says what cannot be done; the message names the field.</exception>
    public static Preprocessing Load(string path) => Parse(ReadText(path), path);

    /// <summary>Reads a text.</summary>
    /// <param name="json">A JSON object.</param>
    /// <param name="file">What errors call it.</param>
    /// <exception cref="GpuCamException">It is none, or says what cannot be done; the message names the field.</exception>
    public static Preprocessing Parse(string json, string file)
    {
        var fields = JsonFields.Parse(json, file);
        return Checked(HuggingFaceConfig.IsProcessor(fields) ? HuggingFaceConfig.OfProcessor(fields, file)
            : HuggingFaceConfig.TimmOf(fields) is { } timm ? HuggingFaceConfig.OfTimm(timm, file)
            : OfOwn(fields, file), file);
    }

    /// <summary>Whether a JSON text says how pictures are prepared; a <c>config.json</c> often holds other things only.</summary>
    public static bool Describes(string json, string file)
    {
        var fields = JsonFields.Parse(json, file);
        return HuggingFaceConfig.IsProcessor(fields) || HuggingFaceConfig.TimmOf(fields) is not null;
    }

    /// <summary>The same as a JSON object of our own format, which <see cref="Parse"/> reads; a mean image is not in it.</summary>
    public static string ToJson(Preprocessing preprocessing)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("fit", s_fits.First(fit => fit.Value == preprocessing.Fit).Key);
            if (preprocessing is { Height: { } height, Width: { } width })
            {
                json.WriteStartArray("size");
                json.WriteNumberValue(height);
                json.WriteNumberValue(width);
                json.WriteEndArray();
            }

            json.WriteNumber("resize", Math.Round(preprocessing.Margin * SideOf(preprocessing)));
            json.WriteString("filter", Filters.First(filter => filter.Value == preprocessing.Filter).Key);
            json.WriteString("channels", s_orders.First(order => order.Value == preprocessing.Order).Key);
            json.WriteNumber("scale", preprocessing.Scale);
            Write("mean", preprocessing.Mean);
            Write("std", preprocessing.Deviation);
            json.WriteEndObject();

            void Write(string name, IReadOnlyList<double> values)
            {
                json.WriteStartArray(name);
                foreach (double value in values)
                {
                    json.WriteNumberValue(value);
                }

                json.WriteEndArray();
            }
        }

        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>A text file of no more than 16 MiB.</summary>
    internal static string ReadText(string path)
    {
        try
        {
            long length = new FileInfo(path).Length;
            return length <= MostBytes
                ? File.ReadAllText(path)
                : throw new GpuCamException($"{path}: {length} bytes are more than the {MostBytes} that are read; give the right file");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new GpuCamException($"{path}: cannot be read ({e.Message.TrimEnd('.')}); give a readable file", e);
        }
    }

    private static Preprocessing OfOwn(JsonFields fields, string file)
    {
        if (fields.Names.FirstOrDefault(name => !s_fields.Contains(name)) is { } unknown)
        {
            throw new GpuCamException($"{file}: the field {unknown} is not known; there are {string.Join(", ", s_fields)}");
        }

        if (fields.Text("preset") is { } preset && !Preprocessing.Presets.Contains(preset))
        {
            throw fields.Bad("preset", string.Join(", ", Preprocessing.Presets));
        }

        var basis = Preprocessing.Preset(fields.Text("preset") ?? "unit");
        (int Height, int Width)? size = fields.Size("size");
        Preprocessing sized = basis with
        {
            Name = file,
            Height = size?.Height,
            Width = size?.Width,
            Fit = fields.Choice("fit", s_fits) ?? basis.Fit,
            Filter = fields.Choice("filter", Filters) ?? basis.Filter,
            Order = fields.Choice("channels", s_orders) ?? basis.Order,
            Scale = fields.Number("scale") ?? basis.Scale,
            Mean = fields.Numbers("mean") ?? basis.Mean,
            Deviation = fields.Numbers("std") ?? basis.Deviation,
        };
        if (fields.Side("resize") is not { } resize)
        {
            return sized;
        }

        int side = SideOf(sized);
        return resize >= side ? sized with { Margin = (double)resize / side } : throw fields.Bad("resize", $"{side} or more, the size");
    }

    private static Preprocessing Checked(Preprocessing preprocessing, string file)
    {
        if (preprocessing.Scale <= 0)
        {
            throw new GpuCamException($"{file}: the scale is {preprocessing.Scale}; it must be above 0, such as 1/255");
        }

        return preprocessing.Deviation.All(deviation => deviation > 0) ? preprocessing
            : throw new GpuCamException($"{file}: a deviation is {preprocessing.Deviation.Min()}; it must be above 0, for it divides");
    }

    private static int SideOf(Preprocessing preprocessing) =>
        Math.Min(preprocessing.Height ?? Preprocessing.UsualSide, preprocessing.Width ?? Preprocessing.UsualSide);
}
