using System.CommandLine;
using System.Text.Json.Nodes;
using GpuCam.Runner;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Commands.Help;
using GpuCam.Runner.Training;

namespace GpuCam.Tests.Runner.Commands;

public sealed class HelpTests
{
    private const string Launcher = "mpirun -n 4 ";
    private static readonly RootCommand s_root = CommandLine.CreateRoot();

    /// <summary>Paths of the commands that do something, "" for the root among them.</summary>
    public static TheoryData<string> Commands =>
        [.. Below(s_root).Where(command => command is RootCommand || command.Subcommands.Count == 0).Select(CommandLine.PathOf)];

    [Theory]
    [MemberData(nameof(Commands))]
    public void Every_command_shows_examples_that_its_parser_understands(string path)
    {
        string help = Gpucam.Call([.. path.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"]).Succeeded().Output;
        string[] lines = [.. help.Split('\n').SkipWhile(line => line != "Examples:").Skip(1)
            .Where(line => line.StartsWith("  gpucam ", StringComparison.Ordinal)
                || line.StartsWith("  " + Launcher, StringComparison.Ordinal))];
        Assert.Equal(CommandExamples.Of(path).Select(example => "  " + example.Line), lines);
        Assert.InRange(lines.Length, 2, 6);
        foreach (string line in lines)
        {
            ParseResult parsed = s_root.Parse(line.Trim().Replace(Launcher, "", StringComparison.Ordinal)["gpucam ".Length..]);
            Assert.Empty(parsed.Errors);
            Assert.Empty(parsed.UnmatchedTokens);
            if (path.Length > 0)
            {
                Assert.Equal(path, CommandLine.PathOf(parsed.CommandResult.Command));
            }
        }
    }

    [Fact]
    public void Every_option_argument_and_command_says_what_it_is()
    {
        foreach (Command command in Below(s_root))
        {
            foreach (Symbol symbol in command.Options.Cast<Symbol>().Concat(command.Arguments).Prepend(command))
            {
                Assert.False(
                    string.IsNullOrWhiteSpace(symbol.Description), $"{CommandLine.PathOf(command)} {symbol.Name} has no description");
            }

            foreach (Option option in command.Options.Where(option => option.ValueType != typeof(bool) && option.ValueType != typeof(void)))
            {
                Assert.False(option.HelpName is null, $"{CommandLine.PathOf(command)} {option.Name} has no name for its value");
            }
        }
    }

    [Fact]
    public void Help_of_train_shows_what_each_preset_sets()
    {
        string[] lines = Gpucam.Call("train", "--help").Succeeded().Output.Split('\n');
        string[] steps = Assert.Single(
            lines, line => line.StartsWith("  --steps ", StringComparison.Ordinal) && !line.Contains('<', StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(Presets.Names.Select(name => Presets.Get(name).Steps is > 0 and var count ? $"{count}" : "-"), steps.Skip(1));
    }

    [Fact]
    public void The_table_of_presets_has_every_setting_that_an_option_sets()
    {
        int settings = JsonNode.Parse(RunnerJson.Line(Presets.Get("quick")))!.AsObject().Count;
        Command train = s_root.Subcommands.Single(command => command.Name == "train");
        // The row of names is the presets'; no option sets classifier_bias, epoch and warm_up, and one sets augment and augmentation.
        Assert.Equal(settings - 4, PresetTable.Rows(train).Count);
    }

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
}
