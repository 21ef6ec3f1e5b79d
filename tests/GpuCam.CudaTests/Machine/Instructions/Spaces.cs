using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>A state space: finds the bytes of an address, and throws if a lane may not touch them.</summary>
internal unsafe interface ISpace
{
    static abstract byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes);

    static abstract byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes);

    /// <summary>Counts what a warp asks for; nothing where nobody counts it.</summary>
    static virtual void Count(Traffic traffic, Instruction instruction, uint mask, ReadOnlySpan<long> addresses, int bytes)
    {
    }
}

/// <summary>Memory of the device, which all groups share.</summary>
internal readonly unsafe struct GlobalSpace : ISpace
{
    public static byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        Allocation allocation = Find(warp, instruction, lane, address, bytes);
        ulong other = warp.Launch.LogOf(allocation).Read(address - allocation.Start, bytes, warp.StampOf(lane), out _);
        return other == 0 ? (byte*)address : throw Conflicts.Fault(warp, instruction, lane, "global", "read", other);
    }

    public static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        Allocation allocation = Find(warp, instruction, lane, address, bytes);
        ulong other = warp.Launch.LogOf(allocation).Write(address - allocation.Start, bytes, warp.StampOf(lane));
        return other == 0 ? (byte*)address : throw Conflicts.Fault(warp, instruction, lane, "global", "write", other);
    }

    public static void Count(Traffic traffic, Instruction instruction, uint mask, ReadOnlySpan<long> addresses, int bytes) =>
        traffic.Global(instruction, mask, addresses, bytes);

    private static Allocation Find(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        warp.Launch.Find(instruction.Index, (nint)address, bytes)
            ?? throw warp.Fault(instruction, lane, warp.Launch.Describe((nint)address, bytes));
}

/// <summary>Memory that a group shares.</summary>
internal readonly unsafe struct SharedSpace : ISpace
{
    public static byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        byte* place = Find(warp, instruction, lane, address, bytes);
        ulong other = warp.Group.SharedLog.Read(address, bytes, warp.StampOf(lane), out bool missing);
        return other != 0 ? throw Conflicts.Fault(warp, instruction, lane, "shared", "read", other)
            : missing ? throw warp.Fault(instruction, lane, $"shared memory at {address} is read and was never written")
            : place;
    }

    public static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        Write(warp, instruction, lane, address, bytes, warp.StampOf(lane));

    /// <summary>The same for a copy that is under way.</summary>
    public static byte* Begin(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        Write(warp, instruction, lane, address, bytes, warp.StampOf(lane) | Stamp.UnderWay);

    public static void Count(Traffic traffic, Instruction instruction, uint mask, ReadOnlySpan<long> addresses, int bytes) =>
        traffic.Shared(instruction, mask, addresses, bytes);

    public static byte* Find(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        byte* place = warp.Group.Shared(address, bytes);
        return place != null ? place : throw warp.Fault(instruction, lane, $"{bytes} bytes of shared memory at {address} are in no array");
    }

    private static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes, ulong stamp)
    {
        byte* place = Find(warp, instruction, lane, address, bytes);
        ulong other = warp.Group.SharedLog.Write(address, bytes, stamp);
        return other == 0 ? place : throw Conflicts.Fault(warp, instruction, lane, "shared", "write", other);
    }
}

/// <summary>Memory of a thread.</summary>
internal readonly unsafe struct LocalSpace : ISpace
{
    public static byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        address >= 0 && address <= warp.LocalBytes - bytes
            ? warp.Local + (lane * (long)warp.LocalBytes) + address
            : throw warp.Fault(instruction, lane, $"{bytes} bytes of local memory at {address} of {warp.LocalBytes}");

    public static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        Read(warp, instruction, lane, address, bytes);
}

/// <summary>The kernel's parameters.</summary>
internal readonly unsafe struct ParameterSpace : ISpace
{
    public static byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        int all = warp.Launch.Kernel.Code.ParameterBytes;
        return address >= 0 && address <= all - bytes
            ? warp.Launch.Parameters + address
            : throw warp.Fault(instruction, lane, $"{bytes} bytes of the parameters at {address} of {all}");
    }

    public static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes) =>
        throw warp.Fault(instruction, lane, "parameters cannot be written");
}

/// <summary>
/// All but parameters: an address is that of global memory, or lies in one of two windows that no address of a process reaches.
/// </summary>
internal readonly unsafe struct GenericSpace : ISpace
{
    public const long SharedWindow = 1L << 60;
    public const long LocalWindow = 2L << 60;
    private const long Windows = 3L << 60;

    public static byte* Read(Warp warp, Instruction instruction, int lane, long address, int bytes) => (address & Windows) switch
    {
        0 => GlobalSpace.Read(warp, instruction, lane, address, bytes),
        SharedWindow => SharedSpace.Read(warp, instruction, lane, address - SharedWindow, bytes),
        LocalWindow => LocalSpace.Read(warp, instruction, lane, address - LocalWindow, bytes),
        _ => throw warp.Fault(instruction, lane, $"the generic address 0x{address:X} is in no space"),
    };

    public static byte* Write(Warp warp, Instruction instruction, int lane, long address, int bytes) => (address & Windows) switch
    {
        0 => GlobalSpace.Write(warp, instruction, lane, address, bytes),
        SharedWindow => SharedSpace.Write(warp, instruction, lane, address - SharedWindow, bytes),
        LocalWindow => LocalSpace.Write(warp, instruction, lane, address - LocalWindow, bytes),
        _ => throw warp.Fault(instruction, lane, $"the generic address 0x{address:X} is in no space"),
    };
}

/// <summary>Accesses that nothing orders.</summary>
internal static class Conflicts
{
    public static MachineFault Fault(Warp warp, Instruction instruction, int lane, string space, string access, ulong other) =>
        warp.Fault(instruction, lane, (other & Stamp.UnderWay) != 0
            ? $"{space} memory to which {Stamp.Describe(other & ~Stamp.UnderWay)} has begun a copy that it has not waited for: a {access}"
            : $"a race in {space} memory: nothing orders this {access} and one by {Stamp.Describe(other & ~Stamp.OtherGroups)}");
}
