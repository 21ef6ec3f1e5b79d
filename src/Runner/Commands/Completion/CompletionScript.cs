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

    /// <summary>The pattern of a <c>case</c> that matches "COMMAND WORD" wherever WORD is a command below COMMAND, in sh's words.</summary>
    public static string CommandPattern(IReadOnlyList<CompletionNode> nodes) =>
        string.Join(" | ", nodes.SelectMany(node => node.Commands.Select(command => Quote($"{node.Path} {command.Word}"))));

    /// <summary>The pattern of a <c>case</c> that matches "COMMAND|OPTION" for all names of an option.</summary>
    public static string OptionPattern(CompletionNode node, CompletionOption option) =>
        string.Join(" | ", option.Names.Select(name => Quote($"{node.Path}|{name}")));

    /// <summary>A text as one word of a POSIX shell.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    /// <summary>Appends lines, each ended by a line feed alone, whatever the system.</summary>
    public static void Lines(this StringBuilder script, string text) => script.Append(text.ReplaceLineEndings("\n")).Append('\n');
}
