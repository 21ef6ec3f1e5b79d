using System.CommandLine;
using GpuCam.Runner.Commands.Completion;

namespace GpuCam.Runner.Commands;

/// <summary><c>gpucam completion</c>: prints a script that completes commands, options and their values in a shell.</summary>
internal static class CompletionCommand
{
    public static Command Create()
    {
        var shell =
            new Argument<string>("SHELL")
            {
                Description = $"{string.Join(", ", CompletionScript.Shells.SkipLast(1))} or "
                + $"{CompletionScript.Shells[^1]}", HelpName = "SHELL"
            };
        shell.CompletionSources.Add(CompletionScript.Shells);
        var command =
            new Command("completion", "Print a script for your shell that completes commands, options and values with Tab.") { shell };
        command.SetAction(parsed =>
        {
            IReadOnlyList<CompletionNode> nodes = CompletionNode.All(CommandLine.CreateRoot());
            Console.Out.Write(CompletionScript.Create(parsed.GetRequiredValue(shell), nodes));
            return CommandLine.Done;
        });
        return command;
    }
}
