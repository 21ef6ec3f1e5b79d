using System.CommandLine;
using System.Text.RegularExpressions;
using GpuCam.Runner.Commands;
using GpuCam.Tests.Runner.Data;

namespace GpuCam.Tests.Runner.Commands;

/// <summary>What the README promises: its commands run in their order, its options exist, and a run leaves what it lists.</summary>
[Collection(CommandsGroup.Name)]
public sealed partial class ReadmeTests : IDisposable
{
    private static readonly string s_root = FindRoot();
    private static readonly string[] s_lines = File.ReadAllLines(Path.Combine(s_root, "README.md"));
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>
    /// The commands run as processes, in a temporary folder; only their size is changed: training gets the tiny settings that the
    /// line itself does not give, and whatever else reads digits draws its own.
    /// </summary>
    [Fact]
    public void The_commands_run_in_their_order()
    {
        string[][] commands = [.. Block(null).Concat(Block("## Then")).Select(CommandOf).OfType<string[]>()];
        Assert.Equal(7, commands.Length);
        foreach (string[] command in commands)
        {
            string[] small = command switch
            {
                ["train", ..] when command.Contains("--resume") => [.. command, "--threads", "1"],
                ["train", ..] => TinyRun.Shrink(command),
                ["eval", ..] => [.. command, "--digits", "synthetic", "--count", "20"],
                ["data", "make", ..] => [.. command, "--digits", "synthetic", "--size", "32"],
                _ => command,
            };
            Gpucam.Run(_folder.Path, small).Succeeded();
        }

        string run = Assert.Single(Directory.EnumerateDirectories(_folder["runs"], "2*"));
        Assert.Matches(@"^\d{4}-\d\d-\d\d-\d{6}$", Path.GetFileName(run));
        AssertHoldsWhatIsListed(run);
    }

    [Fact]
    public void Every_option_and_every_command_that_it_names_exists()
    {
        RootCommand root = CommandLine.CreateRoot();
        string[] known = [.. All(root).SelectMany(command => command.Options).SelectMany(option => option.Aliases.Prepend(option.Name)), "--help", "--project"];
        string[] named = [.. s_lines.SelectMany(line => Option().Matches(line)).Select(match => match.Value).Distinct()];
        Assert.NotEmpty(named);
        Assert.Empty(named.Except(known));

        foreach (Match quoted in s_lines.SelectMany(line => QuotedCommand().Matches(line)))
        {
            ParseResult parsed = root.Parse(quoted.Groups[1].Value);
            Assert.NotSame(root, parsed.CommandResult.Command);
            Assert.Empty(parsed.UnmatchedTokens);
        }
    }

    private static void AssertHoldsWhatIsListed(string run)
    {
        string[] listed = [.. Block("## What a run leaves behind").Skip(1)
            .SelectMany(line => line.Trim().Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).TakeWhile(name => FileName().IsMatch(name)))];
        Assert.Contains("accuracy.svg", listed);
        Assert.Contains("best.safetensors", listed);
        foreach (string name in listed)
            Assert.True(Path.Exists(Path.Combine(run, name)), $"the run left no {name}");
        Assert.True(File.Exists(Path.Combine(run, "img_1", "input.png")));
        IEnumerable<string> others = Directory.EnumerateFileSystemEntries(run).Select(path => Path.GetFileName(path)).Except(listed.Select(name => name.TrimEnd('/')));
        Assert.Equal(["img_1"], others);
    }

    /// <summary>Lines indented by four spaces: below that heading, or above the first.</summary>
    private static IEnumerable<string> Block(string? heading)
    {
        IEnumerable<string> section = heading is null ? s_lines.SkipWhile(line => line.StartsWith('#')) : s_lines.SkipWhile(line => line != heading).Skip(1);
        return section.TakeWhile(line => !line.StartsWith("## ", StringComparison.Ordinal)).Where(line => line.StartsWith("    ", StringComparison.Ordinal));
    }

    /// <summary>Arguments for <c>gpucam</c>; null for a line that is none of its commands.</summary>
    private static string[]? CommandOf(string line)
    {
        string[] words = line.Split("  #")[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        switch (words)
        {
            case ["gpucam()", ..]:      // the function that the lines below it call
                Assert.Equal("gpucam() { dotnet run --project src/Runner -c Release -- \"$@\"; }", string.Join(' ', words));
                return null;
            case ["dotnet", "test", var tests, "-c", "Release"]:        // runs this
                Assert.True(File.Exists(Path.Combine(s_root, tests, "GpuCam.Tests.csproj")));
                return null;
            case ["dotnet", "run", "--project", var project, "-c", "Release", "--", .. var arguments]:
                Assert.True(File.Exists(Path.Combine(s_root, project, "Runner.csproj")));
                return arguments;
            case ["gpucam", .. var arguments]:
                return arguments;
            default:
                Assert.Fail($"README.md has a command that this test does not know: {line}");
                return null;
        }
    }

    private static IEnumerable<Command> All(Command command) => command.Subcommands.SelectMany(All).Prepend(command);

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "GpuCam.sln")))
            folder = Path.GetDirectoryName(folder);
        return folder ?? throw new InvalidOperationException("the tests lie in no clone of the repository");
    }

    [GeneratedRegex(@"(?<![\w-])--[a-z][a-z-]*")]
    private static partial Regex Option();

    [GeneratedRegex("`gpucam ([^`]+)`")]
    private static partial Regex QuotedCommand();

    [GeneratedRegex(@"^([\w.]+\.[a-z]+|[\w]+/)$")]
    private static partial Regex FileName();
}
