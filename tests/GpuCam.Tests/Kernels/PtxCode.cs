using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// What can be read off a kernel's PTX: its hot loop, the instructions in it, and shared memory. Registers are the assembler's to say
/// (<see cref="Ptxas"/>): PTX numbers values, as many as it likes.
/// </summary>
internal sealed partial class PtxCode
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = [];

    public PtxCode(string ptx)
    {
        foreach (Match match in SharedMemory().Matches(ptx))
        {
            SharedBytes += int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
        }

        foreach (string line in ptx.Split('\n').Select(line => line.Trim()))
        {
            if (line.EndsWith(':'))
            {
                _labels[line[..^1]] = _instructions.Count;
            }
            else if (Operation().Match(line) is { Success: true } match)
            {
                _instructions.Add(new Instruction(match.Groups["guard"].Value, match.Groups["name"].Value, match.Groups["operands"].Value));
            }
        }

        (int start, int end) = HotLoop();
        Instruction[] hot = [.. _instructions.Take(start..end)];
        var products =
            new HashSet<string>(hot.Where(i => i.Name.StartsWith("mul.", StringComparison.Ordinal) && i.IsFloat).SelectMany(i => i.Writes));
        MultiplyAdds = hot.Count(i => i.IsFloat && (i.Name.StartsWith("fma.", StringComparison.Ordinal) ||
            (i.Name.StartsWith("add.", StringComparison.Ordinal) && i.Reads.Any(products.Contains))));
        SharedLoads = hot.Count(i => i.Name.StartsWith("ld.shared", StringComparison.Ordinal));
        SharedWords = hot.Where(i => i.Name.StartsWith("ld.shared", StringComparison.Ordinal)).Sum(i => i.Writes.Length);
        GlobalLoads = hot.Count(i => i.Name.StartsWith("ld.global", StringComparison.Ordinal));
        Branches = hot.Count(i => i.Name.StartsWith("bra", StringComparison.Ordinal));
    }

    /// <summary>
    /// Multiply-adds of the hot loop: an fma, or a mul whose result an add takes, which the assembler makes one instruction.
    /// </summary>
    public int MultiplyAdds { get; }

    /// <summary>Load instructions from shared memory in the hot loop.</summary>
    public int SharedLoads { get; }

    /// <summary>Words that these load.</summary>
    public int SharedWords { get; }

    /// <summary>Load instructions from global memory in the hot loop.</summary>
    public int GlobalLoads { get; }

    /// <summary>Branches in the hot loop, its own two included.</summary>
    public int Branches { get; }

    /// <summary>Shared memory of a group, in bytes.</summary>
    public int SharedBytes { get; }

    [GeneratedRegex(@"^\s*\.shared\s.*\[(\d+)\];", RegexOptions.Multiline)]
    private static partial Regex SharedMemory();

    [GeneratedRegex(@"^(@(?<guard>!?%p\d+)\s+)?(?<name>[a-z][a-z0-9_.]*)(\s+(?<operands>[^;]*))?;")]
    private static partial Regex Operation();

    [GeneratedRegex(@"%[a-z]+\d+")]
    private static partial Regex Register();

    /// <summary>
    /// The innermost loop that loads anything and has the most multiply-adds, of equals the one with the most loads; ILGPU lays a loop out
    /// in one piece. (What becomes of sums is a loop over registers.)
    /// </summary>
    private (int Start, int End) HotLoop()
    {
        var loops = new List<(int Start, int End)>();
        for (int i = 0; i < _instructions.Count; i++)
        {
            if (_instructions[i].Name.StartsWith("bra", StringComparison.Ordinal) && Target(i) is { } target && target <= i)
            {
                loops.Add((target, i + 1));
            }
        }

        return loops.Where(loop => !loops.Exists(inner => inner != loop && inner.Start >= loop.Start && inner.End <= loop.End))
            .OrderByDescending(loop => _instructions.Take(loop.Start..loop.End)
                .Any(i => i.Name.StartsWith("ld.", StringComparison.Ordinal) && !i.Name.StartsWith("ld.param", StringComparison.Ordinal)))
            .ThenByDescending(loop => _instructions.Take(loop.Start..loop.End)
                .Count(i => i.IsFloat && i.Name.StartsWith("mul.", StringComparison.Ordinal)))
            .ThenByDescending(
                loop => _instructions.Take(loop.Start..loop.End).Count(i => i.Name.StartsWith("ld.", StringComparison.Ordinal)))
            .FirstOrDefault();
    }

    private int? Target(int branch) => _labels.TryGetValue(_instructions[branch].Operands.Trim(), out int target) ? target : null;

    private sealed class Instruction
    {
        public Instruction(string guard, string name, string operands)
        {
            Name = name;
            Operands = operands;
            string[] registers = [.. Register().Matches(operands).Select(match => match.Value)];
            bool writesNothing = name.StartsWith("st.", StringComparison.Ordinal) || name.StartsWith("bra", StringComparison.Ordinal) ||
                name.StartsWith("bar", StringComparison.Ordinal) || name == "ret";
            int end = operands.StartsWith('{')
                ? operands.IndexOf('}', StringComparison.Ordinal)
                : operands.IndexOf(',', StringComparison.Ordinal);
            int written = writesNothing ? 0 : Register().Count(end < 0 ? operands : operands[..end]);
            Writes = registers[..written];
            Reads = [.. registers[written..], .. Register().Matches(guard).Select(match => match.Value)];
        }

        public string Name { get; }

        public string Operands { get; }

        public string[] Writes { get; }

        public string[] Reads { get; }

        public bool IsFloat => Name.EndsWith(".f32", StringComparison.Ordinal);
    }
}
