using System.Text;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>Completion for zsh: a function for a folder in <c>fpath</c>, which also works when it is sourced.</summary>
internal static class ZshCompletion
{
    public static void Write(StringBuilder script, IReadOnlyList<CompletionNode> nodes)
    {
        script.Lines("""
            #compdef gpucam
            # Completes gpucam in zsh. Now: source <(gpucam completion zsh)
            # For good: gpucam completion zsh > ~/.zfunc/_gpucam, with 'fpath+=~/.zfunc' before compinit in ~/.zshrc.
            _gpucam() {
              local command= prev=${words[CURRENT-1]}
              local -i i
              local -a commands options
            """);
        script.CommandAndValues(nodes, "words", 2, "CURRENT", value => $"{Value(value)}; return");
        script.Lines("  esac\n  case $command in");
        foreach (CompletionNode node in nodes)
        {
            string options =
                string.Join(' ', node.Options.SelectMany(option => option.Names.Select(name => Described(name, option.Description))));
            string commands = string.Join(' ', node.Commands.Select(command => Described(command.Word, command.Description)));
            string argument = node.Argument is { } value ? $"; [[ $PREFIX == -* ]] || {Value(value)}" : "";
            script.Lines($"    {CompletionScript.Quote(node.Path)}) options=({options}); commands=({commands}){argument} ;;");
        }

        script.Lines("""
              esac
              if [[ $PREFIX == -* ]]; then
                _describe -o option options
              elif (( $#commands )); then
                _describe command commands
              fi
            }
            if [[ ${funcstack[1]} == _gpucam ]]; then _gpucam "$@"; else compdef _gpucam gpucam; fi
            """);
    }

    private static string Described(string word, string description) =>
        CompletionScript.Quote($"{word}:{description.Replace(":", "\\:", StringComparison.Ordinal)}");

    private static string Value(CompletionValue value) => (value.Words, value.Paths) switch
    {
        ({ Count: > 0 }, _) => $"compadd -- {string.Join(' ', value.Words.Select(CompletionScript.Quote))}",
        (_, PathKind.File) => "_files",
        (_, PathKind.Folder) => "_files -/",
        _ => "_message 'a value'",
    };
}
