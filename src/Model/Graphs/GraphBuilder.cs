using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Makes a <see cref="Graph"/> from the image on, a node at a time; what <see cref="Add"/> returns is what later nodes read. The usual
/// layers are in <see cref="GraphLayers"/>, so that an architecture reads like the table in its paper.
/// </summary>
public sealed class GraphBuilder
{
    private readonly List<Value> _values = [];
    private readonly List<Value> _inputs = [];
    private readonly HashSet<string> _names = [];

    /// <summary>A builder that begins at the image.</summary>
    public GraphBuilder()
    {
    }

    /// <summary>A builder that goes on from a value of a graph, with all that leads to it. That graph is spent.</summary>
    public GraphBuilder(Graph graph, Value last)
    {
        ArgumentNullException.ThrowIfNull(graph);
        bool[] leads = graph.LeadTo(last);
        _values = [.. graph.Values.Where(value => value.Producer is null || leads[value.Index])];
        _inputs = [.. graph.Inputs];
        _names = [.. _values.Select(value => value.Name)];
        MixesImages = graph.MixesImages;
    }

    /// <summary>Set where a node looks across the images of a batch.</summary>
    public bool MixesImages { get; set; }

    /// <summary>A new input; the first is the image, [1, H, W, C].</summary>
    public Value Input(string name, Shape shape)
    {
        Value value = Name(name, shape, null);
        _inputs.Add(value);
        return value;
    }

    /// <summary>Adds a node; <paramref name="name"/> is that of what it makes.</summary>
    /// <exception cref="GpuCamException">Its inputs do not fit.</exception>
    public Value Add(string name, Node node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return node.Output = Name(name, Graph.Infer(name, node, [.. node.Inputs.Select(input => input.Shape)]), node);
    }

    /// <summary>Whether a value has this name already.</summary>
    public bool Has(string name) => _names.Contains(name);

    /// <summary>The graph that ends in these values, without what leads to none of them. The builder is spent.</summary>
    public Graph Build(params IReadOnlyList<Value> outputs)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var needed = new HashSet<Value>(outputs);
        for (int i = _values.Count - 1; i >= 0; i--)
        {
            if (needed.Contains(_values[i]))
            {
                needed.UnionWith(_values[i].Producer?.Inputs ?? []);
            }
        }

        Value[] values = [.. _inputs, .. _values.Where(value => value.Producer is not null && needed.Contains(value))];
        for (int i = 0; i < values.Length; i++)
        {
            values[i].Index = i;
        }

        return new Graph(values, _inputs, outputs, MixesImages);
    }

    private Value Name(string name, Shape shape, Node? producer)
    {
        if (!_names.Add(name))
        {
            throw new ArgumentException($"two values are called '{name}'");
        }

        var value = new Value(name, shape, producer);
        _values.Add(value);
        return value;
    }
}
