using System.Text;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>Completion for fish: a line for each option of each command.</summary>
internal static class FishCompletion
{
    public static void Write(StringBuilder script, IReadOnlyList<CompletionNode> nodes)
    {
        string commands = string.Join(' ', nodes.SelectMany(node => node.Commands.Select(command => Quote($"{node.Path} {command.Word}"))));
        script.Lines($$"""
            # Completes gpucam in fish. Now: gpucam completion fish | source
            # For good: gpucam completion fish > ~/.config/fish/completions/gpucam.fish
            function __gpucam_at
                set -l command ''
                for word in (commandline -opc)[2..-1]
                    switch "$command $word"
                        case {{commands}}
                            set command (string trim -- "$command $word")
                    end
                end
                test "$command" = "$argv[1]"
            end
            complete -c gpucam -e
            complete -c gpucam -f
            """);
        foreach (CompletionNode node in nodes)
        {
            string start = $"complete -c gpucam -n {Quote($"__gpucam_at \"{node.Path}\"")}";
            foreach (CompletionWord command in node.Commands)
            {
                script.Lines($"{start} -a {command.Word} -d {Quote(command.Description)}");
            }

            if (node.Argument is { } argument)
            {
                script.Lines(start + (argument.Paths == PathKind.File && argument.Words.Count == 0 ? " -F" : $" -a {Words(argument)}"));
            }

            foreach (CompletionOption option in node.Options)
            {
                string names = string.Concat(
                    option.Names.Select(name => name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}"));
                string value = option.Value switch
                {
                    null => "",
                    { Words.Count: 0, Paths: PathKind.File } => " -r -F",
                    { Words.Count: 0, Paths: PathKind.None } => " -x",
                    var known => $" -x -a {Words(known)}",
                };
                script.Lines($"{start}{names}{value} -d {Quote(option.Description)}");
            }
        }
    }

    private static string Words(CompletionValue value) =>
        value.Words.Count > 0 ? Quote(string.Join(' ', value.Words)) : value.Paths == PathKind.Folder
            ? "'(__fish_complete_directories)'"
            : "''";

    private static string Quote(string text) =>
        $"'{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'";
}
