using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Adds vectors of shards by their tree (<see cref="ShardNode"/>), in whatever order they come and on whatever threads: every sum is that
/// of the same two, and a sum of two floats is the same from both sides. Of a node that waits for its neighbour a copy is kept: of n shards
/// that come in order no more than log n.
/// </summary>
/// <param name="shards">Shards of the whole batch.</param>
/// <param name="ends">Nodes beyond which nothing is added here.</param>
/// <param name="floats">Length of the vectors.</param>
/// <param name="device">Where copies are kept.</param>
/// <param name="keeps">Whether vectors are free again once they are added; else they are kept themselves, and no copy is made.</param>
internal sealed class ShardSum(int shards, IReadOnlyList<ShardNode> ends, int floats, IDevice device, bool keeps = true) : IDisposable
{
    private readonly Dictionary<ShardNode, Tensor> _waiting = [];
    private readonly Stack<Tensor> _free = [];
    private readonly List<Tensor> _all = [];

    /// <summary>
    /// Adds a vector as far up as its neighbours are there. Returns the number of the end that it has come to, its sum in
    /// <paramref name="sum"/>; or -1 where it waits now.
    /// </summary>
    /// <param name="node">What it is.</param>
    /// <param name="sum">The vector; overwritten, and free again afterwards.</param>
    public int Add(ShardNode node, Tensor sum)
    {
        while (true)
        {
            for (int end = 0; end < ends.Count; end++)
            {
                if (ends[end] == node)
                {
                    return end;
                }
            }

            if (node.Neighbour.First < shards)
            {
                Tensor? other;
                lock (_waiting)
                {
                    if (!_waiting.Remove(node.Neighbour, out other))
                    {
                        _waiting.Add(node, KeptUnderLock(sum));
                        return -1;
                    }
                }

                Accumulate.Forward(other, sum);
                Free(other);
            }

            node = node.Parent;
        }
    }

    /// <summary>A copy, until it is freed.</summary>
    public Tensor Keep(Tensor sum)
    {
        lock (_waiting)
        {
            return KeptUnderLock(sum);
        }
    }

    /// <summary>A copy is needed no more.</summary>
    public void Free(Tensor kept)
    {
        lock (_waiting)
        {
            _free.Push(kept);
        }
    }

    /// <summary>Copies a vector to another one as long.</summary>
    public static void Copy(Tensor from, Tensor to)
    {
        if (from.Buffer is HostBuffer<float> host)
        {
            // Not an op: those run on the threads of the device, which may be at work on what calls this.
            to.CopyFrom(host.Span.Slice(from.Offset, from.Count));
        }
        else
        {
            ScaledCopy.Forward(from, to, 1, mirror: false);
        }
    }

    /// <summary>Frees all copies.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _all)
        {
            tensor.Dispose();
        }
    }

    private Tensor KeptUnderLock(Tensor sum)
    {
        if (!keeps)
        {
            return sum;
        }

        if (!_free.TryPop(out Tensor? kept))
        {
            _all.Add(kept = new Tensor(device, "sum of shards", Shape.Vector(floats)));
        }

        Copy(sum, kept);
        return kept;
    }
}
