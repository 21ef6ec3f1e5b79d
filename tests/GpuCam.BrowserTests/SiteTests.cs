using System.Net;
using System.Text.RegularExpressions;

namespace GpuCam.BrowserTests;

/// <summary>Skipped where the documentation was not built.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SiteFactAttribute : FactAttribute
{
    public SiteFactAttribute() =>
        Skip = Directory.Exists(SiteTests.Folder) ? null : "NO SITE HERE: build it with 'dotnet tool restore && dotnet docfx docfx.json'";
}

/// <summary>The documentation as a folder of pages that opens from disk.</summary>
public sealed partial class SiteTests
{
    public static string Folder { get; } = Path.Combine(Root(), "artifacts", "site");

    [SiteFact]
    public void Every_link_leads_to_a_page_or_picture_of_the_site()
    {
        string[] pages = Directory.GetFiles(Folder, "*.html", SearchOption.AllDirectories);
        Assert.True(pages.Length > 100, $"{pages.Length} pages are too few: build the site anew");
        Dictionary<string, HashSet<string>> ids = pages.ToDictionary(page => page, page =>
            Ids().Matches(File.ReadAllText(page)).Select(id => id.Groups[1].Value).ToHashSet());
        var broken = new List<string>();
        foreach (string page in pages)
        {
            foreach (Match link in Links().Matches(File.ReadAllText(page)))
            {
                string[] parts = WebUtility.HtmlDecode(link.Groups[1].Value).Split('#');
                string target = parts[0].Length == 0
                    ? page
                    : Path.GetFullPath(Uri.UnescapeDataString(parts[0]), Path.GetDirectoryName(page)!);
                bool found = ids.TryGetValue(target, out HashSet<string>? places)
                    ? parts.Length == 1 || places.Contains(Uri.UnescapeDataString(parts[1]))
                    : File.Exists(target);
                if (!found && !IsOutside(parts[0]))
                {
                    broken.Add($"{Path.GetRelativePath(Folder, page)}: {link.Groups[1].Value}");
                }
            }
        }

        Assert.True(broken.Count == 0, string.Join('\n', broken.Distinct().Take(40)));
    }

    [SiteFact]
    public void A_page_needs_no_script_and_nothing_from_elsewhere()
    {
        foreach (string page in (string[])["README.html", "docs/onnx.html", "api/GpuCam.Model.Network.html"])
        {
            string text = File.ReadAllText(Path.Combine(Folder, page));
            Assert.DoesNotContain("<script", text, StringComparison.Ordinal);
            Assert.DoesNotMatch("<(link|img)[^>]*(href|src)=\"[a-z]+:", text);
            Assert.Contains("aria-current", text, StringComparison.Ordinal);
        }
    }

    private static bool IsOutside(string link) =>
        Uri.TryCreate(link, UriKind.Absolute, out Uri? uri) && uri.Scheme is ("http" or "https" or "mailto");

    private static string Root()
    {
        string folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "GpuCam.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run within a clone");
        }

        return folder;
    }

    [GeneratedRegex("""(?:href|src)="([^"]+)(?=")""")]
    private static partial Regex Links();

    [GeneratedRegex("""\sid="([^"]+)(?=")""")]
    private static partial Regex Ids();
}
