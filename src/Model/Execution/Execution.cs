using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A network on a device: parameters, memory, and the passes through it. Any value can be read, a pass can start at any value and a
/// gradient can end at any; what the device does in one step, and what is kept or computed again for that, is decided here and nowhere
/// else. Values that were asked for are kept by later passes, so that asking costs no second pass.
/// </summary>
public sealed class Execution : IDisposable
{
    private readonly Dictionary<GraphParameter, Parameter> _parameters = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<Node, NodeRun> _runs = [];
    private readonly ReusedTensor?[] _kept;
    private readonly Tensor?[] _values;
    private readonly Node?[] _winnersOf;
    private readonly Wanted _wanted = new();
    private readonly Gradients _gradients;
    private readonly PlanMemory _memory;
    private readonly Planner _planner;
    private readonly WholeLeNet? _whole;
    private (Value Value, Tensor Tensor)[] _start = [];
    private Shape[] _shapes = [];
    private Plan? _plan;

    /// <summary>
    /// <paramref name="network"/> on <paramref name="device"/>, its parameters read from where they are; those that are nowhere are
    /// uninitialised.
    /// </summary>
    public Execution(IDevice device, Network network)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(network);
        (Device, Network) = (device, network);
        int values = Graph.Values.Count;
        (_kept, _values, _winnersOf) = (new ReusedTensor?[values], new Tensor?[values], new Node?[values]);
        _memory = new PlanMemory(device);
        _planner = new Planner(device, Graph);
        _gradients = new Gradients(this);
        foreach (GraphParameter parameter in Graph.Parameters)
        {
            _parameters.Add(parameter, new Parameter(device, parameter));
        }

