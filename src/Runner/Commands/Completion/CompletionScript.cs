using System.Text;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>
/// Scripts that complete gpucam's command line in a shell. They hold everything they need: no start of gpucam at a press of
/// Tab, no package of completions.
/// </summary>
internal static class CompletionScript
{
    /// <summary>The shells there are scripts for.</summary>
    public static readonly string[] Shells = ["bash", "zsh", "fish", "pwsh"];

    /// <summary>The script for <paramref name="shell"/>, or an error that lists the shells.</summary>
    public static string Create(string shell, IReadOnlyList<CompletionNode> nodes)
    {
        var script = new StringBuilder();
        Action<StringBuilder, IReadOnlyList<CompletionNode>> write = shell switch
        {
            "bash" => BashCompletion.Write,
            "zsh" => ZshCompletion.Write,
            "fish" => FishCompletion.Write,
            "pwsh" => PwshCompletion.Write,
            _ => throw new GpuCamException($"there is no completion for the shell '{shell}'; choose one of {string.Join(", ", Shells)}"),
        };
        write(script, nodes);
        return script.ToString();
    }

    /// <summary>
    /// The part that bash and zsh share: finds the command among the words before the cursor, and begins a <c>case</c> of
    /// "COMMAND|OPTION" with what completes each option's value.
    /// </summary>
    /// <param name="script">Where to.</param>
    /// <param name="nodes">The commands.</param>
    /// <param name="words">The shell's array of words.</param>
    /// <param name="first">Index of the first word behind the program's name.</param>
    /// <param name="current">The shell's index of the word that is completed.</param>
    /// <param name="complete">The shell's code that completes a value.</param>
    public static void CommandAndValues(
        this StringBuilder script, IReadOnlyList<CompletionNode> nodes, string words, int first, string current,
        Func<CompletionValue, string> complete)
    {
        string commands =
            string.Join(" | ", nodes.SelectMany(node => node.Commands.Select(command => Quote($"{node.Path} {command.Word}"))));
        script.Lines($$"""
              for ((i = {{first}}; i < {{current}}; i++)); do
                case "$command ${{{words}}[i]}" in
                  {{commands}}) command=${command:+$command }${{{words}}[i]} ;;
                esac
              done
              case "$command|$prev" in
            """);
        foreach (CompletionNode node in nodes)
        {
            foreach ((CompletionOption option, CompletionValue value) in node.Valued)
            {
                string names = string.Join(" | ", option.Names.Select(name => Quote($"{node.Path}|{name}")));
                script.Lines($"    {names}) {complete(value)} ;;");
            }
        }
    }

    /// <summary>A text as one word of a POSIX shell.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Appends lines, each ended by a line feed alone, whatever the system.</summary>
    public static void Lines(this StringBuilder script, string text) => script.Append(text.ReplaceLineEndings("\n")).Append('\n');
}
