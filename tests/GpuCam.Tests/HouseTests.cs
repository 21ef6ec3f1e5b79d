using System.Text.RegularExpressions;
using GpuCam.Tests.Runner.Commands;

namespace GpuCam.Tests;

/// <summary>What the formatter cannot hold: how long lines and files are, one build without switches, nothing left for later.</summary>
public sealed partial class HouseTests
{
    private const int LongestLine = 140;
    private const int LongestFile = 250;

    /// <summary>Files that are longer, and why they stay whole.</summary>
    private static readonly Dictionary<string, string> s_longFiles = new()
    {
        ["src/Model/Files/SafetensorsHeader.cs"] = "one parser: its steps share the reader's position, which every error names",
        ["src/Runner/Images/Formats/PngFile.cs"] = "one parser: its steps share the place in the file, which every error names",
        ["tests/GpuCam.BrowserTests/ReportTests.cs"] = "one page: what can be done with it",
        ["tests/GpuCam.Tests/Runner/Images/PictureSamples.cs"] = "data: whole pictures as text",
    };

    [Fact]
    public void A_line_ends_at_140_characters_except_where_a_raw_string_begins_or_goes_on()
    {
        var tooLong = new List<string>();
        foreach ((string file, string[] lines) in Sources())
        {
            bool raw = false;
            for (int i = 0; i < lines.Length; i++)
            {
                int quotes = RawQuotes().Count(lines[i]);
                if (lines[i].Length > LongestLine && !raw && quotes == 0)
                {
                    tooLong.Add($"{file}:{i + 1}: {lines[i].Length}");
                }

                raw ^= quotes % 2 == 1;
            }

            Assert.False(raw, $"{file}: a raw string has no end that this test can see");
        }

        Assert.True(tooLong.Count == 0, string.Join('\n', tooLong));
    }

    [Fact]
    public void A_file_ends_at_250_lines_or_is_listed_with_its_reason()
    {
        var longFiles = Sources().Where(source => source.Lines.Length > LongestFile)
            .ToDictionary(source => source.File, source => source.Lines.Length);
        Assert.Equal(s_longFiles.Keys.Order(StringComparer.Ordinal), longFiles.Keys.Order(StringComparer.Ordinal));
        Assert.All(s_longFiles.Values, reason => Assert.NotEqual("", reason));
    }

    [Fact]
    public void There_is_one_build_and_nothing_is_left_for_later()
    {
        string later = "TO" + "DO";
        string[] found =
        [
            .. Sources().SelectMany(source => source.Lines.Select((line, i) => (Line: line, Where: $"{source.File}:{i + 1}")))
                .Where(place => place.Line.TrimStart().StartsWith("#if", StringComparison.Ordinal)
                    || place.Line.Contains(later, StringComparison.Ordinal))
                .Select(place => place.Where),
        ];
        Assert.Empty(found);
    }

    private static IEnumerable<(string File, string[] Lines)> Sources()
    {
        foreach (string folder in (string[])["src", "tests"])
        {
            foreach (string path in Directory.EnumerateFiles(Path.Combine(DocCommand.Root, folder), "*.cs", SearchOption.AllDirectories))
            {
                string file = Path.GetRelativePath(DocCommand.Root, path).Replace('\\', '/');
                if (!Built().IsMatch(file))
                {
                    yield return (file, File.ReadAllLines(path));
                }
            }
        }
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex("/(bin|obj)/")]
    private static partial Regex Built();
}
