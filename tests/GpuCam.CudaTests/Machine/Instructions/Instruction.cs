using System.Numerics;
using GpuCam.CudaTests.Machine.Text;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>An instruction, decoded. It belongs to a kernel and keeps nothing of a launch.</summary>
internal abstract class Instruction
{
    /// <summary>Its place in the kernel.</summary>
    public int Index { get; private set; }

    /// <summary>Its line in the text.</summary>
    public int Line { get; private set; }

    /// <summary>How it stands there.</summary>
    public string Text { get; private set; } = "";

    /// <summary>The predicate that decides which lanes execute it; negative for all.</summary>
    public int Guard { get; private set; } = -1;

    /// <summary>What the guard is combined with: all bits where lanes execute whose predicate is false.</summary>
    public uint GuardFlip { get; private set; }

    /// <summary>Executes it for the lanes of <paramref name="mask"/>, at least one.</summary>
    public abstract void Execute(Warp warp, uint mask);

    /// <summary>Tells it where it stands, and who executes it.</summary>
    public Instruction Placed(int index, PtxStatement statement, int guard)
    {
        (Index, Line, Text, Guard) = (index, statement.Line, statement.Text, guard);
        GuardFlip = statement.GuardNegated ? uint.MaxValue : 0;
        return this;
    }

    /// <summary>Finds the labels of branches.</summary>
    public virtual void Link(Func<string, int> place, Func<string, int[]> tables)
    {
    }

    /// <summary>Takes the lowest lane out of <paramref name="mask"/>.</summary>
    protected static int Next(ref uint mask)
    {
        int lane = BitOperations.TrailingZeroCount(mask);
        mask &= mask - 1;
        return lane;
    }
}
