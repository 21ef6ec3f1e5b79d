using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// What can be read off a kernel's PTX: its hot loop, the instructions in it, shared memory, and an estimate of the hardware
/// registers, which PTX does not name (it numbers values, as many as it likes).
/// </summary>
/// <remarks>
/// The estimate is the largest number of 32-bit words that are live at one place. Values that the hardware reads from constant
/// memory (arguments of the kernel and addresses of its shared memory) and predicates are not counted. An assembler may need
/// more, when it moves loads ahead of their use, or fewer, when it computes a value again.
/// </remarks>
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

        Registers = Estimate();
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

    /// <summary>Hardware registers per thread, estimated.</summary>
    public int Registers { get; }

    [GeneratedRegex(@"^\s*\.shared\s.*\[(\d+)\];", RegexOptions.Multiline)]
    private static partial Regex SharedMemory();

    [GeneratedRegex(@"^(@(?<guard>!?%p\d+)\s+)?(?<name>[a-z][a-z0-9_.]*)(\s+(?<operands>[^;]*))?;")]
    private static partial Regex Operation();

    [GeneratedRegex(@"%[a-z]+\d+")]
    private static partial Regex Register();

    /// <summary>
    /// The innermost loop with the most multiply-adds, of equals the one with the most loads; ILGPU lays a loop out in one piece.
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
                .Count(i => i.IsFloat && i.Name.StartsWith("mul.", StringComparison.Ordinal)))
            .ThenByDescending(
                loop => _instructions.Take(loop.Start..loop.End).Count(i => i.Name.StartsWith("ld.", StringComparison.Ordinal)))
            .FirstOrDefault();
    }

    private int? Target(int branch) => _labels.TryGetValue(_instructions[branch].Operands.Trim(), out int target) ? target : null;

    /// <summary>Liveness from the end to the start, repeated until loops have settled.</summary>
    private int Estimate()
    {
        HashSet<string> constant = Constants();
        var liveBefore = new HashSet<string>[_instructions.Count + 1];
        for (int i = 0; i < liveBefore.Length; i++)
        {
            liveBefore[i] = [];
        }

        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = _instructions.Count - 1; i >= 0; i--)
            {
                Instruction instruction = _instructions[i];
                var live = new HashSet<string>();
                bool branches = instruction.Name.StartsWith("bra", StringComparison.Ordinal);
                if (branches && Target(i) is { } target)
                {
                    live.UnionWith(liveBefore[target]);
                }

                if (!(branches && instruction.Guard.Length == 0) && instruction.Name != "ret")
                {
                    live.UnionWith(liveBefore[i + 1]);
                }

                if (instruction.Guard.Length == 0)
                {
                    live.ExceptWith(instruction.Writes);
                }

                live.UnionWith(instruction.Reads);
                if (live.Count == liveBefore[i].Count)
                {
                    continue;
                }

                liveBefore[i] = live;
                changed = true;
            }
        }

        return liveBefore.Max(live => live.Where(register => !constant.Contains(register)).Sum(Words));
    }

    /// <summary>Registers that only ever hold an argument of the kernel or the address of a variable.</summary>
    private HashSet<string> Constants()
    {
        var constant = new HashSet<string>();
        var other = new HashSet<string>();
        foreach (Instruction instruction in _instructions)
        {
            bool isConstant = instruction.Name.StartsWith("ld.param", StringComparison.Ordinal) ||
                instruction.Name.StartsWith("cvta.to.global", StringComparison.Ordinal) ||
                (instruction.Name.StartsWith("mov.", StringComparison.Ordinal)
                    && instruction.Operands.Contains("__shared", StringComparison.Ordinal));
            (isConstant ? constant : other).UnionWith(instruction.Writes);
        }

        constant.ExceptWith(other);
        return constant;
    }

    private static int Words(string register) => register switch
    {
        _ when register.StartsWith("%p", StringComparison.Ordinal) => 0,
        _ when register.StartsWith("%rd", StringComparison.Ordinal) || register.StartsWith("%fd", StringComparison.Ordinal) => 2,
        _ => 1,
    };

    private sealed class Instruction
    {
        public Instruction(string guard, string name, string operands)
        {
            Guard = guard;
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

        public string Guard { get; }

        public string Name { get; }

        public string Operands { get; }

        public string[] Writes { get; }

        public string[] Reads { get; }

        public bool IsFloat => Name.EndsWith(".f32", StringComparison.Ordinal);
    }
}
