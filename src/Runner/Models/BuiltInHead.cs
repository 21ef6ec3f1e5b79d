using System.Collections.Concurrent;
using System.Reflection;
using GpuCam.Model;
using GpuCam.Runner.Cams;

namespace GpuCam.Runner.Models;

/// <summary>The heads in this program, each for a fetched network that has no classifier of its own (data/heads).</summary>
internal static class BuiltInHead
{
    private const string DataNote = "gpucam.data";
    private static readonly ConcurrentDictionary<string, HeadFile?> s_heads = new();

    /// <summary>The head for a fetched network; null where there is none.</summary>
    public static HeadFile? Find(string model) => s_heads.GetOrAdd(model, Read);

    /// <summary>What it tells apart, for people.</summary>
    public static string Title(this HeadFile head) =>
        $"a built-in head for {head.ClassNames.Count} classes of {head.Notes.GetValueOrDefault(DataNote) ?? "pictures"}";

    private static HeadFile? Read(string model)
    {
        Assembly assembly = typeof(BuiltInHead).Assembly;
        if (Array.Find(assembly.GetManifestResourceNames(), name => name.StartsWith($"heads/{model}-", StringComparison.Ordinal))
            is not { } name)
        {
            return null;
        }

        using Stream stream = assembly.GetManifestResourceStream(name)!;
        var head = HeadFile.Read(SafetensorsReader.Read(stream, name));
        return head with { ClassNames = ClassTable.Readable(head.ClassNames) };
    }
}
