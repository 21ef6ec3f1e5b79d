using System.Globalization;
using System.Text.RegularExpressions;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>The names of a kernel: registers, predicates, parameters, arrays; braces open a scope of their own.</summary>
internal sealed partial class SymbolTable
{
    private readonly record struct Register(int Place, int Bytes);

    private readonly Stack<Dictionary<string, Register>> _scopes = new([[]]);
    private readonly Dictionary<string, int> _addresses = [];
    private readonly List<int> _parameterOffsets = [];
    private readonly List<string> _dynamic = [];

    public RegisterLayout Registers { get; } = new();

    public SharedLayout Shared { get; } = new();

    public int LocalBytes { get; private set; }

    public int ParameterBytes { get; private set; }

    public IReadOnlyList<int> ParameterOffsets => _parameterOffsets;

    public void OpenScope() => _scopes.Push([]);

    /// <summary>Closes the innermost scope; false if it was the kernel's own.</summary>
    public bool CloseScope()
    {
        _scopes.Pop();
        return _scopes.Count > 0;
    }

    public void AddDynamicShared(string name) => _dynamic.Add(name);

    public void AddParameter(string name, int bytes, int alignment)
    {
        int offset = (ParameterBytes + alignment - 1) / alignment * alignment;
        ParameterBytes = offset + bytes;
        _parameterOffsets.Add(offset);
        _addresses.Add(name, offset);
    }

    /// <summary>Reads a <c>.reg</c>, a <c>.shared</c> or a <c>.local</c>; false if it is none of them.</summary>
    public bool Declare(string text)
    {
        if (RegisterNames().Match(text) is { Success: true } registers)
        {
            var type = PtxType.Parse(registers.Groups["type"].Value);
            foreach (string name in registers.Groups["names"].Value.Split(','))
            {
                DeclareRegisters(type, name.Trim());
            }

            return true;
        }

        Match array = Array().Match(text);
        if (!array.Success)
        {
            return false;
        }

        int alignment = Number(array.Groups["align"]), bytes = Number(array.Groups["count"])
            * PtxType.Parse(array.Groups["type"].Value).Bytes;
        bool shared = array.Groups["space"].Value == "shared";
        _addresses.Add(array.Groups["name"].Value, shared ? Shared.Add(bytes, alignment) : AddLocal(bytes));
        return true;
    }

    /// <summary>The number of a predicate.</summary>
    public int Predicate(string name) => Find(name) is { Bytes: 0 } predicate ? predicate.Place : name switch
    {
        "0" => RegisterLayout.False,
        "1" => RegisterLayout.True,
        _ => throw new MachineFault($"'{name}' is no predicate"),
    };

    /// <summary>The place of a register, a special register, a number or an address, with <paramref name="bytes"/> a lane.</summary>
    public int Operand(string name, int bytes)
    {
        if (Find(name) is { } register)
        {
            return register.Bytes == bytes
                ? register.Place
                : throw new MachineFault($"'{name}' has {register.Bytes} bytes where {bytes} are expected");
        }

        return name.StartsWith('%')
            ? Registers.Special(name)
            : Registers.Constant(Address(name) is { } address ? (ulong)address : PtxNumber.Parse(name, bytes), bytes);
    }

    /// <summary>Bytes of a register; 0 for a predicate, null if there is none of that name.</summary>
    public int? BytesOf(string name) => Find(name)?.Bytes;

    /// <summary>Where a parameter or an array lies; null if there is none of that name.</summary>
    public int? Address(string name) => _dynamic.Contains(name)
        ? Shared.DynamicStart
        : _addresses.TryGetValue(name, out int address) ? address : null;

    private Register? Find(string name)
    {
        foreach (Dictionary<string, Register> scope in _scopes)
        {
            if (scope.TryGetValue(name, out Register register))
            {
                return register;
            }
        }

        return null;
    }

    private void DeclareRegisters(PtxType type, string name)
    {
        Match family = Family().Match(name);
        int count = family.Success ? Number(family.Groups["count"]) : 1;
        for (int i = 0; i < count; i++)
        {
            Register register = type.Kind == TypeKind.Predicate
                ? new Register(Registers.AddPredicate(), 0)
                : new Register(Registers.Add(type.RegisterBytes), type.RegisterBytes);
            _scopes.Peek().Add(family.Success ? $"{family.Groups["name"].Value}{i}" : name, register);
        }
    }

    private int AddLocal(int bytes)
    {
        int start = (LocalBytes + 15) / 16 * 16;
        LocalBytes = start + bytes;
        return start;
    }

    private static int Number(Group group) => group.Success ? int.Parse(group.ValueSpan, CultureInfo.InvariantCulture) : 1;

    [GeneratedRegex(@"^\.reg \.(?<type>\w+) (?<names>.*)$")]
    private static partial Regex RegisterNames();

    [GeneratedRegex(@"^(?<name>[%\w$]+)<(?<count>\d+)>$")]
    private static partial Regex Family();

    [GeneratedRegex(@"^\.(?<space>shared|local) (\.align (?<align>\d+) )?\.(?<type>\w+) (?<name>[\w$]+)(\[(?<count>\d+)\])?$")]
    private static partial Regex Array();
}
