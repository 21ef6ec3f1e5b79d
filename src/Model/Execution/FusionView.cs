using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A graph as the patterns of <see cref="Fusions"/> see it: what may disappear, and what gradients come through.</summary>
/// <param name="device">Where the steps run.</param>
/// <param name="graph">The graph.</param>
/// <param name="wanted">Its values are made, whatever a step would leave out.</param>
/// <param name="flow">Values that gradients come through.</param>
internal sealed class FusionView(IDevice device, Graph graph, Wanted wanted, bool[] flow)
{
    private readonly HashSet<Node> _taken = [];
    private readonly HashSet<Value> _made = [.. graph.Outputs, .. wanted.Values];
    private readonly HashSet<Value> _differentiated = [.. wanted.Gradients];

    /// <summary>Whether group kernels are the fast ones: a GPU.</summary>
    public bool PrefersGroups => device.PrefersGroups;

    /// <summary>Whether this is a host whose ops do several things in one pass over memory.</summary>
    public bool IsVectorized => device is HostDevice { Vectorized: true };

    /// <summary>Whether the gradients of a node's parameters are asked for.</summary>
    public bool Trains(Node node) => wanted.Training && wanted.Trains(node);

    /// <summary>Whether a node is inside a step already.</summary>
    public bool IsTaken(Node node) => _taken.Contains(node);

    /// <summary>Puts nodes inside a step.</summary>
    public void Take(IEnumerable<Node> nodes) => _taken.UnionWith(nodes);

    /// <summary>The node that makes a value, if only one node reads that and nobody misses it; its gradient neither.</summary>
    public Node? Inside(Value value) => _differentiated.Contains(value) ? null : Sum(value);

    /// <summary>The same where the step knows the value's gradient (<see cref="FusedNode.Sums"/>).</summary>
    public Node? Sum(Value value) =>
        !_made.Contains(value) && value.Producer is { } node && !IsTaken(node) && graph.Consumers(value).Count == 1 ? node : null;

    /// <summary>
    /// What a node does with single elements that a step can do as it stores them, where it can also take a gradient back: from the
    /// result, as what went in is never made. None for any other node.
    /// </summary>
    public Activation ActivationOf(Node node)
    {
        Activation activation = node switch
        {
            ReluNode => Activation.Relu,
            UnaryNode unary => Activation.Of(unary.Function, unary.Settings.Alpha, unary.Settings.Beta),
            _ => Activation.None,
        };
        return activation.BackwardReadsInput && flow[node.Output.Index] ? Activation.None : activation;
    }
}
