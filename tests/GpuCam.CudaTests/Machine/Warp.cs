using System.Numerics;
using System.Runtime.CompilerServices;
using GpuCam.CudaTests.Machine.Instructions;
using GpuCam.CudaTests.Machine.Memory;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine;

/// <summary>32 threads of a group: their registers, and where each of them is.</summary>
/// <remarks>
/// All lanes at the same instruction execute it together. Where lanes part, those with the smallest index go first; the others wait until
/// these reach them, so that paths meet again as early as the order of the blocks allows.
/// </remarks>
internal sealed unsafe class Warp : IDisposable
{
    public const int Lanes = 32;
    public const uint AllLanes = uint.MaxValue;

    private readonly KernelCode _code;
    private readonly ThreadGroup _group;
    private readonly int _number;
    private readonly WarpRegisters _registers;
    private readonly WaitingLanes _waiting = new();
    private uint _held;
    private int _heldAt;

    public Warp(KernelCode code, ThreadGroup group, int number)
    {
        _code = code;
        _group = group;
        _number = number;
        _registers = new WarpRegisters(code);
    }

    /// <summary>The launch that it belongs to.</summary>
    public Launch Launch => _group.Launch;

    /// <summary>The group that it belongs to.</summary>
    public ThreadGroup Group => _group;

    /// <summary>One word for each predicate: a bit for each lane.</summary>
    public uint* Predicates => _registers.Predicates;

    /// <summary>Local memory, lane after lane.</summary>
    public byte* Local => _registers.Local;

    /// <summary>Bytes of local memory of a lane.</summary>
    public int LocalBytes => _code.LocalBytes;

    /// <summary>Copies to shared memory that no lane has waited for.</summary>
    public AsyncCopies Copies { get; } = new();

    /// <summary>Lanes that have a thread.</summary>
    public uint Threads { get; private set; }

    /// <summary>Lanes that have not ended.</summary>
    public uint Living { get; private set; }

    /// <summary>The lanes that execute now.</summary>
    public uint Active { get; private set; }

    /// <summary>The index of the instruction that they execute, or will.</summary>
    public int Place { get; private set; }

    /// <summary>The barrier at which all its living lanes wait; null if they do not.</summary>
    public Instruction? Barrier { get; private set; }

    /// <summary>The number in the group of a lane's thread.</summary>
    public int ThreadOf(int lane) => (_number * Lanes) + lane;

    /// <summary>The stamp of a lane, now.</summary>
    public ulong StampOf(int lane) => _group.Interval + (ulong)ThreadOf(lane);

    /// <summary>Where lane 0 of a register is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public T* Register<T>(int place) where T : unmanaged => _registers.Register<T>(place);

    /// <summary>Makes it the first <paramref name="threads"/> lanes of a warp that starts.</summary>
    public void Start(int threads)
    {
        Threads = threads >= Lanes ? AllLanes : (1u << threads) - 1;
        Living = Threads;
        Active = Threads;
        Place = 0;
        Barrier = null;
        _held = 0;
        _waiting.Clear();
        Copies.Clear();
        _registers.Start((name, lane) => _group.Special(name, ThreadOf(lane), this));
    }

    /// <summary>Runs until all living lanes stand at a barrier or all have ended.</summary>
    public void Run()
    {
        Barrier = null;
        Instruction[] instructions = _code.Instructions;
        while (Active != 0)
        {
            Instruction instruction = instructions[Place++];
            uint mask = Active;
            if (instruction.Guard >= 0)
            {
                mask &= Predicates[instruction.Guard] ^ instruction.GuardFlip;
            }

            if (mask != 0)
            {
                Launch.Count(mask);
                Execute(instruction, mask);
                if (Barrier is not null)
                {
                    return;
                }
            }

            if (Place >= _waiting.First)
            {
                (Place, Active) = _waiting.Exchange(Place, Active);
            }
        }

        if (_held != 0)
        {
            throw Fault(
                instructions[_heldAt], BitOperations.TrailingZeroCount(_held),
                $"lanes 0x{_held:X8} wait here for the others of their warp, which have ended");
        }
    }

    /// <summary>Sends lanes to another instruction.</summary>
    public void Branch(uint mask, int target)
    {
        if (mask == Active)
        {
            Place = target;
            return;
        }

        _waiting.Add(target, mask);
        Active &= ~mask;
    }

    /// <summary>Ends lanes.</summary>
    public void End(uint mask)
    {
        Living &= ~mask;
        Leave(mask);
    }

    /// <summary>
    /// Brings lanes together for an instruction that all living lanes must execute at once: true when they are, false if those that are
    /// here wait for the others.
    /// </summary>
    public bool Gather(Instruction instruction, uint mask)
    {
        if (_held != 0)
        {
            if (_heldAt != instruction.Index)
            {
                throw Fault(
                    instruction, BitOperations.TrailingZeroCount(mask),
                    $"other lanes of the warp, 0x{_held:X8}, wait at line {_code.Instructions[_heldAt].Line} for these");
            }

            mask |= _held;
            _held = 0;
        }

        if (mask == Living)
        {
            Active = mask;
            return true;
        }

        (_held, _heldAt) = (mask, instruction.Index);
        Leave(mask);
        return false;
    }

    /// <summary>Stops at a barrier of the group.</summary>
    public void WaitAt(Instruction barrier) => Barrier = barrier;

    /// <summary>What a lane did wrong at an instruction.</summary>
    public MachineFault Fault(Instruction instruction, int lane, string wrong) => new(wrong)
    {
        Kernel = Launch.Kernel.Name,
        Line = instruction.Line,
        Instruction = instruction.Text,
        Group = _group.Number,
        Thread = lane < 0 ? -1 : ThreadOf(lane),
    };

    public void Dispose() => _registers.Dispose();

    private void Execute(Instruction instruction, uint mask)
    {
        try
        {
            instruction.Execute(this, mask);
        }
        catch (DivideByZeroException)
        {
            throw Fault(instruction, -1, "a division by zero, which PTX leaves undefined,");
        }
    }

    private void Leave(uint mask)
    {
        Active &= ~mask;
        if (Active == 0)
        {
            (Place, Active) = _waiting.Exchange(int.MaxValue, 0);
        }
    }
}
