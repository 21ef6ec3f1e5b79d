using System.CommandLine;
using GpuCam.Runner.Commands;
using GpuCam.Runner.Ranks;

namespace GpuCam.Tests.Runner.Ranks;

public sealed class RankUseTests
{
    [Fact]
    public void Every_command_says_what_several_ranks_make_of_it()
    {
        IEnumerable<string> commands = Below(CommandLine.CreateRoot())
            .Where(command => command is not RootCommand && command.Subcommands.Count == 0).Select(CommandLine.PathOf);
        Assert.Equal(commands.Order(StringComparer.Ordinal), RankUses.All.Keys.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("--version", RankUse.First)]
    [InlineData("train --help", RankUse.First)]
    [InlineData("train", RankUse.Together)]
    [InlineData("completion bash", RankUse.First)]
    [InlineData("bench", RankUse.Never)]
    [InlineData("serve", RankUse.Never)]
    [InlineData("serve --help", RankUse.First)]
    public void Help_is_for_one_rank_and_work_for_all(string line, object use) =>
        Assert.Equal(use, RankUses.Of(CommandLine.Parse(line.Split(' '))));

    private static IEnumerable<Command> Below(Command command) => command.Subcommands.SelectMany(Below).Prepend(command);
}
