using System.CommandLine;
using GpuCam.Model;
using GpuCam.Runner.Commands.Help;
using GpuCam.Runner.Ranks;

namespace GpuCam.Runner.Commands;

/// <summary>The <c>gpucam</c> command line: its commands, and the exit code of everything that can happen.</summary>
public static class CommandLine
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The run failed.</summary>
    public const int Failed = 1;

    /// <summary>Bad usage or bad input.</summary>
    public const int BadInput = 2;

    /// <summary>Interrupted by the user.</summary>
    public const int Interrupted = 130;

    private static readonly (string Name, Func<Command> Create)[] s_commands =
    [
        ("devices", DevicesCommand.Create),
        ("data", DataCommand.Create),
        ("train", TrainCommand.Create),
        ("eval", EvalCommand.Create),
        ("cam", CamCommand.Create),
        ("serve", ServeCommand.Create),
        ("model", ModelCommand.Create),
        ("export", ExportCommand.Create),
        ("experiment", ExperimentCommand.Create),
        ("compare", CompareCommand.Create),
        ("report", ReportCommand.Create),
        ("bench", BenchCommand.Create),
        ("completion", CompletionCommand.Create),
        ("selftest", SelfTestCommand.Create),
    ];

    /// <summary>
    /// Parses <paramref name="args"/>, runs the command and returns the exit code; as one rank of several, where a launcher of MPI says so.
    /// </summary>
    public static Task<int> RunAsync(string[] args)
    {
        ParseResult parsed = Parse(args);
        return MpiCommunicator.Launched is { Size: not 1, Rank: var rank } ? new RankStart(parsed, rank).RunAsync() : RunAsync(parsed);
    }

    /// <summary>The same by itself, whatever started this process.</summary>
    internal static async Task<int> RunAsync(ParseResult parsed)
    {
        if (Failure.Of(parsed) is { } usage)
        {
            usage.Say(Console.Error);
            return usage.ExitCode;
        }

        try
        {
            return await InvokeAsync(parsed);
        }
        catch (Exception e) when (Failure.Of(e) is { } failure)
        {
            failure.Say(Console.Error);
            return failure.ExitCode;
        }
    }

    /// <summary>Runs the command; what goes wrong is thrown.</summary>
    internal static Task<int> InvokeAsync(ParseResult parsed) =>
        parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });

    /// <summary>
    /// Parses a command line. A word is what it is: no file of that name is read for more words. The first one mostly names a command, and
    /// what belongs to the others need not be made then.
    /// </summary>
    internal static ParseResult Parse(IReadOnlyList<string> args) => CreateRoot(args is [var first, ..] ? first : null)
        .Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });

    /// <summary>The root command with all commands below it.</summary>
    public static RootCommand CreateRoot() => CreateRoot(only: null);

    private static RootCommand CreateRoot(string? only)
    {
        var root = new RootCommand(
            "Trains a small convolutional network with global average pooling and shows, with class activation maps, where it looks.");
        bool all = !s_commands.Any(command => command.Name == only);
        foreach ((string name, Func<Command> create) in s_commands)
        {
            if (all || name == only)
            {
                root.Subcommands.Add(create());
            }
        }

        root.Directives.Clear();    // [suggest]: the scripts of gpucam completion ask for nothing
        HelpPage.Install(root);
        return root;
    }

    /// <summary>The words that lead to a command: "" for the root, "data get" for one below another.</summary>
    internal static string PathOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{PathOf(parent)} {command.Name}".TrimStart() : "";
}
