using System.Text.RegularExpressions;
using GpuCam.CudaTests.Machine.Instructions;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>Reads what stands between a kernel's braces; branches find their labels at the end.</summary>
internal sealed partial class BodyParser(PtxReader reader, string kernel, Contraction? contraction)
{
    private readonly List<Instruction> _instructions = [];
    private readonly Dictionary<string, int> _labels = [];
    private readonly Dictionary<string, string[]> _tables = [];
    private string _lastLabel = "";

    public SymbolTable Symbols { get; } = new();

    public KernelCode Parse()
    {
        bool inside = true;
        while (inside && reader.SkipSpace())
        {
            if (reader.Peek() is '{' or '}' or ';')
            {
                char c = reader.Peek();
                reader.Skip();
                inside = c switch
                {
                    '{' => Open(),
                    '}' => Symbols.CloseScope(),
                    _ => true,
                };
                continue;
            }

            int line = reader.Line;
            string text = reader.Until(out char end, ';', ':');
            if (end == ':' && Label().IsMatch(text))
            {
                _lastLabel = text.Trim();
                _labels.Add(_lastLabel, _instructions.Count);
                contraction?.Forget();
                continue;
            }

            // The colons of cp.async's qualifiers, for one.
            Add(line, end == ':' ? $"{text}:{reader.Until(';')}" : text);
        }

        foreach (Instruction instruction in _instructions)
        {
            instruction.Link(Place, Table);
        }

        return new KernelCode
        {
            Instructions = [.. _instructions],
            Registers = Symbols.Registers,
            Shared = Symbols.Shared,
            LocalBytes = Symbols.LocalBytes,
            ParameterOffsets = Symbols.ParameterOffsets,
            ParameterBytes = Symbols.ParameterBytes,
        };
    }

    private bool Open()
    {
        Symbols.OpenScope();
        return true;
    }

    private void Add(int line, string text)
    {
        string clean = Space().Replace(text, " ").Trim();
        if (clean.StartsWith(".branchtargets ", StringComparison.Ordinal))
        {
            _tables.Add(_lastLabel, [.. clean[".branchtargets ".Length..].Split(',').Select(label => label.Trim())]);
        }
        else if (clean.StartsWith('.'))
        {
            if (!Symbols.Declare(clean))
            {
                throw new MachineFault("this declaration is not known") { Kernel = kernel, Line = line, Instruction = clean };
            }
        }
        else
        {
            var statement = PtxStatement.Parse(line, clean);
            statement = contraction?.Apply(statement) ?? statement;
            _instructions.Add(InstructionSet.Decode(kernel, statement, Symbols, _instructions.Count));
        }
    }

    private int Place(string label) =>
        _labels.TryGetValue(label, out int place) ? place : throw new MachineFault($"{kernel}: there is no label '{label}'");

    private int[] Table(string label) => _tables.TryGetValue(label, out string[]? targets)
        ? [.. targets.Select(Place)]
        : throw new MachineFault($"{kernel}: there is no table '{label}'");

    [GeneratedRegex(@"^\s*[%\w$]+\s*$")]
    private static partial Regex Label();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
