using System.Text.RegularExpressions;
using GpuCam.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>A line that README.md, data/README.md or a file of docs/ tells its reader to type.</summary>
/// <param name="File">The file, relative to the repository.</param>
/// <param name="Number">Its line, from 1.</param>
/// <param name="Line">The line.</param>
/// <param name="Arguments">What <c>gpucam</c> gets.</param>
internal sealed partial record DocCommand(string File, int Number, string Line, string[] Arguments)
{
    /// <summary>The repository.</summary>
    public static readonly string Root = FindRoot();

    /// <summary>The documents, README.md first: what its commands leave, the others' may use.</summary>
    public static readonly IReadOnlyList<string> Documents =
        ["README.md", "data/README.md", .. Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md")
            .Select(path => $"docs/{Path.GetFileName(path)}").Order(StringComparer.Ordinal)];

    private static readonly string[] s_smallEval =
        ["--validation-count", "3", "--faithfulness-count", "3", "--score-count", "3", "--threshold-step", "0.05"];

    /// <summary>
    /// Commands that take what no test machine has are only parsed, as is one that does not end; their line says so in a comment, or names
    /// a model to fetch.
    /// </summary>
    public bool OnlyParsed => Line.Contains("needs a GPU", StringComparison.Ordinal)
        || Arguments is ["data" or "model", "get", ..] or ["serve", ..]
        || Arguments.Where((_, place) => place == 0 || Arguments[place - 1] != "--onnx").Any(word =>
            word.EndsWith(".onnx", StringComparison.Ordinal) || ModelSource.Known.Any(model => model.Name == word));

    /// <summary>All commands of all documents, in their order.</summary>
    public static IReadOnlyList<DocCommand> All() => [.. Documents.SelectMany(Of)];

    /// <summary>The lines of a document.</summary>
    public static string[] LinesOf(string document) => System.IO.File.ReadAllLines(Path.Combine(Root, document));

    /// <summary>
    /// The same command on a small scale: what costs time gets tiny values, whatever the line says; what the line is about
    /// stays. A folder of samples keeps its size.
    /// </summary>
    public string[] Shrunk()
    {
        bool folder = Arguments.Contains("--data");
        return Arguments switch
        {
            ["train", ..] when Arguments.Contains("--resume") => [.. Arguments, "--threads", "1"],
            ["train", ..] => TinyRun.Override(Without("--epochs"), folder ? ["--digits", "--size", "--distractors", "--canvas"] : []),
            ["eval", ..] => With([.. s_smallEval, .. folder ? (string[])["--count", "3"] : ["--count", "20", "--digits", "synthetic"]]),
            ["data", "make", ..] => With(["--count", "20", "--digits", "synthetic", "--size", "32"]),
            ["experiment", "transfer", ..] => With(["--digits", "synthetic", "--count", "20", "--train-images", "20", "--epochs", "1",
                .. Arguments.Contains("--clutter") ? ["--clutter", "synthetic"] : (string[])[]]),
            ["experiment", ..] => With(["--digits", "synthetic", "--count", "20"]),
            ["bench", ..] => With(["--seconds", "0.001"]),
            _ => Arguments,
        };
    }

    /// <summary>Where it stands and what it says, for whoever has to mend it.</summary>
    public override string ToString() => $"{File}:{Number}: {Line.Trim()}";

    private static IEnumerable<DocCommand> Of(string document)
    {
        string? fence = null;
        string[] lines = LinesOf(document);
        for (int i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("```", StringComparison.Ordinal))
            {
                fence = fence is null ? lines[i] : null;
            }
            else if ((fence is not null || lines[i].StartsWith("    ", StringComparison.Ordinal)) && Typed()
                .Match(lines[i]) is { Success: true } match)
            {
                yield return new DocCommand(document, i + 1, lines[i], Words(match.Groups["arguments"].Value));
            }
        }
    }

    /// <summary>Words up to a comment; quotes hold words together.</summary>
    private static string[] Words(string text) =>
        [.. Word().Matches(text).Select(match => match.Value).TakeWhile(word => word is not ['#', ..] and not ("|" or ">" or "&&"))
            .Select(word => word.Trim('\'', '"'))];

    private string[] With(string[] options) => [.. TinyRun.Merge([.. Arguments], options)];

    private string[] Without(string option)
    {
        int at = Array.IndexOf(Arguments, option);
        return at < 0 ? Arguments : [.. Arguments[..at], .. Arguments[(at + 2)..]];
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !System.IO.File.Exists(Path.Combine(folder, "GpuCam.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests lie in no clone of the repository");
    }

    [GeneratedRegex(@"^\s*(\$ )?(\w+=\S+ )*(gpucam|dotnet run --project src/Runner -c Release( --no-build)? --)(?<arguments> .*)$")]
    private static partial Regex Typed();

    [GeneratedRegex("""'[^']*'|"[^"]*"|\S+""")]
    private static partial Regex Word();
}