        Parameters = [.. Graph.Parameters.Select(ParameterOf).Where(parameter => parameter.Kind != ParameterKind.Constant)];
        _whole = WholeLeNet.Create(this);
    }

    /// <summary>Where it runs.</summary>
    public IDevice Device { get; }

    /// <summary>What runs.</summary>
    public Network Network { get; }

    /// <summary>Its graph.</summary>
    public Graph Graph => Network.Graph;

    /// <summary>What training changes, in the order of the nodes.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Numbers that training changes.</summary>
    public int ParameterCount => Parameters.Sum(parameter => parameter.Shape.Count);

    /// <summary>Factor on the features of global average poolings: 1, but for training on changing canvases.</summary>
    public float PoolingGain { get; set; } = 1;

    /// <summary>
    /// Computes the first output (for a classifier the logits [N, classes]) of N images [N, H, W, C]; valid until the next pass.
    /// </summary>
    /// <exception cref="GpuCamException">The images do not fit the network.</exception>
    public Tensor Forward(params IReadOnlyList<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        CheckInputs(inputs);
        Start([.. Graph.Inputs.Zip(inputs)]);
        if (_whole is null || !_whole.Takes(inputs[0].Shape))
        {
            Run(_planner.Pass(StartShapes(), Graph.Outputs, _wanted, keep: true));
        }
        else
        {
            (_values[_whole.Features.Index], _values[Graph.Output.Index]) = _whole.Forward(inputs[0]);
            _shapes = Graph.Infer([inputs[0].Shape.WithN(1)]);
        }

        return _values[Graph.Output.Index]!;
    }

    /// <summary>
    /// Computes the first output with <paramref name="values"/> in place of a value; valid until the next pass. What lies before can be
    /// asked for again after the next <see cref="Forward"/>.
    /// </summary>
    /// <param name="name">A value's name.</param>
    /// <param name="values">For any number of images.</param>
    /// <param name="images">These images, where <see cref="IsBottleneck"/> is false: other ways to the output start there.</param>
    public Tensor ForwardFrom(string name, Tensor values, Tensor? images = null)
    {
        Value value = Graph.Value(name);
        if (images is null && !IsBottleneck(name))
        {
            throw new ArgumentException($"the output does not depend on '{name}' alone: the images are needed too", nameof(images));
        }

        Start(images is null || value == Graph.Input ? [(value, values)] : [(Graph.Input, images), (value, values)]);
        Run(_planner.Pass(StartShapes(), [Graph.Output], _wanted, keep: false));
        return _values[Graph.Output.Index]!;
    }

    /// <summary>Whether every way from the image to the first output leads through a value.</summary>
    public bool IsBottleneck(string name)
    {
        Value value = Graph.Value(name);
        bool[] behind = new bool[Graph.Values.Count];
        behind[Graph.Output.Index] = true;
        foreach (Node node in Graph.Nodes.Reverse().Where(node => behind[node.Output.Index] && node.Output != value))
        {
            foreach (Value input in node.Inputs)
            {
                behind[input.Index] = true;
            }
        }

        return behind[value.Index] && !Graph.Inputs.Any(input => input != value && behind[input.Index]);
    }

    /// <summary>A value of the last pass; valid until the next one.</summary>
    public Tensor Activation(string name)
    {
        Value value = Graph.Value(name);
        if (_values[value.Index] is null)
        {
            CheckStarted();
            _wanted.Add(value);
            RunRest([value]);
        }

        return _values[value.Index]!;
    }

    /// <summary>Overwrites every parameter's gradient.</summary>
    /// <param name="dOutput">Gradient of the loss with respect to the first output.</param>
    /// <param name="needInputGradient">Whether the gradient with respect to the image is wanted too.</param>
    public void Backward(Tensor dOutput, bool needInputGradient = false)
    {
        CheckStarted();
        _wanted.AddTraining();
        if (needInputGradient)
        {
            _wanted.AddGradient(Graph.Input);
        }

        IEnumerable<Value> trained = Graph.Nodes.Where(IsTrained).Select(node => node.Output);
        SendBack(dOutput, Graph.DependOn(needInputGradient ? [.. trained, Graph.Input] : [.. trained]), training: true);
    }

    /// <summary>
    /// The gradient with respect to a value. The pass ends there and leaves the parameters' gradients as they are; what it came by has
    /// its own in <see cref="ActivationGradient"/>.
    /// </summary>
    /// <param name="name">A value's name.</param>
    /// <param name="dOutput">Gradient with respect to the first output.</param>
    /// <param name="also">Values behind it whose gradients are read afterwards: no step may leave them out.</param>
    public Tensor BackwardTo(string name, Tensor dOutput, params IReadOnlyList<string> also)
    {
        ArgumentNullException.ThrowIfNull(also);
        Value value = Graph.Value(name);
        CheckStarted();
        if (!Graph.LeadTo(Graph.Output)[value.Index])
        {
            throw new GpuCamException($"'{name}' does not lead to the output '{Graph.Output.Name}': choose another layer or output");
        }

        _wanted.AddGradient(value);
        foreach (string other in also)
        {
            _wanted.AddGradient(Graph.Value(other));
        }

        SendBack(dOutput, Graph.DependOn([value]), training: false);
        return _gradients.Of(value)!;
    }

    /// <summary>Gradient with respect to a value, from the last <see cref="Backward"/> or <see cref="BackwardTo"/>.</summary>
    public Tensor ActivationGradient(string name) => _gradients.Of(Graph.Value(name))
        ?? throw new InvalidOperationException($"no gradient of '{name}' since the last forward pass");

    /// <summary>Frees memory and parameters.</summary>
    public void Dispose()
    {
        _whole?.Dispose();
        _gradients.Dispose();
        _memory.Dispose();
        foreach (ReusedTensor? kept in _kept)
        {
            kept?.Dispose();
        }

        foreach (NodeRun run in _runs.Values)
        {
            run.Dispose();
        }

        foreach (Parameter parameter in _parameters.Values)
        {
            parameter.Dispose();
        }
    }

    /// <summary>Floats that the last pass took for an image, beside parameters.</summary>
    internal long FloatsPerImage => _plan is null ? 0 : _plan.FloatsPerImage;

    /// <summary>The network as one op, where the device has one for it.</summary>
    internal WholeLeNet? Whole => _whole;

    internal static bool IsTrained(Node node) => node.Parameters.Any(parameter => parameter.Kind != ParameterKind.Constant);

    internal Parameter ParameterOf(GraphParameter parameter) => _parameters[parameter];

    /// <summary>A value that is there, or null.</summary>
    internal Tensor? Known(Value value) => _values[value.Index];

    /// <summary>Extents of a value in the last pass.</summary>
    internal Shape ShapeOf(Value value) => Scaled(_shapes[value.Index]);

    internal NodeRun RunOf(Node node)
    {
        if (!_runs.TryGetValue(node, out NodeRun? run))
        {
            _runs[node] = run = new NodeRun(this, node);
        }

        return run;
    }

    private void SendBack(Tensor dOutput, bool[] flow, bool training)
    {
        IReadOnlyList<Node> nodes = _planner.Lower(_wanted);
        Value[] needed = [.. nodes.Where(node => flow[node.Output.Index]).SelectMany(node => Planner.ReadsOf(node, flow, training))];
        Value[] stale = [.. nodes.Where(node =>
            node.KeepsWinners && flow[node.Output.Index] && _winnersOf[node.Output.Index] != node).Select(node => node.Output)];
        foreach (Value value in stale)
        {
            _values[value.Index] = null;
        }

        RunRest([.. needed.Concat(stale).Distinct().Where(value => _values[value.Index] is null)]);
        _gradients.Run(nodes, dOutput, flow, training);
    }

    private void RunRest(IReadOnlyList<Value> missing)
    {
        if (missing.Count > 0)
        {
            Run(_planner.Rest(StartShapes(), [.. _values.Select(value => value is not null)], missing, _wanted));
        }
    }

    private void Run(Plan plan)
    {
        (_plan, _shapes) = (plan, plan.Shapes);
        foreach (PlanStep step in plan.Steps)
        {
            Node node = step.Node;
            NodeRun run = RunOf(node);
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                run.SetInput(i, _values[node.Inputs[i].Index]);
            }

            int index = node.Output.Index;
            Shape shape = ShapeOf(node.Output);
            run.Y = step.Slot < 0
                ? (_kept[index] ??= new ReusedTensor(Device, node.Name)).Get(shape)
                : _memory.Get(step.Slot, node.Name, shape);
            run.SharedWinners = step.KeepsWinners ? null : _memory.Winners;
            node.Forward(run);
            (_values[index], _winnersOf[index]) = (run.Y, step.KeepsWinners ? node : null);
            foreach (Value released in step.Released)
            {
                _values[released.Index] = null;
            }
        }
    }

    private (Value Value, Shape Shape)[] StartShapes()
    {
        int images = _start[0].Tensor.Shape.N / _start[0].Value.Shape.N;
        return [.. _start.Select(s => (s.Value, s.Tensor.Shape.WithN(s.Tensor.Shape.N / images)))];
    }

    private Shape Scaled(Shape shape) => shape.WithN(shape.N * (_start[0].Tensor.Shape.N / _start[0].Value.Shape.N));

    private void CheckInputs(IReadOnlyList<Tensor> inputs)
    {
        if (inputs.Count != Graph.Inputs.Count)
        {
            throw new GpuCamException($"this network has {Graph.Inputs.Count} inputs, not {inputs.Count}");
        }

        Shape image = Graph.Input.Shape, given = inputs[0].Shape;
        if (given.C != image.C)
        {
            throw new GpuCamException($"images with {given.C} channels do not fit a network for {image.C}");
        }

        if (Graph.MixesImages && given.N != image.N)
        {
            throw new GpuCamException($"this network looks across the images of a batch: give it one image at a time, not {given.N}");
        }
    }

    private void CheckStarted()
    {
        if (_start.Length == 0)
        {
            throw new InvalidOperationException("the network has not run forward yet");
        }
    }

    private void Start((Value Value, Tensor Tensor)[] start)
    {
        Array.Clear(_values);
        Array.Clear(_winnersOf);
        _gradients.Forget();
        _start = start;
        foreach ((Value value, Tensor tensor) in start)
        {
            _values[value.Index] = tensor;
        }
    }
}
