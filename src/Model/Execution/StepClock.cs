using System.Diagnostics;
using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>What a step computes.</summary>
public enum StepPart
{
    /// <summary>Its output.</summary>
    Forward,

    /// <summary>The gradient of an input.</summary>
    InputGradient,

    /// <summary>The gradients of its parameters.</summary>
    ParameterGradients,
}

/// <summary>Tells whoever asks how long each step of an execution takes. While nobody does, steps run on without a wait.</summary>
public sealed class StepClock
{
    private readonly IDevice _device;
    private long _begin;

    internal StepClock(IDevice device) => _device = device;

    /// <summary>
    /// Hears of each step, a node of the graph or one that stands for several, when the device is done with it; null for nobody.
    /// </summary>
    public Action<Node, StepPart, TimeSpan>? Listener { get; set; }

    internal void Start()
    {
        if (Listener is not null)
        {
            _begin = Stopwatch.GetTimestamp();
        }
    }

    internal void Stop(Node node, StepPart part)
    {
        if (Listener is { } listener)
        {
            _device.Synchronize();
            listener(node, part, Stopwatch.GetElapsedTime(_begin));
        }
    }
}
