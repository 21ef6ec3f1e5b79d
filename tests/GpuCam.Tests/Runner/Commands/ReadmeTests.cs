using System.CommandLine;
using System.Text.RegularExpressions;
using GpuCam.Runner;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>
/// What README.md, data/README.md and docs/ promise: their commands run in their order, their options exist, their links lead
/// somewhere, and a run leaves what is listed. Who writes there finds in <see cref="DocCommand"/> what is run how.
/// </summary>
public sealed partial class ReadmeTests : IDisposable
{
    /// <summary>Options of dotnet, pip and others that a document may name.</summary>
    private static readonly string[] s_foreignOptions =
        ["--project", "--no-build", "--tool-path", "--add-source", "--global", "--filter", "--verify-no-changes", "--help", "--version",
        "--gpus", "--variant", "--include", "--no-install-recommends", "--bind", "--mca", "--map-by", "--bind-to", "--hostfile",
        "--oversubscribe", "--mpi", "--nodes", "--ntasks-per-node", "--gpus-per-node", "--cpus-per-task", "--time"];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// They run in one temporary folder, the README's first, small: see <see cref="DocCommand.Shrunk"/>. What they leave,
    /// those after them may use.
    /// </summary>
    [Fact]
    public void The_commands_run_in_their_order()
    {
        IReadOnlyList<DocCommand> commands = DocCommand.All();
        Assert.True(commands.Count(command => command.File == "README.md") >= 7, "README.md has lost its commands");
        (DocCommand Command, string[] Arguments)[] run =
            [.. commands.Where(command => !command.OnlyParsed).Select(command => (command, command.Shrunk()))];
        IEnumerable<Outcome> outcomes = Gpucam.Session(_folder.Path, run.Select(one => one.Arguments));
        foreach (((DocCommand command, string[] arguments), Outcome outcome) in run.Zip(outcomes))
        {
            Assert.True(outcome.ExitCode == CommandLine.Done,
                $"{command}\nrun as: gpucam {string.Join(' ', arguments)}\nended with exit code "
                    + $"{outcome.ExitCode}:\n{outcome.Errors}{outcome.Output}");
            if (command is { File: "README.md", Arguments: ["train"] })
            {
                AssertHoldsWhatIsListed(Assert.Single(Directory.EnumerateDirectories(_folder["runs"], "2*")));
            }
        }
    }

    [Fact]
    public void Every_command_is_one_that_the_parser_understands()
    {
        RootCommand root = CommandLine.CreateRoot();
        foreach (DocCommand command in DocCommand.All())
        {
            ParseResult parsed = root.Parse(command.Arguments);
            Assert.True(parsed.Errors.Count == 0, $"{command}\n{string.Join('\n', parsed.Errors.Select(error => error.Message))}");
            Assert.True(parsed.UnmatchedTokens.Count == 0, $"{command}\nnot understood: {string.Join(' ', parsed.UnmatchedTokens)}");
        }
    }

    [Fact]
    public void Every_option_and_every_command_that_is_named_exists()
    {
        RootCommand root = CommandLine.CreateRoot();
        HashSet<string> known = [.. All(root).SelectMany(command => command.Options)
            .SelectMany(option => option.Aliases.Prepend(option.Name)), .. s_foreignOptions];
        foreach ((string where, string line) in AllLines())
        {
            foreach (Match option in Option().Matches(line))
            {
                Assert.True(known.Contains(option.Value), $"{where} names {option.Value}, which no command has:\n{line}");
            }

            foreach (Match quoted in QuotedCommand().Matches(line))
            {
                ParseResult parsed = root.Parse(quoted.Groups[1].Value);
                bool understood = parsed.CommandResult.Command != root && parsed.UnmatchedTokens.Count == 0;
                Assert.True(understood || quoted.Groups[1].Value.StartsWith("--", StringComparison.Ordinal),
                    $"{where} names {quoted.Value}, which is no command:\n{line}");
            }
        }
    }

    [Fact]
    public void Every_link_to_a_file_leads_to_one()
    {
        foreach ((string where, string line) in AllLines())
        {
            string folder = Path.GetDirectoryName(where)!;
            foreach (string target in Link().Matches(line).Select(match => match.Groups[1].Value.Split('#')[0])
                .Where(target => target.Length > 0 && !target.Contains(':')))
            {
                Assert.True(
                    Path.Exists(Path.Combine(DocCommand.Root, folder, target)), $"{where} links to {target}, which is not there:\n{line}");
            }
        }
    }

    [Fact]
    public void Every_document_is_in_the_index_of_the_readme_and_in_that_of_the_site()
    {
        string readme = string.Join('\n', DocCommand.LinesOf("README.md"));
        string[] site = DocCommand.LinesOf("docs/toc.yml");
        foreach (string document in DocCommand.Documents.Skip(1))
        {
            Assert.True(readme.Contains($"]({document})", StringComparison.Ordinal), $"README.md has no link to {document}");
            Assert.Contains($"href: {Path.GetRelativePath("docs", document)}", site.Select(line => line.Trim()));
        }
    }

    private static IEnumerable<(string Where, string Line)> AllLines() =>
        DocCommand.Documents.SelectMany(document => DocCommand.LinesOf(document).Select((line, i) => ($"{document}:{i + 1}", line)));

    private static void AssertHoldsWhatIsListed(string run)
    {
        Assert.Matches(@"^\d{4}-\d\d-\d\d-\d{6}$", Path.GetFileName(run));
        string[] listed = [.. DocCommand.LinesOf("README.md").SkipWhile(line => line != "## What a run leaves behind").Skip(1)
            .SkipWhile(line => !line.StartsWith("    ", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith("    ", StringComparison.Ordinal))
            .SelectMany(line => line.Trim().Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
                .TakeWhile(name => FileName().IsMatch(name)))];
        Assert.Contains("accuracy.svg", listed);
        Assert.Contains("best.safetensors", listed);
        foreach (string name in listed)
        {
            Assert.True(Path.Exists(Path.Combine(run, name)), $"the run left no {name}");
        }

        Assert.True(File.Exists(Path.Combine(run, "img_1", "input.png")));
        IEnumerable<string> others = Directory.EnumerateFileSystemEntries(run).Select(path => Path.GetFileName(path))
            .Except(listed.Select(name => name.TrimEnd('/'))).Except([FolderLock.FileName]);
        Assert.Equal(["img_1"], others);
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex("`gpucam ([^`]+)`")]
    private static partial Regex QuotedCommand();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^([\w.]+\.[a-z]+|[\w]+/)$")]
    private static partial Regex FileName();
}
