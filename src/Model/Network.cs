namespace GpuCam.Model;

/// <summary>A network and what it says of itself: a graph, the names of its classes, and how it is fed.</summary>
/// <param name="Graph">What is computed; its first output are the logits.</param>
/// <param name="ClassNames">One name per class, in the order of the logits.</param>
public sealed record Network(Graph Graph, IReadOnlyList<string> ClassNames)
{
    private readonly NetworkConfig? _config;

    /// <summary>What the network was built from, if it is one of <see cref="Architectures"/>.</summary>
    /// <exception cref="GpuCamException">It is not.</exception>
    public NetworkConfig Config
    {
        get => _config ?? throw new GpuCamException(
            "this is possible for networks that this program builds only; give a file that 'gpucam train' wrote");
        init => _config = value;
    }

    /// <summary>Whether it is: then it can be trained, and made again with other weights.</summary>
    public bool HasConfig => _config is not null;

    /// <summary>Name of the value that the pooling before the linear layer makes.</summary>
    public string PooledName => Tail is { Features: var features }
        ? Graph.Consumers(features).First(node => node is GlobalAveragePoolNode or GlobalMaxPoolNode).Name
        : throw new GpuCamException($"this is possible for networks with a global pooling only; this one ends in {Ending}");

    /// <summary>How a picture becomes the image; null where nothing says it.</summary>
    public Preprocessing? Preprocessing { get; init; }

    /// <summary>The layers behind the last feature maps; null where the network does not end in a classifier on pooled features.</summary>
    public Tail? Tail { get; } = Tail.Find(Graph);

    /// <summary>The last layer that can be trained: what fine-tuning begins with.</summary>
    /// <exception cref="GpuCamException">There is none.</exception>
    public Node Head => Graph.Nodes.LastOrDefault(node => node.IsTrained)
        ?? throw new GpuCamException("this network has no layer that can be trained; give another model");

    /// <summary>What it reads, before any dropout.</summary>
    public Value HeadInput
    {
        get
        {
            Value value = Head.Inputs[0];
            while (value.Producer is DropoutNode dropout)
            {
                value = dropout.Inputs[0];
            }

            return value;
        }
    }

    /// <summary>Channels of an image.</summary>
    public int Channels => Graph.Input.Shape.C;

    /// <summary>Numbers that the network says of an image.</summary>
    public int LogitCount => Graph.Output.Shape.C;

    /// <summary>Classes that they tell apart: as many, or two where there is one (see <see cref="ClassScore"/>).</summary>
    public int ClassCount => ClassScore.ClassCount(LogitCount);

    /// <summary>
    /// The values that a map can be made of, from the image on: those of more than one cell that lead to the output, as far as the one that
    /// is pooled.
    /// </summary>
    public IReadOnlyList<Value> MappableValues
    {
        get
        {
            bool[] leads = Graph.LeadTo(Tail?.Features ?? Graph.Output), places = HavePlaces();
            return [.. Graph.Nodes.Select(node => node.Output).Where(value =>
                leads[value.Index]
                && ((value.Shape.N == 1 && places[value.Index] && value != Graph.Output) || value == Tail?.Features))];
        }
    }

    /// <summary>What is mapped unless another value is asked for; null where there are none.</summary>
    public Value? DefaultValue => MappableValues is [.., var last] ? last : null;

    /// <summary>The last nodes, for people.</summary>
    public string Ending
    {
        get
        {
            var kinds = new List<string>();
            for (Node? node = Graph.Output.Producer; node is not null && kinds.Count < 3; node = node.Inputs[0].Producer)
            {
                kinds.Insert(0, node.Kind);
            }

            return string.Join(" → ", kinds);
        }
    }

    /// <summary>
    /// Which values have cells that are places of the image, by their places in the graph: several cells, and not made of values that have
    /// lost them. Pooled features that are only laid out along rows again, as normalisations of channels do, have none.
    /// </summary>
    private bool[] HavePlaces()
    {
        bool[] places = new bool[Graph.Values.Count], had = new bool[Graph.Values.Count], image = Graph.DependOn([Graph.Input]);
        places[Graph.Input.Index] = had[Graph.Input.Index] = Graph.Input.Shape.Area > 1;
        foreach (Node node in Graph.Nodes.Where(node => image[node.Output.Index]))
        {
            bool cells = node.Output.Shape.Area > 1, lost = node.Inputs.Any(input => had[input.Index]);
            places[node.Output.Index] = cells && (!lost || node.Inputs.Any(input => places[input.Index]));
            had[node.Output.Index] = cells || lost;
        }

        return places;
    }
}
