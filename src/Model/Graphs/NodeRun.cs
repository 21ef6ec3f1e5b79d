using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>What a node works on in one pass: tensors of its values and parameters, and memory of its own.</summary>
public sealed class NodeRun : IDisposable
{
    private readonly Execution _execution;
    private readonly Tensor?[] _inputs;
    private readonly ReusedBuffer<int> _winners;
    private readonly Dictionary<string, ReusedTensor> _scratch = [];
    private Tensor? _before;
    private bool _overwritesDY;

    internal NodeRun(Execution execution, Node node)
    {
        (_execution, Node) = (execution, node);
        _inputs = new Tensor?[node.Inputs.Count];
        _winners = new ReusedBuffer<int>(execution.Device);
    }

    /// <summary>The output.</summary>
    public Tensor Y { get; internal set; } = null!;

    /// <summary>Gradient of the output.</summary>
    public Tensor DY { get; private set; } = null!;

    /// <summary>Where the gradient of the input goes that is asked for.</summary>
    public Tensor DX { get; internal set; } = null!;

    /// <summary>Factor on the features of a global average pooling: 1, but for training on changing canvases.</summary>
    public float PoolingGain => _execution.PoolingGain;

    /// <summary>Whether the node is trained right now: not while it is frozen.</summary>
    public bool IsTraining => _execution.Training && !_execution.State.IsFrozen(Node);

    /// <summary>What random masks are drawn by in training: a seed, and the step.</summary>
    public (ulong Seed, int Step) Masks => _execution.State.Masks;

    /// <summary>The place of this pass's first image in the batch that it is a part of.</summary>
    public int FirstImage => _execution.State.FirstImage;

    /// <summary>Where this runs.</summary>
    public IDevice Device => _execution.Device;

    internal Node Node { get; }

    /// <summary>The gradient in front of a pool, once a way back has come by it; it lies in memory of the node's own.</summary>
    internal Tensor? Unpooled { get; set; }

    /// <summary>Where integers go that no gradient needs; null where they stay.</summary>
    internal ReusedBuffer<int>? SharedWinners { get; set; }

    /// <summary>An input.</summary>
    public Tensor X(int input = 0) => _inputs[input] ?? throw new InvalidOperationException($"input {input} of '{Node.Name}' is not there");

    /// <summary>Extents of an input, whether it is there or not.</summary>
    public Shape ShapeOf(int input) => _execution.ShapeOf(Node.Inputs[input]);

    /// <summary>A parameter's value.</summary>
    public Tensor Parameter(int index) => _execution.ParameterOf(Node.Parameters[index]).Read;

    /// <summary>A parameter as the weight of a convolution, with what the device keeps of it.</summary>
    public ConvWeight Weight(int index) => _execution.ParameterOf(Node.Parameters[index]).Weight;

    /// <summary>Where a parameter's gradient goes.</summary>
    public Tensor ParameterGradient(int index) => _execution.ParameterOf(Node.Parameters[index]).Gradient;

    /// <summary>Integers that stay from the forward to the backward pass.</summary>
    public DeviceBuffer<int> Winners(int count) => (SharedWinners ?? _winners).Get(count);

    /// <summary>Memory of the node's own, by a name; what it holds stays until the node writes there again, or asks for more.</summary>
    public Tensor Scratch(string name, Shape shape)
    {
        if (!_scratch.TryGetValue(name, out ReusedTensor? tensor))
        {
            _scratch[name] = tensor = new ReusedTensor(Device, $"{name} of {Node.Name}");
        }

        return tensor.Get(shape);
    }

    /// <summary>
    /// <see cref="DY"/> in front of an activation that <see cref="Y"/> came out of: computed once, and in the place of DY where nobody
    /// reads that again.
    /// </summary>
    public Tensor Before(Activation activation)
    {
        if (activation.IsNone)
        {
            return DY;
        }

        if (_before is null)
        {
            Tensor before = _overwritesDY ? DY : Scratch("gradient before the activation", DY.Shape);
            activation.Backward(Y, DY, before);
            _before = before;
        }

        return _before;
    }

    /// <summary>Begins the way back.</summary>
    /// <param name="dy">Gradient of the output.</param>
    /// <param name="overwrites">Whether nobody reads it afterwards.</param>
    internal void TurnBack(Tensor dy, bool overwrites) => (DY, _overwritesDY, _before, Unpooled) = (dy, overwrites, null, null);

    /// <summary>The run of a node inside a step: it reads an input of the step, whose gradient is the node's to write.</summary>
    internal NodeRun Inside(Node node, int input)
    {
        NodeRun run = _execution.RunOf(node);
        run.SetInput(0, _inputs[input]);
        run.DX = DX;
        return run;
    }

    internal void SetInput(int index, Tensor? tensor) => _inputs[index] = tensor;

    /// <summary>Frees the node's own memory.</summary>
    public void Dispose()
    {
        _winners.Dispose();
        foreach (ReusedTensor tensor in _scratch.Values)
        {
            tensor.Dispose();
        }
    }
}

/// <summary>The runs of an execution's nodes and steps, each made when it is first asked for.</summary>
internal sealed class NodeRuns(Execution execution) : IDisposable
{
    private readonly Dictionary<Node, NodeRun> _runs = [];

    public NodeRun Of(Node node)
    {
        if (!_runs.TryGetValue(node, out NodeRun? run))
        {
            _runs[node] = run = new NodeRun(execution, node);
        }

        return run;
    }

    public void Dispose()
    {
        foreach (NodeRun run in _runs.Values)
        {
            run.Dispose();
        }
    }
}
