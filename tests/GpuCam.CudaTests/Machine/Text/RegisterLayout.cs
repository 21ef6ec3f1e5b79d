using System.Runtime.InteropServices;

namespace GpuCam.CudaTests.Machine.Text;

/// <summary>
/// Places in a warp's register file, as offsets in bytes: 32 lanes of 4 or 8 bytes for each register. Registers lie from 0 on; what
/// instructions only read, numbers in the text and special registers, lies below 0 and is written once for each launch or group.
/// </summary>
internal sealed class RegisterLayout
{
    /// <summary>Predicates are bits, one word for a warp; this one is false in all lanes.</summary>
    public const int False = 0;

    /// <summary>The predicate that is true in all lanes.</summary>
    public const int True = 1;

    private readonly Dictionary<(ulong Bits, int Size), int> _constants = [];
    private readonly Dictionary<string, int> _specials = [];

    /// <summary>Bytes of the registers.</summary>
    public int Bytes { get; private set; }

    /// <summary>Bytes of what is only read.</summary>
    public int ConstantBytes { get; private set; }

    /// <summary>Words of predicates.</summary>
    public int Predicates { get; private set; } = 2;

    /// <summary>Numbers, by their places.</summary>
    public IEnumerable<(int Offset, ulong Bits, int Size)> Constants => _constants.Select(one => (one.Value, one.Key.Bits, one.Key.Size));

    /// <summary>Special registers, by their names.</summary>
    public IReadOnlyDictionary<string, int> Specials => _specials;

    /// <summary>The place of a new register of 4 or 8 bytes.</summary>
    public int Add(int size)
    {
        int place = Bytes;
        Bytes += 32 * size;
        return place;
    }

    /// <summary>The number of a new predicate.</summary>
    public int AddPredicate() => Predicates++;

    /// <summary>The place of a number.</summary>
    public int Constant(ulong bits, int size)
    {
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_constants, (bits, size), out bool known);
        return known ? place : place = Below(size);
    }

    /// <summary>The place of <c>%tid.x</c> and its like, of 4 bytes.</summary>
    public int Special(string name)
    {
        ref int place = ref CollectionsMarshal.GetValueRefOrAddDefault(_specials, name, out bool known);
        return known ? place : place = Below(4);
    }

    /// <summary>Eight bytes a lane for all, so that each lies at a multiple of its size.</summary>
    private int Below(int size)
    {
        ConstantBytes += 32 * Math.Max(size, 8);
        return -ConstantBytes;
    }
}
