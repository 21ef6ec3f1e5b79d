using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>The code that documents show compiles, and what the samples name is what this repository makes.</summary>
public sealed partial class LibraryDocumentTests
{
    private const string Tasks = "tests/GpuCam.Tests/Model/Explaining/DocumentedTasks.cs";

    [Theory]
    [InlineData("README.md", 1)]
    [InlineData("docs/library.md", 8)]
    [InlineData("src/Model/README.md", 1)]
    [InlineData("src/Kernels/README.md", 1)]
    public void Code_in_a_document_stands_in_a_file_that_is_compiled(string document, int least)
    {
        string compiled = Unindented(Read(Tasks));
        MatchCollection blocks = CSharp().Matches(Read(document));
        Assert.True(blocks.Count >= least, $"{document} has lost code");
        foreach (Match block in blocks)
        {
            string code = Unindented(block.Groups[1].Value).Replace("using GpuCam.Model;\n\n", "", StringComparison.Ordinal);
            Assert.True(compiled.Contains(code, StringComparison.Ordinal), $"{document} shows what is not in {Tasks}:\n{code}");
        }
    }

    [Fact]
    public void Samples_name_the_version_that_is_built_and_the_image_library_that_is_used()
    {
        string version = Xml("Directory.Build.props").Descendants("VersionPrefix").Single().Value;
        string images = Xml("Directory.Packages.props").Descendants("PackageVersion")
            .Single(package => (string?)package.Attribute("Include") == "SixLabors.ImageSharp").Attribute("Version")!.Value;
        (string, string)[] wanted = [("GpuCam.Model", version), ("SixLabors.ImageSharp", images)];
        foreach (string project in (string[])["samples/Console/Console.csproj", "samples/Endpoint/Endpoint.csproj"])
        {
            Assert.Equal(wanted, Xml(project).Descendants("PackageReference")
                .Select(package => (package.Attribute("Include")!.Value, package.Attribute("Version")!.Value)));
        }

        MatchCollection lines = PackageLine().Matches(Read("samples/explain.cs"));
        Assert.Equal(wanted, lines.Select(line => (line.Groups[1].Value, line.Groups[2].Value)));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(DocCommand.Root, file)).ReplaceLineEndings("\n");

    private static XDocument Xml(string file) => XDocument.Load(Path.Combine(DocCommand.Root, file));

    private static string Unindented(string code) => string.Join('\n', code.Trim().Split('\n').Select(line => line.Trim()));

    [GeneratedRegex("```csharp\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex CSharp();

    [GeneratedRegex(@"^#:package (\S+)@(\S+)$", RegexOptions.Multiline)]
    private static partial Regex PackageLine();
}
