using System.Text.RegularExpressions;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>An instruction as it stands in the text.</summary>
/// <param name="Line">Its line.</param>
/// <param name="Text">All of it, white space made single.</param>
/// <param name="Guard">The predicate that decides which threads execute it; null for all.</param>
/// <param name="GuardNegated">Whether those execute it whose predicate is false.</param>
/// <param name="Parts">The opcode, cut at its dots.</param>
/// <param name="Operands">What stands between commas; brackets and braces hold together.</param>
internal sealed partial record PtxStatement(
    int Line, string Text, string? Guard, bool GuardNegated, IReadOnlyList<string> Parts, IReadOnlyList<string> Operands)
{
    /// <summary>Takes apart what stood before a semicolon.</summary>
    public static PtxStatement Parse(int line, string text)
    {
        string clean = Space().Replace(text, " ").Trim();
        Match match = Shape().Match(clean);
        if (!match.Success)
        {
            throw new MachineFault($"line {line}: '{clean}' is no instruction");
        }

        string guard = match.Groups["guard"].Value;
        return new PtxStatement(
            line, clean, guard.Length == 0 ? null : guard, match.Groups["not"].Length > 0, match.Groups["opcode"].Value.Split('.'),
            Cut(match.Groups["operands"].Value));
    }

    /// <summary>The operands of <c>{a, b}</c>, or the operand itself.</summary>
    public static IReadOnlyList<string> Elements(string operand) =>
        operand.StartsWith('{') ? Cut(operand.Trim('{', '}')) : [operand];

    /// <summary>Cuts at the commas that stand in no bracket.</summary>
    private static List<string> Cut(string list)
    {
        var parts = new List<string>();
        int depth = 0, start = 0;
        for (int i = 0; i <= list.Length; i++)
        {
            char c = i == list.Length ? ',' : list[i];
            depth += c is '{' or '[' or '(' ? 1 : c is '}' or ']' or ')' ? -1 : 0;
            if (c == ',' && depth == 0)
            {
                parts.Add(list[start..i].Trim());
                start = i + 1;
            }
        }

        return list.Trim().Length == 0 ? [] : parts;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();

    [GeneratedRegex(@"^(@(?<not>!)?(?<guard>[%\w$]+) )?(?<opcode>[a-z][\w.:]*)( (?<operands>.*))?$")]
    private static partial Regex Shape();
}
