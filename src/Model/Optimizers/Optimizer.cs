using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What an optimizer remembers about a parameter, in the parameter's shape and layout.</summary>
/// <param name="Value">Named as in files, such as <c>adam.m.conv1.weight</c>.</param>
/// <param name="Parameter">What it belongs to.</param>
public readonly record struct OptimizerState(Tensor Value, Parameter Parameter);

/// <summary>Changes parameters by their gradients. Its state can be saved, so that a resumed run is the same run.</summary>
public abstract class Optimizer : IDisposable
{
    private readonly List<OptimizerState> _state = [];

    /// <summary>An optimizer of <paramref name="parameters"/>, which somebody else owns.</summary>
    protected Optimizer(string name, IReadOnlyList<Parameter> parameters)
    {
        Name = name;
        Parameters = parameters;
    }

    /// <summary>The name that checkpoints carry: <c>sgd</c> or <c>adam</c>.</summary>
    public string Name { get; }

    /// <summary>What is optimized.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Steps done since training began, those before a resume included.</summary>
    public int StepCount { get; internal set; }

    /// <summary>What a resume needs beside the step count: one tensor per kind and parameter.</summary>
    public IReadOnlyList<OptimizerState> State => _state;

    /// <summary>Changes every parameter by its gradient.</summary>
    /// <param name="learningRate">Size of this step, from a <see cref="LearningRateSchedule"/>.</param>
    public void Step(float learningRate)
    {
        StepCount++;
        for (int i = 0; i < Parameters.Count; i++)
        {
            Update(i, Parameters[i], learningRate);
        }
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes parameter <paramref name="index"/>; <see cref="StepCount"/> already counts this step.</summary>
    protected abstract void Update(int index, Parameter parameter, float learningRate);

    /// <summary>One zero tensor per parameter, saved and restored under <paramref name="kind"/>.</summary>
    protected Tensor[] CreateState(string kind)
    {
        var tensors = new Tensor[Parameters.Count];
        for (int i = 0; i < tensors.Length; i++)
        {
            tensors[i] = new Tensor(Parameters[i].Value.Device, $"{Name}.{kind}.{Parameters[i].Name}", Parameters[i].Shape);
            tensors[i].Buffer.Clear();
            _state.Add(new OptimizerState(tensors[i], Parameters[i]));
        }

        return tensors;
    }

    /// <summary>Frees the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (OptimizerState state in _state)
        {
            state.Value.Dispose();
        }
    }
}
