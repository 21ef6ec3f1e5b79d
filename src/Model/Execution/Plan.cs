using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>A node to run, and what becomes of memory by it.</summary>
/// <param name="Node">A node of the graph, or a fused step.</param>
/// <param name="Slot">Where its output goes among the memory that is used again and again; -1 where it is kept.</param>
/// <param name="KeepsWinners">Whether its integers are for a gradient, and not only for this step.</param>
/// <param name="Released">Values that nobody reads after it.</param>
internal sealed record PlanStep(Node Node, int Slot, bool KeepsWinners, IReadOnlyList<Value> Released);

/// <summary>The steps of a pass.</summary>
/// <param name="Steps">In the order in which they run.</param>
/// <param name="Shapes">For one image, by the places of values; default where the pass does not come by.</param>
/// <param name="FloatsPerImage">What the values of the pass take at most, for an image.</param>
internal sealed record Plan(IReadOnlyList<PlanStep> Steps, Shape[] Shapes, long FloatsPerImage);

/// <summary>The way of a gradient back from the output.</summary>
/// <param name="Nodes">What it comes through, in the order in which they ran.</param>
/// <param name="Flow">By the places of values: whether it comes by.</param>
/// <param name="Reads">What of the forward pass is read again.</param>
/// <param name="Winners">The nodes whose integers are.</param>
/// <param name="Slots">By the places of values: where a gradient lies until its node has sent it on; -1 where it stays, because somebody
/// has asked for it.</param>
/// <param name="Training">Whether the parameters' gradients are written too.</param>
internal sealed record BackwardPlan(
    IReadOnlyList<Node> Nodes, bool[] Flow, IReadOnlyList<Value> Reads, IReadOnlyList<Node> Winners, int[] Slots, bool Training);

/// <summary>The memory of values that live for a part of a pass: slots, each of the size of the largest value that lies in it.</summary>
internal sealed class PlanMemory(IDevice device) : IDisposable
{
    private readonly List<ReusedBuffer<float>> _slots = [];

    /// <summary>Integers that nobody reads after the step that writes them.</summary>
    public ReusedBuffer<int> Winners { get; } = new(device);

    /// <summary>A slot as a tensor.</summary>
    /// <param name="slot">Which.</param>
    /// <param name="name">The tensor's name.</param>
    /// <param name="shape">Its extents.</param>
    /// <param name="last">What this returned for the same name before; returned again where it still fits.</param>
    public Tensor Get(int slot, string name, Shape shape, Tensor? last)
    {
        while (_slots.Count <= slot)
        {
            _slots.Add(new ReusedBuffer<float>(device));
        }

        DeviceBuffer<float> buffer = _slots[slot].Get(shape.Count);
        return last?.Buffer == buffer && last.Shape == shape ? last : new Tensor(buffer, 0, name, shape);
    }

    public void Dispose()
    {
        Winners.Dispose();
        foreach (ReusedBuffer<float> slot in _slots)
        {
            slot.Dispose();
        }
    }
}
