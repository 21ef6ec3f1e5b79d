using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>The parameters of an execution. A GPU reads them at once; a host when they are first used, or beside the caller.</summary>
internal sealed class ParameterSet : IDisposable
{
    private readonly Dictionary<GraphParameter, Parameter> _parameters = new(ReferenceEqualityComparer.Instance);
    private readonly IDevice _device;
    private readonly Graph _graph;
    private Task? _loading;
    private volatile bool _disposed;

    public ParameterSet(IDevice device, Graph graph)
    {
        (_device, _graph) = (device, graph);
        foreach (GraphParameter parameter in graph.Parameters)
        {
            _parameters.Add(parameter, new Parameter(device, parameter));
        }

        Trained = [.. graph.Parameters.Select(parameter => this[parameter]).Where(parameter => parameter.Kind != ParameterKind.Constant)];
        if (device is not HostDevice)
        {
            Load();
        }
    }

    /// <summary>What training changes, in the order of the nodes.</summary>
    public IReadOnlyList<Parameter> Trained { get; }

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
    }

    private void Load()
    {
        foreach (GraphParameter parameter in _graph.Parameters.Where(parameter => parameter.Data is not null && !_disposed))
        {
            this[parameter].Preload();
        }
    }
}
