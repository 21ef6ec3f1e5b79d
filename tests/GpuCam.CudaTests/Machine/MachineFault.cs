namespace GpuCam.CudaTests.Machine;

/// <summary>What a kernel did that PTX does not allow, or leaves undefined.</summary>
/// <param name="wrong">What was wrong, without the place.</param>
#pragma warning disable CA1710 // A fault is what memory checkers call it.
public sealed class MachineFault(string wrong) : Exception(wrong)
#pragma warning restore CA1710
{
    /// <summary>The kernel's name; empty if it happened outside of one.</summary>
    public string Kernel { get; init; } = "";

    /// <summary>The line of the PTX text, from 1; 0 outside of a kernel.</summary>
    public int Line { get; init; }

    /// <summary>The instruction as it stands there.</summary>
    public string Instruction { get; init; } = "";

    /// <summary>The number of the group, counted with x fastest; -1 outside of a kernel.</summary>
    public long Group { get; init; } = -1;

    /// <summary>The number of the thread in its group; -1 where it is no single thread's fault.</summary>
    public int Thread { get; init; } = -1;

    /// <summary>What was wrong.</summary>
    public string Wrong { get; } = wrong;

    /// <summary>All of it in one line.</summary>
    public override string Message => Kernel.Length == 0
        ? Wrong
        : $"{Kernel}, line {Line}, group {Group}, thread {Thread}: {Wrong} in '{Instruction}'";
}
