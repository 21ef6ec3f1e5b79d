using System.Globalization;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Decides what a pass runs, what it keeps, and where the rest lies.</summary>
internal sealed class Planner(IDevice device, Graph graph)
{
    private readonly Fusions _fusions = new(device, graph);
    private readonly Dictionary<Wanted, Lowered> _lowered = [];

    /// <summary>
    /// The nodes of the graph with fused steps in place of some: never across a value that is wanted. The same objects from call to call.
    /// </summary>
    public IReadOnlyList<Node> Lower(Wanted wanted) => PlansFor(wanted).Nodes;

    /// <summary>The plan of a whole pass, which keeps what is wanted and what wanted gradients will read.</summary>
    public Plan Pass(IReadOnlyList<(Value Value, Shape Shape)> start, IReadOnlyList<Value> targets, Wanted wanted, bool keep)
    {
        (_, IReadOnlyList<Node> nodes, Dictionary<string, Plan> plans, _) = PlansFor(wanted);
        string key = string.Create(CultureInfo.InvariantCulture,
            $"{keep} {string.Join(' ', start.Select(s => $"{s.Value.Index}:{s.Shape}"))} to "
                + $"{string.Join(' ', targets.Select(t => t.Index))}");
        if (!plans.TryGetValue(key, out Plan? plan))
        {
            bool[] known = new bool[graph.Values.Count];
            foreach ((Value value, _) in start)
            {
                known[value.Index] = true;
            }

            plans[key] = plan = Make(nodes, start, known, keep ? Kept(nodes, targets, wanted) : [.. targets], wanted);
        }

        return plan;
    }

    /// <summary>The plan that adds <paramref name="missing"/> to what is known of a pass.</summary>
    public Plan Rest(Pass pass, IReadOnlyList<Value> missing, Wanted wanted) =>
        Make(Lower(wanted), pass.Start, [.. graph.Values.Select(value => pass.Known(value) is not null)], [.. missing], wanted);

    /// <summary>The plan of a way back from the output.</summary>
    /// <param name="ends">Values whose gradients are asked for.</param>
    /// <param name="training">Whether all parameters' are too.</param>
    /// <param name="wanted">What has been asked for so far, these among it.</param>
    public BackwardPlan Backward(IReadOnlyList<Value> ends, bool training, Wanted wanted)
    {
        (_, IReadOnlyList<Node> nodes, _, Dictionary<string, BackwardPlan> plans) = PlansFor(wanted);
        string key = $"{training} {string.Join(' ', ends.Select(end => end.Index))}";
        if (!plans.TryGetValue(key, out BackwardPlan? plan))
        {
            bool[] flow = graph.DependOn(training ? Trained(wanted).Concat(ends) : ends);
            Node[] passed = [.. nodes.Where(node => flow[node.Output.Index])];
            Value[] reads = [.. passed.SelectMany(node => ReadsOf(node, flow, training && wanted.Trains(node))).Distinct()];
            plans[key] = plan = new BackwardPlan(
                passed, flow, reads, [.. passed.Where(node => node.KeepsWinners)], GradientSlots(passed, flow, wanted), training);
        }

        return plan;
    }

    private Lowered PlansFor(Wanted wanted)
    {
        if (!_lowered.TryGetValue(wanted, out Lowered? lowered) || lowered.Version != wanted.Version)
        {
            _lowered[wanted] = lowered = new Lowered(wanted.Version, _fusions.Apply(wanted, Flow(wanted)), [], []);
        }

        return lowered;
    }

    /// <summary>What a node's gradients read of the forward pass, where they flow as <paramref name="flow"/> says.</summary>
    private static IEnumerable<Value> ReadsOf(Node node, bool[] flow, bool trains)
    {
        bool passes = node.Inputs.Any(input => flow[input.Index]) || (node as FusedNode)?.Sums.Any(sum => flow[sum.Index]) == true;
        GradientReads reads = passes ? node.Reads : GradientReads.Nothing;
        if (trains)
        {
            // Parameters' gradients pass the activation of a step, too.
            reads |= GradientReads.Inputs | (node.Reads & GradientReads.Output);
        }

        return [.. reads.HasFlag(GradientReads.Inputs) ? node.Inputs : [], .. reads.HasFlag(GradientReads.Output) ? [node.Output]
            : (Value[])[]];
    }

