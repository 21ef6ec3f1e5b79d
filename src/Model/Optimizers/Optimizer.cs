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
    private readonly List<Tensor[]> _kinds = [];
    private readonly List<TensorStretch> _memory = [];

    /// <summary>An optimizer of the parameters of these groups, which somebody else owns.</summary>
    protected Optimizer(string name, IReadOnlyList<ParameterGroup> groups)
    {
        (Name, Groups) = (name, groups);
        Parameters = [.. groups.SelectMany(group => group.Parameters)];
    }

    /// <summary>The name that checkpoints carry: <c>sgd</c> or <c>adam</c>.</summary>
    public string Name { get; }

    /// <summary>What is optimized, in groups.</summary>
    public IReadOnlyList<ParameterGroup> Groups { get; }

    /// <summary>The same, group by group.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Steps done since training began, those before a resume included.</summary>
    public int StepCount { get; internal set; }

    /// <summary>What a resume needs beside the step count: one tensor per kind and parameter.</summary>
    public IReadOnlyList<OptimizerState> State => _state;

    /// <summary>Changes every parameter by its gradient: a group at once, where it lies in one stretch of memory.</summary>
    /// <param name="learningRate">Size of this step, from a <see cref="LearningRateSchedule"/>.</param>
    public void Step(float learningRate)
    {
        StepCount++;
        int first = 0;
        foreach (ParameterGroup group in Groups)
        {
            Step(group, first, learningRate * group.RateFactor);
            first += group.Parameters.Count;
        }
    }

    /// <summary>Frees the state.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Changes one parameter, or all as one vector; <see cref="StepCount"/> already counts this step.</summary>
    /// <param name="value">Read and written.</param>
    /// <param name="gradient">Its gradient.</param>
    /// <param name="state">A tensor for each kind of <see cref="CreateState"/>, in the order of the calls.</param>
    /// <param name="learningRate">Size of this step.</param>
    /// <param name="decays">Whether weight decay is for them.</param>
    protected abstract void Update(Tensor value, Tensor gradient, IReadOnlyList<Tensor> state, float learningRate, bool decays);

    /// <summary>Gives every parameter a zero tensor that is saved and restored under <paramref name="kind"/>.</summary>
    protected void CreateState(string kind)
    {
        if (Parameters.Count == 0)
        {
            return;
        }

        var memory = new TensorStretch(Parameters[0].Value.Device, [.. Parameters.Select(parameter => parameter.Shape)]);
        _memory.Add(memory);
        _kinds.Add([.. Parameters.Select((parameter, i) => memory.At(i, $"{Name}.{kind}.{parameter.Name}"))]);
        _state.AddRange(_kinds[^1].Zip(Parameters, (tensor, parameter) => new OptimizerState(tensor, parameter)));
    }

    /// <summary>Frees the state.</summary>
    protected virtual void Dispose(bool disposing)
    {
        foreach (TensorStretch memory in _memory)
        {
            memory.Dispose();
        }
    }

    private void Step(ParameterGroup group, int first, float learningRate)
    {
        Tensor[] values = [.. group.Parameters.Select(parameter => parameter.Value)];
        Tensor[] gradients = [.. group.Parameters.Select(parameter => parameter.Gradient)];
        if (TensorStretch.Whole(values) is { } value && TensorStretch.Whole(gradients) is { } gradient)
        {
            Tensor[] state = [.. _kinds.Select(kind => TensorStretch.Whole(kind[first..(first + values.Length)])!)];
            Update(value, gradient, state, learningRate, group.Decays);
            return;
        }

        for (int i = 0; i < values.Length; i++)
        {
            Update(values[i], gradients[i], [.. _kinds.Select(kind => kind[first + i])], learningRate, group.Decays);
        }
    }
}
