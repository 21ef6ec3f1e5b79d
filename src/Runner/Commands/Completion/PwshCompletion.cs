using System.Text;

namespace GpuCam.Runner.Commands.Completion;

/// <summary>Completion for PowerShell: tables of words; where none fits, PowerShell completes paths itself.</summary>
internal static class PwshCompletion
{
    public static void Write(StringBuilder script, IReadOnlyList<CompletionNode> nodes)
    {
        script.Lines("""
            # Completes gpucam in PowerShell. Now, or for good in $PROFILE: gpucam completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName gpucam -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                # What may follow a command, and which values an option of it may have.
                $words = @{
            """);
        foreach (CompletionNode node in nodes)
        {
            IEnumerable<string> pairs =
            [
                .. node.Commands.Select(command => Pair(command.Word, command.Description)),
                .. node.Options.SelectMany(option => option.Names.Select(name => Pair(name, option.Description))),
                .. node.Argument is { } argument ? argument.Words.Select(word => Pair(word, word)) : [],
            ];
            script.Lines($"        {Quote(node.Path)} = @({string.Join(", ", pairs)})");
        }

        script.Lines("    }\n    $values = @{");
        foreach (CompletionNode node in nodes)
        {
            foreach ((CompletionOption option, CompletionValue value) in node.Valued)
            {
                foreach (string name in option.Names)
                {
                    string words = string.Join(", ", value.Words.Select(word => Pair(word, word)));
                    script.Lines($"        {Quote($"{node.Path}|{name}")} = @({words})");
                }
            }
        }

        script.Lines("""
                }
                $before = @($commandAst.CommandElements | Where-Object { $_.Extent.EndOffset -lt $cursorPosition } | ForEach-Object { "$_" })
                $command = ''
                foreach ($word in ($before | Select-Object -Skip 1)) {
                    $longer = "$command $word".Trim()
                    if ($longer -ne $command -and $words.ContainsKey($longer)) { $command = $longer }
                }
                $option = "$command|$($before[-1])"
                $found = if ($values.ContainsKey($option)) { $values[$option] } else { $words[$command] }
                @($found) | Where-Object { $_ -and $_.Word -clike "$wordToComplete*" } | ForEach-Object {
                    [System.Management.Automation.CompletionResult]::new($_.Word, $_.Word, 'ParameterValue', $_.Meaning)
                }
            }
            """);
    }

    private static string Pair(string word, string meaning) =>
        $"@{{ Word = {Quote(word)}; Meaning = {Quote(meaning.Length > 0 ? meaning : word)} }}";

    private static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";
}
