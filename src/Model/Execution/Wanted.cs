namespace GpuCam.Model;

/// <summary>What has been asked for beside the outputs since an execution began: passes keep it from then on.</summary>
internal sealed class Wanted
{
    private readonly HashSet<Value> _values = [];
    private readonly HashSet<Value> _gradients = [];
    private bool _training;

    /// <summary>Values that were read.</summary>
    public IReadOnlyCollection<Value> Values => _values;

    /// <summary>Values whose gradient was asked for.</summary>
    public IReadOnlyCollection<Value> Gradients => _gradients;

    /// <summary>Whether gradients of parameters were.</summary>
    public bool Training => _training;

    /// <summary>Changes with all of it.</summary>
    public int Version { get; private set; }

    public void Add(Value value) => Version += _values.Add(value) ? 1 : 0;

    public void AddGradient(Value value) => Version += _gradients.Add(value) ? 1 : 0;

    public void AddTraining()
    {
        Version += _training ? 0 : 1;
        _training = true;
    }
}
