using System.CommandLine;
using System.CommandLine.Parsing;
using GpuCam.Runner.Commands;

namespace GpuCam.Runner.Ranks;

/// <summary>What several ranks make of a command.</summary>
internal enum RankUse
{
    /// <summary>All of them do it together.</summary>
    Together,

    /// <summary>Rank 0 does it, and the others have nothing to do: there is little to share, or nothing.</summary>
    First,

    /// <summary>It is for one process.</summary>
    Never,
}

/// <summary>Which command is for what.</summary>
internal static class RankUses
{
    /// <summary>By the words that lead to a command.</summary>
    public static IReadOnlyDictionary<string, RankUse> All { get; } = new Dictionary<string, RankUse>
    {
        ["devices"] = RankUse.Together,
        ["data get"] = RankUse.First,
        ["data make"] = RankUse.Together,
        ["data show"] = RankUse.First,
        ["train"] = RankUse.Together,
        ["eval"] = RankUse.Together,
        ["cam"] = RankUse.Together,
        ["serve"] = RankUse.Never,
        ["model list"] = RankUse.First,
        ["model get"] = RankUse.First,
        ["model show"] = RankUse.First,
        ["export"] = RankUse.First,
        ["experiment look-twice"] = RankUse.Together,
        ["experiment units"] = RankUse.Together,
        ["experiment transfer"] = RankUse.Together,
        ["experiment pooling"] = RankUse.Together,
        ["experiment concepts"] = RankUse.Together,
        ["compare"] = RankUse.First,
        ["report"] = RankUse.First,
        ["bench"] = RankUse.Never,      // but for --ranks
        ["completion"] = RankUse.First,
        ["selftest"] = RankUse.First,
    };

    /// <summary>What a command line that is not wrong is for.</summary>
    public static RankUse Of(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        if (parsed.Action != command.Action)
        {
            return RankUse.First;   // --help, --version
        }

        bool ofRanks = parsed.CommandResult.Children.OfType<OptionResult>()
            .Any(given => given is { Implicit: false, Option.Name: "--ranks" });
        return ofRanks ? RankUse.Together : All[CommandLine.PathOf(command)];
    }

    /// <summary>Why a command cannot be run by several ranks.</summary>
    public static Failure Refusal(ParseResult parsed) => new(
        CommandLine.BadInput,
        CommandLine.PathOf(parsed.CommandResult.Command) switch
        {
            "bench" => "bench times one process; start it without mpirun, or give --ranks to time what several do together",
            var path => $"{path} is for one process; start it without mpirun",
        });
}
