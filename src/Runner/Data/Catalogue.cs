using System.Text.Json;

namespace GpuCam.Runner.Data;

/// <summary>The file data/sources.json: what can be fetched by name.</summary>
/// <param name="Sets">Sets of digits.</param>
/// <param name="Models">Networks.</param>
internal sealed record Catalogue(IReadOnlyList<DataSet> Sets, IReadOnlyList<ModelSource> Models)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);
    private static readonly Lazy<Catalogue> s_known = new(Read);

    /// <summary>What the file says.</summary>
    public static Catalogue Known => s_known.Value;

    private static Catalogue Read()
    {
        using Stream stream = typeof(Catalogue).Assembly.GetManifestResourceStream("sources.json")!;
        return JsonSerializer.Deserialize<Catalogue>(stream, s_json)!;
    }
}
