using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Gives each value of a pass that is not kept a slot from when it is made to when it is read last. A slot that became free is taken
/// again by the value that fits it best; an op that may write over its input does.
/// </summary>
internal sealed class SlotAllocator(Shape[] shapes, bool[] known, HashSet<Value> kept, bool[] flow)
{
    private readonly Slots _memory = new();
    private readonly Dictionary<Value, int> _slots = [];

    /// <summary>What all slots take for an image.</summary>
    public long Floats => _memory.Floats;

    public IReadOnlyList<PlanStep> Allocate(IReadOnlyList<Node> nodes)
    {
        var last = new Dictionary<Value, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            last[nodes[i].Output] = i;
            foreach (Value input in nodes[i].Inputs)
            {
                last[input] = i;
            }
        }

        var steps = new List<PlanStep>();
        for (int i = 0; i < nodes.Count; i++)
        {
            Node node = nodes[i];
            Value[] released = [.. node.Inputs.Append(node.Output).Distinct().Where(value => last[value] == i && IsShortLived(value))];
            // What is broadcast grows: only the extents of this run say whether the output fits where the input lies.
            Value? overwritten = !node.RunsInPlace ? null : node.Inputs.FirstOrDefault(input =>
                released.Contains(input) && shapes[input.Index].Count == shapes[node.Output.Index].Count);
            int slot = !IsShortLived(node.Output) ? -1 : overwritten is null
                ? _memory.Take(shapes[node.Output.Index].Count) : _slots[overwritten];
            if (slot >= 0)
            {
                _slots[node.Output] = slot;
            }

            foreach (Value value in released.Where(value => value != overwritten || slot < 0))
            {
                _memory.Return(_slots[value]);
            }

            steps.Add(new PlanStep(node, slot, node.KeepsWinners && flow[node.Output.Index], released));
        }

        return steps;
    }

    private bool IsShortLived(Value value) => !kept.Contains(value) && !known[value.Index];
}

/// <summary>Memory in slots, each of the size of the largest thing that lies in it.</summary>
internal sealed class Slots
{
    private readonly List<long> _sizes = [];
    private readonly List<int> _free = [];

    /// <summary>What all slots take.</summary>
    public long Floats => _sizes.Sum();

    /// <summary>A free slot: the smallest that is large enough, else the largest, which grows, else a new one.</summary>
    public int Take(long size)
    {
        int best = _free.Count == 0
            ? -1
            : _free.Where(slot => _sizes[slot] >= size).OrderBy(slot => _sizes[slot]).Concat(_free.OrderByDescending(slot => _sizes[slot]))
                .First();
        if (best < 0)
        {
            _sizes.Add(size);
            return _sizes.Count - 1;
        }

        _free.Remove(best);
        _sizes[best] = Math.Max(_sizes[best], size);
        return best;
    }

    /// <summary>Frees a slot.</summary>
    public void Return(int slot) => _free.Add(slot);
}
