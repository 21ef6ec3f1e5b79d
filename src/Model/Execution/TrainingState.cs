namespace GpuCam.Model;

/// <summary>
/// Which nodes of an execution are trained, and whether they are right now. Passes in training have plans of their own: what was asked for
/// in between, a map of an evaluation, changes neither their steps nor their bits.
/// </summary>
internal sealed class TrainingState
{
    private const string FeaturesName = "features";
    private readonly Execution _execution;
    private readonly HashSet<Node> _frozen = [];
    private readonly Wanted _usual, _training;

    public TrainingState(Execution execution)
    {
        (_execution, _usual, _training) = (execution, new Wanted(false, _frozen), new Wanted(true, _frozen));
        Wanted = _usual;
    }

    /// <summary>What has been asked for, in training or otherwise.</summary>
    public Wanted Wanted { get; private set; }

    /// <summary>What random masks are drawn by.</summary>
    public (ulong Seed, int Step) Masks { get; set; }

    /// <summary>The place of the first image of a pass in the batch that it is a part of: masks are drawn for the whole batch.</summary>
    public int FirstImage { get; set; }

    /// <summary>Hears of each node when a backward pass of training is through with it: the gradients of its parameters are there, and
    /// nobody reads them any more.</summary>
    public Action<Node>? Differentiated { get; set; }

    /// <summary>How many nodes are frozen: changes with each <see cref="Freeze"/> that matters.</summary>
    public int FrozenNodes => _frozen.Count;

    /// <summary>The nodes that compute something else in training.</summary>
    public IEnumerable<Node> Modal => _execution.Graph.Nodes.Where(node => node.HasTrainingMode && !IsFrozen(node));

    /// <summary>Whether a layer that is not frozen computes something else in training.</summary>
    public bool Matters => Modal.Any();

    /// <summary>The parameters that optimizers change.</summary>
    public IReadOnlyList<Parameter> Trained =>
    [
        .. _execution.Graph.Nodes.Where(Wanted.Trains).SelectMany(node => node.Parameters).Where(parameter => parameter.IsTrained)
            .Distinct().Select(_execution.ParameterOf),
    ];

    /// <summary>Whether training leaves a node as it is.</summary>
    public bool IsFrozen(Node node) => _frozen.Contains(node);

    /// <summary>Turns training on or off; false where it is.</summary>
    public bool Change(bool training)
    {
        Wanted before = Wanted;
        Wanted = training ? _training : _usual;
        return Wanted != before;
    }

    /// <summary>As <see cref="Execution.Freeze"/>.</summary>
    public void Freeze(string name)
    {
        Graph graph = _execution.Graph;
        Value value = name == FeaturesName && !graph.Has(name) ? _execution.Network.HeadInput : graph.Value(name);
        bool[] lead = graph.LeadTo(value);
        if (!graph.Nodes.Any(node => node.IsTrained && !lead[node.Output.Index]))
        {
            throw new GpuCamException(
                $"nothing would be left to train with all up to '{name}' frozen: name an earlier layer, or '{FeaturesName}'");
        }

        Leave(graph.Nodes.Where(node => lead[node.Output.Index]));
    }

    /// <summary>Leaves those nodes as they are that another execution of the graph does.</summary>
    public void FreezeAs(TrainingState other) => Leave(other._frozen);

    /// <summary>Takes what the last pass measured of its batch into the running statistics.</summary>
    public void UpdateStatistics()
    {
        foreach (Node node in Modal)
        {
            node.UpdateStatistics(_execution.RunOf(node));
        }
    }

    /// <summary>Throws while the network is being trained.</summary>
    public void CheckOff()
    {
        if (Wanted.TrainingMode)
        {
            throw new InvalidOperationException("in training, gradients go to the parameters: call Backward, or turn it off");
        }
    }

    private void Leave(IEnumerable<Node> nodes)
    {
        _frozen.UnionWith(nodes);
        _usual.Change();
        _training.Change();
    }
}
