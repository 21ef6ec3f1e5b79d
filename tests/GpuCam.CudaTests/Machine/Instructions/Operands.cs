using System.Globalization;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>An instruction's text, asked for what a decoder needs. All that it does not expect is a fault.</summary>
internal sealed class Operands
{
    private readonly PtxStatement _statement;
    private readonly SymbolTable _symbols;
    private readonly List<string> _modifiers = [];
    private readonly List<PtxType> _types = [];

    public Operands(PtxStatement statement, SymbolTable symbols)
    {
        _statement = statement;
        _symbols = symbols;
        foreach (string part in statement.Parts.Skip(1))
        {
            if (PtxType.TryParse(part, out PtxType type))
            {
                _types.Add(type);
            }
            else
            {
                _modifiers.Add(part);
            }
        }
    }

    /// <summary>The first part of the opcode.</summary>
    public string Name => _statement.Parts[0];

    /// <summary>The parts behind it that are no types.</summary>
    public IReadOnlyList<string> Modifiers => _modifiers;

    /// <summary>All modifiers, with dots between.</summary>
    public string Modification => string.Join('.', _modifiers);

    /// <summary>How many operands there are.</summary>
    public int Count => _statement.Operands.Count;

    /// <summary>The only type, or the last.</summary>
    public PtxType Type => _types.Count > 0 ? _types[^1] : throw Unknown();

    /// <summary>The type of a conversion's result.</summary>
    public PtxType FirstType => _types.Count > 0 ? _types[0] : throw Unknown();

    /// <summary>How many types the opcode names.</summary>
    public int TypeCount => _types.Count;

    public bool Has(string modifier) => _modifiers.Contains(modifier);

    /// <summary>Throws if there is any other modifier.</summary>
    public Operands Allow(params ReadOnlySpan<string> known)
    {
        foreach (string modifier in _modifiers)
        {
            if (!known.Contains(modifier))
            {
                throw Unknown();
            }
        }

        return this;
    }

    /// <summary>An operand as it stands there.</summary>
    public string Text(int index) => index < Count ? _statement.Operands[index] : throw Unknown();

    /// <summary>The place of a value of that many bytes.</summary>
    public int Value(int index, int bytes) => _symbols.Operand(Text(index), bytes);

    /// <summary>The place of a number that does not stand in the text.</summary>
    public int Constant(ulong bits, int bytes) => _symbols.Registers.Constant(bits, bytes);

    /// <summary>The place of a register that is written.</summary>
    public int Target(int index, int bytes) =>
        _symbols.BytesOf(Text(index)) == bytes ? _symbols.Operand(Text(index), bytes) : throw Unknown();

    /// <summary>The places of <c>{a, b}</c>, each of that many bytes.</summary>
    public int[] Values(int index, int bytes) =>
        [.. PtxStatement.Elements(Text(index)).Select(name => _symbols.Operand(name, bytes))];

    /// <summary>The bytes of the register that an operand is; null if it is none.</summary>
    public int? BytesOf(int index) => _symbols.BytesOf(Text(index));

    /// <summary>The number of a predicate, and what it is combined with.</summary>
    public (int Predicate, uint Flip) Predicate(int index)
    {
        string name = Text(index);
        return name.StartsWith('!') ? (_symbols.Predicate(name[1..]), uint.MaxValue) : (_symbols.Predicate(name), 0);
    }

    /// <summary>A number that stands in the text.</summary>
    public int Number(int index) =>
        int.TryParse(Text(index), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value) ? value : throw Unknown();

    /// <summary><c>[%r1+16]</c>, <c>[name+4]</c>, <c>[%rd2]</c>.</summary>
    public AddressOperand Address(int index)
    {
        string inner = Text(index).Trim('[', ']').Trim();
        int sign = inner.IndexOfAny(['+', '-']);
        string name = (sign < 0 ? inner : inner[..sign]).Trim();
        string number = sign < 0 ? "0" : inner[sign..].Replace(" ", "", StringComparison.Ordinal).TrimStart('+');
        long offset = long.TryParse(number, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value)
            ? value
            : throw Unknown();
        if (_symbols.Address(name) is { } symbol)
        {
            return new AddressOperand(_symbols.Registers.Constant((ulong)symbol, 8), true, offset);
        }

        int bytes = _symbols.BytesOf(name) ?? throw Unknown();
        return new AddressOperand(_symbols.Operand(name, bytes), bytes == 8, offset);
    }

    public MachineFault Unknown() => new($"{Name} is not known to the machine in this form");
}
