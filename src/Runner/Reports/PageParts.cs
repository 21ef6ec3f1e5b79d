using System.Reflection;
using System.Text;
using GpuCam.Model;

namespace GpuCam.Runner.Reports;

/// <summary>
/// The styles, scripts and frames in <c>Page/</c>, which pages are put together from; those of <c>Serving/Page/</c> as <c>serve/</c>.
/// </summary>
internal static class PageParts
{
    private const string Folder = "Page/";

    /// <summary>These files, one behind the other.</summary>
    public static string Read(params string[] names) => string.Concat(names.Select(Part));

    /// <summary>Colour scales of maps: 256 times R, G, B in base64, the same as in the pictures.</summary>
    public static IReadOnlyDictionary<string, string> ColorTables { get; } =
        new[] { ColorMaps.Viridis, ColorMaps.Jet }.ToDictionary(map => map.Name, Table);

    private static string Table(ColorMap map)
    {
        byte[] bytes = new byte[3 * 256];
        for (int i = 0; i < 256; i++)
        {
            (bytes[3 * i], bytes[(3 * i) + 1], bytes[(3 * i) + 2]) = map.At(i / 256f);
        }

        return Convert.ToBase64String(bytes);
    }

    private static string Part(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name)
            ?? throw new InvalidOperationException($"the program lacks its resource {Folder}{name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // A checkout may have changed line ends; the hash of a script is of what a parser makes of them.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
