using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Finds nodes that a device does better as one step. To add a step, write it as a <see cref="FusedNode"/> beside
/// <see cref="ProductStep"/>, with the pattern that it stands for, and name that in the table.
/// </summary>
internal sealed class Fusions(IDevice device, Graph graph)
{
    /// <summary>The steps that end in a node, the first of which there is wins.</summary>
    private static readonly Func<Node, FusionView, FusedNode?>[] s_patterns =
    [
        ConvReluMaxPoolNode.Find,   // max-pool(relu(conv)), on a GPU
        NormalizationStep.Find,     // [activation](batch norm([concat])), at least two of them
        ConcatStep.Find,            // concat([activation](conv), ...)
        ProductStep.Find,           // [activation](conv or linear [+ value])
    ];

    private readonly Dictionary<string, FusedNode> _steps = [];

    /// <summary>The nodes with steps in their place.</summary>
    /// <param name="wanted">Its values are made, whatever a step would leave out.</param>
    /// <param name="flow">Values that gradients come through.</param>
    public IReadOnlyList<Node> Apply(Wanted wanted, bool[] flow)
    {
        var view = new FusionView(device, graph, wanted, flow);
        var steps = new List<Node>();
        foreach (Node last in graph.Nodes.Reverse().Where(node => !view.IsTaken(node)))
        {
            FusedNode? step = s_patterns.Select(find => find(last, view)).FirstOrDefault(found => found is not null);
            if (step is not null)
            {
                view.Take(step.Inside);
                step = Same(step);
            }

            steps.Add(step ?? last);
        }

        steps.Reverse();
        return steps;
    }

    /// <summary>The step that stood for the same nodes before: it has memory, and winners.</summary>
    private FusedNode Same(FusedNode step)
    {
        string nodes = $"{step.GetType().Name} {string.Join(' ', step.Inside.Select(node => node.Output.Index))}";
        if (!_steps.TryGetValue(nodes, out FusedNode? same))
        {
            _steps[nodes] = same = step;
        }

        return same;
    }
}
