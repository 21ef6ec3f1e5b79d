namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>bra</c>: the lanes of the mask go to a label.</summary>
internal sealed class Branch(string label, bool uniform) : Instruction
{
    private int _target;

    public override void Link(Func<string, int> place, Func<string, int[]> tables) => _target = place(label);

    public override void Execute(Warp warp, uint mask)
    {
        Uniform.Check(warp, this, mask, uniform);
        warp.Branch(mask, _target);
    }
}

/// <summary><c>brx.idx</c>: each lane goes to the label that its register counts.</summary>
internal sealed unsafe class IndexedBranch(int index, string table, bool uniform) : Instruction
{
    private int[] _targets = [];

    public override void Link(Func<string, int> place, Func<string, int[]> tables) => _targets = tables(table);

    public override void Execute(Warp warp, uint mask)
    {
        Uniform.Check(warp, this, mask, uniform);
        uint* chosen = warp.Register<uint>(index);
        uint rest = mask;
        while (rest != 0)
        {
            uint others = rest, same = 0;
            int first = Next(ref others);
            if (chosen[first] >= _targets.Length)
            {
                throw warp.Fault(this, first, $"label {chosen[first]} of {_targets.Length}");
            }

            for (uint lanes = rest; lanes != 0;)
            {
                int lane = Next(ref lanes);
                same |= chosen[lane] == chosen[first] ? 1u << lane : 0;
            }

            rest &= ~same;
            if (uniform && rest != 0)
            {
                throw warp.Fault(this, first, $"only lanes 0x{same:X8} of 0x{mask:X8} go where the first goes");
            }

            warp.Branch(same, _targets[chosen[first]]);
        }
    }
}

/// <summary><c>ret</c> and <c>exit</c>: the lanes of the mask end.</summary>
internal sealed class Return(bool uniform) : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        Uniform.Check(warp, this, mask, uniform);
        warp.End(mask);
    }
}

/// <summary><c>bar.sync 0</c>: all threads of the group wait for each other.</summary>
internal sealed class GroupBarrier : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        if (warp.Gather(this, mask))
        {
            warp.WaitAt(this);
        }
    }
}

/// <summary>What <c>.uni</c> promises.</summary>
internal static class Uniform
{
    /// <summary>Throws if an instruction is said to be uniform and not all active lanes do the same.</summary>
    public static void Check(Warp warp, Instruction instruction, uint mask, bool uniform)
    {
        if (uniform && mask != warp.Active)
        {
            throw warp.Fault(
                instruction, System.Numerics.BitOperations.TrailingZeroCount(mask),
                $"only lanes 0x{mask:X8} of 0x{warp.Active:X8} go this way, where all or none must,");
        }
    }
}
