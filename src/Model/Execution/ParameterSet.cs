using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// The parameters of an execution. A GPU reads them at once; a host when they are first used, or beside the caller. Where launches
/// count, what is trained lies in one stretch, and so do the gradients: an update is one launch (<see cref="Optimizer"/>).
/// </summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<GraphParameter, Parameter> _parameters = new(ReferenceEqualityComparer.Instance);
    private readonly IDevice _device;
    private readonly Graph _graph;
    private readonly TensorStretch? _values, _gradients;
    private Task? _loading;
    private volatile bool _disposed;

    /// <summary>The parameters of a graph; with a <paramref name="source"/> those of another host, with gradients of their own.</summary>
    public ParameterSet(IDevice device, Graph graph, ParameterSet? source = null)
    {
        (_device, _graph) = (device, graph);
        GraphParameter[] trained = [.. graph.Parameters.Where(parameter => parameter.IsTrained)];
        Shape[] shapes = [.. trained.Select(parameter => parameter.Shape)];
        if (device.PrefersGroups && TensorStretch.Fits(shapes))
        {
            (_values, _gradients) = (new TensorStretch(device, shapes), new TensorStretch(device, shapes));
        }

        foreach (GraphParameter parameter in graph.Parameters)
        {
            if (source is not null)
            {
                _parameters.Add(parameter, new Parameter((HostDevice)device, parameter, source[parameter]));
                continue;
            }

            int place = Array.FindIndex(trained, other => ReferenceEquals(other, parameter));
            string name = parameter.Name;
            _parameters.Add(parameter, _values is null || place < 0
                ? new Parameter(device, parameter)
                : new Parameter(device, parameter, () => _values.At(place, name), () => _gradients!.At(place, $"gradient of {name}")));
        }

        Trained = [.. trained.Select(parameter => this[parameter])];
        Saved = [.. graph.Parameters.Where(parameter => parameter.IsSaved).Select(parameter => this[parameter])];
        if (device is not HostDevice)
        {
            Load();
        }
    }

    /// <summary>What training changes, in the order of the nodes.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

    /// <summary>These, and the running statistics between them.</summary>
    public IReadOnlyList<Parameter> Saved { get; }

    public Parameter this[GraphParameter parameter] => _parameters[parameter];

    /// <summary>
    /// On a host, reads them on another thread. What is wrong with one is said to whoever uses it, who then reads it once more.
    /// </summary>
    public void LoadInBackground()
    {
        if (_device is HostDevice)
        {
            _loading ??= Task.Run(Load);
        }
    }

    public void Dispose()
    {
        _disposed = true;
        _loading?.ContinueWith(_ => { }, TaskScheduler.Default).Wait();
        foreach (Parameter parameter in _parameters.Values)
        {
            parameter.Dispose();
        }

        _values?.Dispose();
        _gradients?.Dispose();
    }

    private void Load()
    {
        foreach (GraphParameter parameter in _graph.Parameters.Where(parameter => parameter.Data is not null && !_disposed))
        {
            this[parameter].Preload();
        }
    }
}
