using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>The values of the last pass that there are, and the memory that they lie in.</summary>
internal sealed class Pass : IDisposable
{
    private readonly Execution _execution;
    private readonly PlanMemory _memory;
    private readonly ReusedTensor?[] _kept;
    private readonly Tensor?[] _values;
    private readonly Node?[] _winnersOf;
    private Shape[] _shapes = [];
    private int _images;

    public Pass(Execution execution)
    {
        int values = execution.Graph.Values.Count;
        _execution = execution;
        _memory = new PlanMemory(execution.Device);
        (_kept, _values, _winnersOf) = (new ReusedTensor?[values], new Tensor?[values], new Node?[values]);
    }

    /// <summary>What was given, with extents for one image; empty before the first pass.</summary>
    public IReadOnlyList<(Value Value, Shape Shape)> Start { get; private set; } = [];

    /// <summary>Floats that the last plan took for an image.</summary>
    public long FloatsPerImage { get; private set; }

    /// <summary>A value that is there, or null.</summary>
    public Tensor? Known(Value value) => _values[value.Index];

    /// <summary>Extents of a value that the last plan came by.</summary>
    public Shape ShapeOf(Value value) => _shapes[value.Index] is var shape ? shape.WithN(shape.N * _images) : shape;

    /// <summary>Whether the integers are there that a node, or the step that stands for it, leaves for its gradient.</summary>
    public bool HasWinners(Node node) => _winnersOf[node.Output.Index] == node;

    /// <summary>Forgets all values; begins with these.</summary>
    public void Begin(IReadOnlyList<(Value Value, Tensor Tensor)> start)
    {
        Array.Clear(_values);
        Array.Clear(_winnersOf);
        _images = start[0].Tensor.Shape.N / start[0].Value.Shape.N;
        Start = [.. start.Select(s => (s.Value, s.Tensor.Shape.WithN(s.Tensor.Shape.N / _images)))];
        foreach ((Value value, Tensor tensor) in start)
        {
            _values[value.Index] = tensor;
        }
    }

    /// <summary>Takes values that something else has computed.</summary>
    public void Took(IReadOnlyList<(Value Value, Tensor Tensor)> values, Shape[] shapes)
    {
        _shapes = shapes;
        foreach ((Value value, Tensor tensor) in values)
        {
            _values[value.Index] = tensor;
        }
    }

    /// <summary>Forgets values, so that they are computed again.</summary>
    public void Forget(IEnumerable<Value> values)
    {
        foreach (Value value in values)
        {
            _values[value.Index] = null;
        }
    }

    /// <summary>Forgets the pass.</summary>
    public void End()
    {
        Array.Clear(_values);
        Array.Clear(_winnersOf);
        Start = [];
    }

    /// <summary>Throws unless there has been one.</summary>
    public void CheckStarted()
    {
        if (Start.Count == 0)
        {
            throw new InvalidOperationException("the network has not run forward yet");
        }
    }

    /// <summary>Throws unless images fit the network.</summary>
    public void CheckInputs(IReadOnlyList<Tensor> inputs)
    {
        Graph graph = _execution.Graph;
        if (inputs.Count != graph.Inputs.Count)
        {
            throw new GpuCamException($"this network has {graph.Inputs.Count} inputs, not {inputs.Count}");
        }

        Shape image = graph.Input.Shape, given = inputs[0].Shape;
        if (given.C != image.C)
        {
            throw new GpuCamException($"images with {given.C} channels do not fit a network for {image.C}");
        }

        if (graph.MixesImages && given.N != image.N)
        {
            throw new GpuCamException($"this network looks across the images of a batch: give it one image at a time, not {given.N}");
        }
    }

    /// <summary>Runs the steps of a plan.</summary>
    public void Run(Plan plan)
    {
        if (plan.Steps.Count == 0)
        {
            return;
        }

        (_shapes, FloatsPerImage) = (plan.Shapes, plan.FloatsPerImage);
        foreach (PlanStep step in plan.Steps)
        {
            Node node = step.Node;
            NodeRun run = _execution.RunOf(node);
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                run.SetInput(i, _values[node.Inputs[i].Index]);
            }

            int index = node.Output.Index;
            Shape shape = ShapeOf(node.Output);
            run.Y = step.Slot < 0
                ? (_kept[index] ??= new ReusedTensor(_execution.Device, node.Name)).Get(shape)
                : _memory.Get(step.Slot, node.Name, shape, run.Y);
            run.SharedWinners = step.KeepsWinners ? null : _memory.Winners;
            _execution.Clock.Start();
            node.Forward(run);
            _execution.Clock.Stop(node, StepPart.Forward);
            (_values[index], _winnersOf[index]) = (run.Y, step.KeepsWinners ? node : null);
            for (int i = 0; i < step.Released.Count; i++)
            {
                _values[step.Released[i].Index] = null;
            }
        }
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _memory.Dispose();
        foreach (ReusedTensor? kept in _kept)
        {
            kept?.Dispose();
        }
    }
}
