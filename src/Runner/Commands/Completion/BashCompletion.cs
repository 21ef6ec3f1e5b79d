using System.Text;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>Completion for bash 4 and later: one function, without the bash-completion package.</summary>
internal static class BashCompletion
{
    public static void Write(StringBuilder script, IReadOnlyList<CompletionNode> nodes)
    {
        script.Lines("""
            # Completes gpucam in bash. Now: source <(gpucam completion bash)
            # For good: gpucam completion bash > ~/.local/share/bash-completion/completions/gpucam, or the line above in ~/.bashrc.
            _gpucam() {
              local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= words= paths= i
              COMPREPLY=()
            """);
        script.CommandAndValues(nodes, "COMP_WORDS", 1, "COMP_CWORD", Value);
        script.Lines("    *)\n      case $command in");
        foreach (CompletionNode node in nodes)
        {
            string options = string.Join(' ', node.Options.SelectMany(option => option.Names));
            string following = node.Argument is { } argument
                ? Value(argument)
                : $"words={CompletionScript.Quote(string.Join(' ', node.Commands.Select(command => command.Word)))}";
            script.Lines($"        {CompletionScript.Quote(node.Path)}) if [[ $cur == -* ]]; then "
                + $"words={CompletionScript.Quote(options)}; else {following}; fi ;;");
        }

        script.Lines("""
                  esac ;;
              esac
              [[ $words ]] && mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
              if [[ $paths ]]; then
                # Outside of a completion, as in a test, there is nothing to set the option on.
                compopt -o filenames 2>/dev/null || true
                mapfile -t COMPREPLY < <(compgen "$paths" -- "$cur")
              fi
              return 0
            }
            complete -F _gpucam gpucam
            """);
    }

    private static string Value(CompletionValue value) => (value.Words, value.Paths) switch
    {
        ({ Count: > 0 }, _) => $"words={CompletionScript.Quote(string.Join(' ', value.Words))}",
        (_, PathKind.File) => "paths=-f",
        (_, PathKind.Folder) => "paths=-d",
        _ => ":",
    };
}
