using System.CommandLine;
using GpuCam.Runner.Commands;

namespace GpuCam.Tests.Runner.Commands;

public class FirstWordTests
{
    private static readonly string[] s_names = [.. CommandLine.CreateRoot().Subcommands.Select(command => command.Name)];

    [Fact]
    public void A_command_is_made_alone_where_the_first_word_names_it()
    {
        foreach (string name in s_names)
        {
            ParseResult parsed = CommandLine.Parse([name, "--help"]);
            Assert.Equal([name], ((Command)parsed.RootCommandResult.Command).Subcommands.Select(command => command.Name));
            Assert.Equal(name, parsed.CommandResult.Command.Name);
        }
    }

    [Theory]
    [InlineData("came")]
    [InlineData("--help")]
    [InlineData("")]
    public void Any_other_word_is_looked_for_among_all(string word) =>
        Assert.Equal(s_names, CommandLine.Parse([word]).RootCommandResult.Command.Subcommands.Select(command => command.Name));
}
