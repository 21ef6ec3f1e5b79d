using System.Text.Json;
using System.Text.Json.Serialization;
using GpuCam.Kernels;
using GpuCam.Runner.Reports;
using GpuCam.Tests.Runner.Images;

namespace GpuCam.Tests.Model.Onnx;

/// <summary>One network as PyTorch exported it, and what PyTorch computes: a folder that a script of tests/Peers wrote.</summary>
internal sealed class PeerFolder
{
    private readonly string _path;
    private readonly PeerManifest _manifest;

    public PeerFolder(string path)
    {
        _path = path;
        using FileStream stream = File.OpenRead(Path.Combine(path, ManifestName));
        _manifest = JsonSerializer.Deserialize<PeerManifest>(stream)!;
    }

    /// <summary>Where the networks of all sizes lie; null where nobody said so.</summary>
    public static string? Large { get; } = Environment.GetEnvironmentVariable("GPUCAM_PEERS");

    /// <summary>What is mapped unless another is asked for: what the global pooling reads, or else the last of several cells.</summary>
    public const string LastLayer = "last";

    /// <summary>Where the small networks lie.</summary>
    public static string Small => Path.Combine(Golden.Folder(), "peers");

    /// <summary>The likeliest class of each image.</summary>
    public int[] Classes => _manifest.Classes;

    /// <summary>Values inside the network, by name.</summary>
    public IEnumerable<string> Values => _manifest.Values.Keys;

    /// <summary>Layers that are mapped, and the methods that map them.</summary>
    public IEnumerable<(string Layer, string Method)> Maps =>
        _manifest.Maps.SelectMany(layer => layer.Value.Keys.Select(method => (layer.Key, method)));

    /// <summary>All networks of a folder and their files.</summary>
    public static IEnumerable<(string Network, string File)> Files(string root) =>
        from path in Directory.EnumerateFiles(root, ManifestName, SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        let network = Path.GetDirectoryName(path)!
        from file in new PeerFolder(network)._manifest.Models
        select (Path.GetRelativePath(root, network), file);

    /// <summary>The images, channels last.</summary>
    public (float[] Values, Shape Shape) Images() => Read(_manifest.Images);

    /// <summary>The logits.</summary>
    public float[] Logits() => Read(_manifest.Logits).Values;

    /// <summary>A value, channels last.</summary>
    public (float[] Values, Shape Shape) Value(string name) => Read(_manifest.Values[name]);

    /// <summary>Raw maps of the likeliest classes.</summary>
    public float[] Map(string layer, string method) => Read(_manifest.Maps[layer][method]).Values;

    private const string ManifestName = "manifest.json";

    private (float[] Values, Shape Shape) Read(string name)
    {
        using FileStream stream = File.OpenRead(Path.Combine(_path, name));
        (float[] values, int[] shape) = Npy.Read(stream, name);
        if (shape is not [int n, int c, int h, int w])
        {
            return (values, Shape.Vector(values.Length));
        }

        float[] last = new float[values.Length];
        for (int i = 0; i < n; i++)
        {
            for (int k = 0; k < c; k++)
            {
                for (int p = 0; p < h * w; p++)
                {
                    last[(((i * h * w) + p) * c) + k] = values[(((i * c) + k) * h * w) + p];
                }
            }
        }

        return (last, new Shape(n, h, w, c));
    }

    private sealed record PeerManifest(
        [property: JsonPropertyName("images")] string Images,
        [property: JsonPropertyName("logits")] string Logits,
        [property: JsonPropertyName("classes")] int[] Classes,
        [property: JsonPropertyName("values")] Dictionary<string, string> Values,
        [property: JsonPropertyName("maps")] Dictionary<string, Dictionary<string, string>> Maps,
        [property: JsonPropertyName("models")] string[] Models);
}
