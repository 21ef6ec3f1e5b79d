using System.Reflection;
using System.Text;

namespace GpuCam.Runner.Reports;

/// <summary>The styles, scripts and frames in <c>Page/</c>, which pages are put together from.</summary>
internal static class PageParts
{
    private const string Folder = "Page/";

    /// <summary>These files, one behind the other.</summary>
    public static string Read(params string[] names) => string.Concat(names.Select(Part));

    private static string Part(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Folder + name)
            ?? throw new InvalidOperationException($"the program lacks its resource {Folder}{name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        // A checkout may have changed line ends; the hash of a script is of what a parser makes of them.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
