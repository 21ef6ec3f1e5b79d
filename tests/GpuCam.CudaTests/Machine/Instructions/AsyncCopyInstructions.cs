using System.Runtime.InteropServices;
using GpuCam.CudaTests.Machine.Memory;

namespace GpuCam.CudaTests.Machine.Instructions;

/// <summary>
/// <c>cp.async</c>: begins a copy from global to shared memory. It is made as late as PTX allows, when its lane waits for it; until then
/// the target holds NaN, and nobody may touch it.
/// </summary>
/// <param name="target">In shared memory.</param>
/// <param name="source">In global memory.</param>
/// <param name="bytes">How many are written: 4, 8 or 16.</param>
/// <param name="read">The place of how many are read, the rest being zeros; null if all are.</param>
internal sealed unsafe class BeginCopy(AddressOperand target, AddressOperand source, int bytes, int? read) : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        TrafficOf.Count<SharedSpace>(warp, this, mask, target, bytes);
        while (mask != 0)
        {
            int lane = Next(ref mask);
            long to = target.Of(warp, lane), from = source.Of(warp, lane);
            int count = read is { } place ? warp.Register<int>(place)[lane] : bytes;
            if (count < 0 || count > bytes)
            {
                throw warp.Fault(this, lane, $"{count} of {bytes} bytes are to be read");
            }

            Alignment.Check(warp, this, lane, to, bytes);
            Alignment.Check(warp, this, lane, from, bytes);
            if (count > 0)
            {
                GlobalSpace.Read(warp, this, lane, from, count);
            }

            new Span<byte>(SharedSpace.Begin(warp, this, lane, to, bytes), bytes).Fill(0xFF);
            warp.Copies.Add(lane, (uint)to, (nint)from, bytes, count);
        }
    }
}

/// <summary><c>cp.async.commit_group</c>.</summary>
internal sealed class CommitCopies : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        while (mask != 0)
        {
            warp.Copies.Commit(Next(ref mask));
        }
    }
}

/// <summary><c>cp.async.wait_group n</c>, or <c>wait_all</c> for a negative n: makes the copies that are waited for.</summary>
internal sealed unsafe class AwaitCopies(int pending) : Instruction
{
    public override void Execute(Warp warp, uint mask)
    {
        foreach (ref readonly AsyncCopies.Copy copy in CollectionsMarshal.AsSpan(
            pending < 0 ? warp.Copies.AwaitAll(mask) : warp.Copies.Await(mask, pending)))
        {
            var to = new Span<byte>(SharedSpace.Find(warp, this, copy.Lane, copy.Target, copy.Bytes), copy.Bytes);
            new ReadOnlySpan<byte>((byte*)copy.Source, copy.Read).CopyTo(to);
            to[copy.Read..].Clear();
            warp.Group.SharedLog.Land(copy.Target, copy.Bytes, warp.StampOf(copy.Lane));
        }
    }
}
