using System.Globalization;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>Real networks to try: ONNX files in a folder that <c>GPUCAM_ONNX_MODELS</c> names.</summary>
internal static class NetworkFolder
{
    /// <summary>The folder; null where nobody says so.</summary>
    public static string? Path { get; } = Environment.GetEnvironmentVariable("GPUCAM_ONNX_MODELS");

    /// <summary>Names of the files in it.</summary>
    public static IReadOnlyList<string> Files { get; } = Path is null
        ? []
        : [.. Directory.EnumerateFiles(Path, "*.onnx").Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    /// <summary>The network of a file, with numbers for class names.</summary>
    public static Network Read(string file)
    {
        Graph graph = OnnxNetwork.Read(System.IO.Path.Combine(Path!, file), new OnnxImportOptions { UsualSide = 224 }).Graph;
        int classes = ClassScore.ClassCount(graph.Output.Shape.C);
        return new Network(graph, [.. Enumerable.Range(0, classes).Select(c => c.ToString(CultureInfo.InvariantCulture))]);
    }
}

/// <summary>A test of real networks: skipped, and said so, only where no folder is named.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class FolderTheoryAttribute : TheoryAttribute
{
    public FolderTheoryAttribute() =>
        Skip = NetworkFolder.Path is null ? "NO NETWORKS HERE: name a folder of ONNX files in GPUCAM_ONNX_MODELS to run them" : null;
}
