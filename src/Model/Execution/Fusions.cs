using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Finds nodes that a device does better as one step. To add a step, write it as a node beside <see cref="ConvReluNode"/> and name what
/// it stands for in <see cref="Match"/>.
/// </summary>
internal sealed class Fusions(IDevice device, Graph graph)
{
    private readonly Dictionary<(Value, Type), Node> _steps = [];

    /// <summary>The nodes with steps in their place.</summary>
    /// <param name="wanted">Its values are made, whatever a step would leave out.</param>
    /// <param name="flow">Values that gradients come through.</param>
    public IReadOnlyList<Node> Apply(Wanted wanted, bool[] flow)
    {
        HashSet<Value> made = [.. graph.Outputs, .. wanted.Values, .. wanted.Gradients];
        var nodes = new List<Node>();
        var replaced = new HashSet<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (replaced.Contains(node))
            {
                continue;
            }

            (Node step, IReadOnlyList<Node> inside) = Match(node, made, flow);
            replaced.UnionWith(inside);
            nodes.Add(step);
        }

        return [.. nodes.OrderBy(node => node.Output.Index)];
    }

    /// <summary>The step that begins with a node, and the nodes that it stands for; the node itself where there is none.</summary>
    private (Node Step, IReadOnlyList<Node> Inside) Match(Node node, HashSet<Value> made, bool[] flow)
    {
        if (node is not Conv2DNode convolution || Next(node, made) is not ReluNode relu)
        {
            return (node, []);
        }

        if (device.PrefersGroups && convolution is { Groups: 1, AddsBias: true }
            && Next(relu, made) is MaxPool2DNode { Rule: var rule } pool
            && rule == ConvReluMaxPoolNode.Pool)
        {
            return (Step(pool.Output, () => new ConvReluMaxPoolNode(convolution)), [relu, pool]);
        }

        return flow[relu.Output.Index] ? (node, []) : (Step(relu.Output, () => new ConvReluNode(convolution)), [relu]);
    }

    /// <summary>The one node that reads what a node makes, where that can be left out.</summary>
    private Node? Next(Node node, HashSet<Value> made) =>
        !made.Contains(node.Output) && graph.Consumers(node.Output) is [var next] ? next : null;

    private Node Step<T>(Value output, Func<T> make)
        where T : Node
    {
        if (!_steps.TryGetValue((output, typeof(T)), out Node? step))
        {
            _steps[(output, typeof(T))] = step = make();
            step.Output = output;
        }

        return step;
    }
}
