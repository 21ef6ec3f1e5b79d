using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A network as named values and the nodes between them: what is computed, and nothing of where or how. Immutable; made by a
/// <see cref="GraphBuilder"/>, run by an <see cref="Execution"/>.
/// </summary>
public sealed class Graph
{
    private readonly Dictionary<string, Value> _byName;
    private readonly Node[][] _consumers;

    internal Graph(IReadOnlyList<Value> values, IReadOnlyList<Value> inputs, IReadOnlyList<Value> outputs, bool mixesImages)
    {
        (Values, Inputs, Outputs, MixesImages) = (values, inputs, outputs, mixesImages);
        Nodes = [.. values.Where(value => value.Producer is not null).Select(value => value.Producer!)];
        Parameters = [.. Nodes.SelectMany(node => node.Parameters).Distinct(ReferenceEqualityComparer.Instance).Cast<GraphParameter>()];
        _byName = values.ToDictionary(value => value.Name);
        _consumers = [.. values.Select(value => (Node[])[.. Nodes.Where(node => node.Inputs.Contains(value))])];
    }

    /// <summary>All values: the inputs, then what the nodes make, in an order in which they can run.</summary>
    public IReadOnlyList<Value> Values { get; }

    /// <summary>The inputs; the first is the image.</summary>
    public IReadOnlyList<Value> Inputs { get; }

    /// <summary>What the network is run for; the first is what maps explain.</summary>
    public IReadOnlyList<Value> Outputs { get; }

    /// <summary>The nodes, in the order of their values.</summary>
    public IReadOnlyList<Node> Nodes { get; }

    /// <summary>All parameters, in the order of the nodes.</summary>
    public IReadOnlyList<GraphParameter> Parameters { get; }

    /// <summary>Whether some node looks across the images of a batch, so that images must run one by one.</summary>
    public bool MixesImages { get; }

    /// <summary>Numbers in all parameters.</summary>
    public long ParameterCount => Parameters.Sum(parameter => (long)parameter.Shape.Count);

    /// <summary>Multiply-adds for one image of the size the graph was made for.</summary>
    public long MultiplyAdds => Nodes.Sum(node => node.MultiplyAdds([.. node.Inputs.Select(input => input.Shape)], node.Output.Shape));

    /// <summary>The image.</summary>
    public Value Input => Inputs[0];

    /// <summary>The first output.</summary>
    public Value Output => Outputs[0];

    /// <summary>The value of this name; a <see cref="GpuCamException"/> that lists names if there is none.</summary>
    public Value Value(string name) => _byName.TryGetValue(name, out Value? value)
        ? value
        : throw new GpuCamException($"unknown layer '{name}': this network has {NameList.Of(Nodes.Select(node => node.Name))}");

    /// <summary>Whether there is a value of this name.</summary>
    public bool Has(string name) => _byName.ContainsKey(name);

    /// <summary>The nodes that read a value, in order.</summary>
    public IReadOnlyList<Node> Consumers(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        return _consumers[value.Index];
    }

    /// <summary>Extents of all values, by their places, for one image when the inputs have these.</summary>
    /// <exception cref="GpuCamException">They do not fit; the message names the node.</exception>
    public Shape[] Infer(IReadOnlyList<Shape> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        var shapes = new Shape[Values.Count];
        for (int i = 0; i < Inputs.Count; i++)
        {
            shapes[Inputs[i].Index] = Counted(inputs[i]);
        }

        foreach (Node node in Nodes)
        {
            shapes[node.Output.Index] = Infer(node, [.. node.Inputs.Select(input => shapes[input.Index])]);
        }

        return shapes;
    }

    /// <summary>Values that lie on a way from <paramref name="from"/> on, by their places; <paramref name="from"/> among them.</summary>
    public bool[] DependOn(IEnumerable<Value> from)
    {
        ArgumentNullException.ThrowIfNull(from);
        bool[] depend = new bool[Values.Count];
        foreach (Value value in from)
        {
            depend[value.Index] = true;
        }

        foreach (Node node in Nodes)
        {
            depend[node.Output.Index] |= node.Inputs.Any(input => depend[input.Index]);
        }

        return depend;
    }

    /// <summary>Values that <paramref name="to"/> is made of, by their places; itself among them.</summary>
    public bool[] LeadTo(Value to)
    {
        ArgumentNullException.ThrowIfNull(to);
        bool[] lead = new bool[Values.Count];
        lead[to.Index] = true;
        for (int i = Nodes.Count - 1; i >= 0; i--)
        {
            if (lead[Nodes[i].Output.Index])
            {
                foreach (Value input in Nodes[i].Inputs)
                {
                    lead[input.Index] = true;
                }
            }
        }

        return lead;
    }

    /// <summary>Whether every way from the inputs to the first output leads through a value.</summary>
    public bool IsBottleneck(Value value)
    {
        ArgumentNullException.ThrowIfNull(value);
        bool[] behind = new bool[Values.Count];
        behind[Output.Index] = true;
        foreach (Node node in Nodes.Reverse().Where(node => behind[node.Output.Index] && node.Output != value))
        {
            foreach (Value input in node.Inputs)
            {
                behind[input.Index] = true;
            }
        }

        return behind[value.Index] && !Inputs.Any(input => input != value && behind[input.Index]);
    }

    internal static Shape Infer(Node node, IReadOnlyList<Shape> inputs) => Infer(node.Name, node, inputs);

    /// <summary>The extents of what a node makes: the one place that asks it, so that none is beyond what can be counted.</summary>
    internal static Shape Infer(string name, Node node, IReadOnlyList<Shape> inputs)
    {
        try
        {
            return Counted(node.Infer(inputs));
        }
        catch (GpuCamException e)
        {
            throw new GpuCamException($"'{name}': {e.Message}", e);
        }
    }

    /// <summary>The shape, if it is one that memory can have.</summary>
    internal static Shape Counted(Shape shape) => shape is { N: > 0, H: > 0, W: > 0, C: > 0 }
        && (Int128)shape.N * shape.H * shape.W * shape.C <= int.MaxValue
            ? shape
            : throw new GpuCamException(
                $"{shape} is no shape of 1 to {int.MaxValue} elements: give smaller images, or export the model again");
}
