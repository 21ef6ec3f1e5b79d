namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary><c>ld</c>: one to four neighbouring values, extended to their registers.</summary>
internal sealed unsafe class Load<T, TRegister, TSpace>(int[] targets, AddressOperand address) : Instruction
    where T : unmanaged, System.Numerics.INumber<T>
    where TRegister : unmanaged, System.Numerics.INumber<TRegister>
    where TSpace : struct, ISpace
{
    private readonly int _bytes = sizeof(T) * targets.Length;

    public override void Execute(Warp warp, uint mask)
    {
        TrafficOf.Count<TSpace>(warp, this, mask, address, _bytes);
        while (mask != 0)
        {
            int lane = Next(ref mask);
            long place = address.Of(warp, lane);
            Alignment.Check(warp, this, lane, place, _bytes);
            var from = (T*)TSpace.Read(warp, this, lane, place, _bytes);
            for (int i = 0; i < targets.Length; i++)
            {
                warp.Register<TRegister>(targets[i])[lane] = TRegister.CreateTruncating(from[i]);
            }
        }
    }
}

/// <summary><c>st</c>: one to four neighbouring values, cut to their size in memory.</summary>
internal sealed unsafe class Store<T, TRegister, TSpace>(AddressOperand address, int[] sources) : Instruction
    where T : unmanaged, System.Numerics.INumber<T>
    where TRegister : unmanaged, System.Numerics.INumber<TRegister>
    where TSpace : struct, ISpace
{
    private readonly int _bytes = sizeof(T) * sources.Length;

    public override void Execute(Warp warp, uint mask)
    {
        TrafficOf.Count<TSpace>(warp, this, mask, address, _bytes);
        while (mask != 0)
        {
            int lane = Next(ref mask);
            long place = address.Of(warp, lane);
            Alignment.Check(warp, this, lane, place, _bytes);
            var to = (T*)TSpace.Write(warp, this, lane, place, _bytes);
            for (int i = 0; i < sources.Length; i++)
            {
                to[i] = T.CreateTruncating(warp.Register<TRegister>(sources[i])[lane]);
            }
        }
    }
}

/// <summary>What a warp asks of memory, where it is counted.</summary>
internal static class TrafficOf
{
    public static void Count<TSpace>(Warp warp, Instruction instruction, uint mask, AddressOperand address, int bytes)
        where TSpace : struct, ISpace
    {
        if (warp.Launch.Traffic is not { } traffic)
        {
            return;
        }

        Span<long> addresses = stackalloc long[Warp.Lanes];
        for (int lane = 0; lane < Warp.Lanes; lane++)
        {
            addresses[lane] = address.Of(warp, lane);
        }

        TSpace.Count(traffic, instruction, mask, addresses, bytes);
    }
}

/// <summary>An access of n bytes lies at a multiple of n.</summary>
internal static class Alignment
{
    public static void Check(Warp warp, Instruction instruction, int lane, long address, int bytes)
    {
        if ((address & (bytes - 1)) != 0)
        {
            throw warp.Fault(instruction, lane, $"{bytes} bytes at 0x{address:X}, which is no multiple of {bytes},");
        }
    }
}
