using System.Reflection;

namespace GpuCam.Runner.Serving;

/// <summary>What scripts can ask for, described by OpenAPI 3.1.</summary>
internal static class OpenApi
{
    /// <summary>The document: UTF-8.</summary>
    public static byte[] Document { get; } = Read();

    private static byte[] Read()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("openapi.json")
            ?? throw new InvalidOperationException("the program lacks its resource openapi.json");
        byte[] document = new byte[stream.Length];
        stream.ReadExactly(document);
        return document;
    }
}
