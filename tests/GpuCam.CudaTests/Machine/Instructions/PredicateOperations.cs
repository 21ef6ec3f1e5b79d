namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>p = a joined with b, all lanes at once; <see cref="Junction.None"/> copies a.</summary>
internal sealed unsafe class JoinPredicates(int p, int a, uint flipA, int b, uint flipB, Junction junction) : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        uint x = warp.Predicates[a] ^ flipA, y = warp.Predicates[b] ^ flipB;
        uint result = junction switch
        {
            Junction.And => x & y,
            Junction.Or => x | y,
            Junction.ExclusiveOr => x ^ y,
            _ => x,
        };
        warp.Predicates[p] = (warp.Predicates[p] & ~mask) | (result & mask);
    }
}

/// <summary>d = p ? a : b.</summary>
internal sealed unsafe class Select<T>(int d, int a, int b, int p, uint flip) : Instruction
    where T : unmanaged
{
    public override void Execute(Warp warp, uint mask)
    {
        T* to = warp.Register<T>(d), x = warp.Register<T>(a), y = warp.Register<T>(b);
        uint choice = warp.Predicates[p] ^ flip;
        while (mask != 0)
        {
            int lane = Next(ref mask);
            to[lane] = (choice >> lane & 1) != 0 ? x[lane] : y[lane];
        }
    }
}
