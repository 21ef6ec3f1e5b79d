namespace GpuCam.Model;

/// <summary>What has been asked for beside the outputs since an execution began: passes keep it from then on.</summary>
/// <param name="trainingMode">Whether this is of passes in training, each of which is for the parameters' gradients.</param>
/// <param name="frozen">Nodes that training leaves as they are.</param>
internal sealed class Wanted(bool trainingMode, HashSet<Node> frozen)
{
    private readonly HashSet<Value> _values = [];
    private readonly HashSet<Value> _gradients = [];
    private bool _training = trainingMode;

    /// <summary>Values that were read.</summary>
    public IReadOnlyCollection<Value> Values => _values;

    /// <summary>Values whose gradient was asked for.</summary>
    public IReadOnlyCollection<Value> Gradients => _gradients;

    /// <summary>Whether gradients of parameters were.</summary>
    public bool Training => _training;

    /// <summary>Whether passes are those of training.</summary>
    public bool TrainingMode { get; } = trainingMode;

    /// <summary>Whether nothing has been.</summary>
    public bool IsNothing => !_training && _values.Count + _gradients.Count == 0;

    /// <summary>Changes with all of it.</summary>
    public int Version { get; private set; }

    /// <summary>Whether training changes a parameter of a node.</summary>
    public bool Trains(Node node) =>
        node is FusedNode step ? step.Inside.Any(Trains) : node.IsTrained && !frozen.Contains(node);

    /// <summary>After nodes were frozen.</summary>
    public void Change() => Version++;

    public void Add(Value value) => Version += _values.Add(value) ? 1 : 0;

    public void AddGradient(Value value) => Version += _gradients.Add(value) ? 1 : 0;

    public void AddTraining()
    {
        Version += _training ? 0 : 1;
        _training = true;
    }
}