    /// <summary>
    /// Where gradients lie on their way back, which does not depend on the sizes of images. Those that were asked for have their own
    /// memory.
    /// </summary>
    private int[] GradientSlots(IReadOnlyList<Node> nodes, bool[] flow, Wanted wanted)
    {
        var slots = new Slots();
        int[] places = new int[graph.Values.Count];
        Array.Fill(places, -1);
        var reached = new HashSet<Value> { graph.Output };
        foreach (Node node in nodes.Reverse().Where(node => reached.Contains(node.Output)))
        {
            foreach (Value input in node.Inputs.Where(
                input => flow[input.Index] && reached.Add(input) && !wanted.Gradients.Contains(input)))
            {
                places[input.Index] = slots.Take(input.Shape.Count);
            }

            if (places[node.Output.Index] >= 0)
            {
                slots.Return(places[node.Output.Index]);
            }
        }

        return places;
    }

    private IEnumerable<Value> Trained(Wanted wanted) => graph.Nodes.Where(wanted.Trains).Select(node => node.Output);

    /// <summary>Values that the gradients asked for come through.</summary>
    private bool[] Flow(Wanted wanted)
    {
        bool[] flow = graph.DependOn([.. wanted.Gradients, .. wanted.Training ? Trained(wanted) : []]);
        bool[] leads = graph.LeadTo(graph.Output);
        return [.. flow.Zip(leads, (a, b) => a && b)];
    }

    private HashSet<Value> Kept(IReadOnlyList<Node> nodes, IReadOnlyList<Value> targets, Wanted wanted)
    {
        HashSet<Value> kept = [.. targets, .. wanted.Values, .. wanted.Gradients];
        bool[] flow = Flow(wanted);
        foreach (Node node in nodes.Where(node => flow[node.Output.Index]))
        {
            kept.UnionWith(ReadsOf(node, flow, wanted.Training && wanted.Trains(node)));
            if (node.KeepsWinners)
            {
                kept.Add(node.Output);
            }
        }

        return kept;
    }

    private Plan Make(
        IReadOnlyList<Node> nodes, IReadOnlyList<(Value Value, Shape Shape)> start, bool[] known, HashSet<Value> kept, Wanted wanted)
    {
        Shape[] shapes = Shapes(start);
        var needed = new HashSet<Value>(kept.Where(value => !known[value.Index] && shapes[value.Index] != default));
        var steps = new List<Node>();
        for (int i = nodes.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(nodes[i].Output))
            {
                steps.Add(nodes[i]);
                needed.UnionWith(nodes[i].Inputs.Where(input => !known[input.Index]));
            }
        }

        steps.Reverse();
        var allocator = new SlotAllocator(shapes, known, kept, Flow(wanted));
        IReadOnlyList<PlanStep> allocated = allocator.Allocate(steps);
        long held = allocated.Where(step => step.Slot < 0).Sum(step => (long)shapes[step.Node.Output.Index].Count);
        return new Plan(allocated, shapes, held + allocator.Floats);
    }

    /// <summary>Extents for one image of all values that depend on the start alone.</summary>
    private Shape[] Shapes(IReadOnlyList<(Value Value, Shape Shape)> start)
    {
        var shapes = new Shape[graph.Values.Count];
        foreach ((Value value, Shape shape) in start)
        {
            shapes[value.Index] = shape;
        }

        foreach (Node node in graph.Nodes)
        {
            if (shapes[node.Output.Index] == default && node.Inputs.All(input => shapes[input.Index] != default))
            {
                shapes[node.Output.Index] = Graph.Infer(node, [.. node.Inputs.Select(input => shapes[input.Index])]);
            }
        }

        return shapes;
    }

    /// <summary>The steps for what was wanted at a time, and the plans made of them.</summary>
    private sealed record Lowered(
        int Version, IReadOnlyList<Node> Nodes, Dictionary<string, Plan> Plans, Dictionary<string, BackwardPlan> Backward);
}
