using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// A network on a device: parameters, memory, and the passes through it. Any value can be read, a pass can start at any value and a
/// gradient can end at any; what the device does in one step, and what is kept or computed again for that, is decided here and nowhere
/// else. Values that were asked for are kept by later passes, so that asking costs no second pass. Not for two threads at once: an
/// <see cref="Explainer"/> is.
/// </summary>
public sealed class Execution : IDisposable
{
    private readonly ParameterSet _parameters;
    private readonly NodeRuns _runs;
    private readonly Pass _pass;
    private readonly Gradients _gradients;
    private readonly Planner _planner;
    private readonly BatchSlices _slices;

    /// <summary>
    /// <paramref name="network"/> on <paramref name="device"/>. Parameters are read from where they are: by a GPU now, by a host when
    /// they are first used or by <see cref="LoadInBackground"/>; those that are nowhere are uninitialised.
    /// </summary>
    public Execution(IDevice device, Network network) : this(device, network, null)
    {
    }

    /// <summary>The same; with a <paramref name="source"/>, on another host, for passes beside its own: with that one's parameters in
    /// the same memory, and gradients of its own. It must not outlive it.</summary>
    internal Execution(IDevice device, Network network, Execution? source)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(network);
        (Device, Network, Clock) = (device, network, new StepClock(device));
        (State, _runs) = (new TrainingState(this), new NodeRuns(this));
        _pass = new Pass(this);
        _planner = new Planner(device, Graph);
        _gradients = new Gradients(this, _pass, _planner);
        _parameters = new ParameterSet(device, Graph, source?._parameters);
        Whole = WholeLeNet.Create(this);
        _slices = new BatchSlices(this, _pass, _planner);
    }

    /// <summary>Where it runs.</summary>
    public IDevice Device { get; }

    /// <summary>What runs.</summary>
    public Network Network { get; }

    /// <summary>Its graph.</summary>
    public Graph Graph => Network.Graph;

    /// <summary>Times its steps.</summary>
    public StepClock Clock { get; }

    /// <summary>What training changes by gradients, in the order of the nodes, frozen or not.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters.Trained;

    /// <summary>Those that are not frozen: for an optimizer.</summary>
    public IReadOnlyList<Parameter> Trained => State.Trained;

    /// <summary>What a file of the network holds: <see cref="Parameters"/>, and the running statistics between them.</summary>
    public IReadOnlyList<Parameter> Saved => _parameters.Saved;

    /// <summary>
    /// Whether the network is being trained: layers that are not frozen normalise by the statistics of their batch, and drop out. On from
    /// before a forward pass until its gradients were used; a <see cref="Trainer"/> sees to that. Setting it forgets the last pass.
    /// </summary>
    public bool Training
    {
        get => Wanted.TrainingMode;
        set
        {
            if (State.Change(value))
            {
                _gradients.Forget();
                _pass.End();
            }
        }
    }

    /// <summary>Factor on the features of global average poolings: 1, but for training on changing canvases.</summary>
    public float PoolingGain { get; set; } = 1;

    /// <summary>On a host, reads the parameters beside the caller, in the order in which a pass needs them; one that comes earlier waits.
    /// What is wrong with one is said to whoever uses it.</summary>
    public void LoadInBackground() => _parameters.LoadInBackground();

    /// <summary>
    /// Computes the first output (for a classifier the logits [N, classes]) of N images [N, H, W, C]; valid until the next pass.
    /// </summary>
    /// <exception cref="GpuCamException">The images do not fit the network.</exception>
    public Tensor Forward(params IReadOnlyList<Tensor> inputs)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        _pass.CheckInputs(inputs);
        if (ImagesTogether < inputs[0].Shape.N)
        {
            return _slices.Forward(Wanted, inputs[0]);
        }

        Begin([.. Graph.Inputs.Zip(inputs)]);
        if (Whole is null || !Whole.Takes(inputs[0].Shape))
        {
            _pass.Run(_planner.Pass(_pass.Start, Graph.Outputs, Wanted, keep: true));
        }
        else
        {
            (Tensor features, Tensor logits) = Whole.Forward(inputs[0]);
            _pass.Took([(Whole.Features, features), (Graph.Output, logits)], Graph.Infer([inputs[0].Shape.WithN(1)]));
        }

        return _pass.Known(Graph.Output)!;
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

        Wanted.Add(value);     // no step may leave it out
        Begin(images is null || value == Graph.Input ? [(value, values)] : [(Graph.Input, images), (value, values)]);
        _pass.Run(_planner.Pass(_pass.Start, [Graph.Output], Wanted, keep: false));
        return _pass.Known(Graph.Output)!;
    }

    /// <summary>Whether every way from the image to the first output leads through a value.</summary>
    public bool IsBottleneck(string name) => Graph.IsBottleneck(Graph.Value(name));

    /// <summary>A value of the last pass; valid until the next one.</summary>
    public Tensor Activation(string name)
    {
        Value value = Graph.Value(name);
        if (_pass.Known(value) is null)
        {
            _pass.CheckStarted();
            Wanted.Add(value);
            _pass.Run(_planner.Rest(_pass, [value], Wanted));
        }

        return _pass.Known(value)!;
    }

    /// <summary>Overwrites every parameter's gradient.</summary>
    /// <param name="dOutput">Gradient of the loss with respect to the first output.</param>
    /// <param name="needInputGradient">Whether the gradient with respect to the image is wanted too.</param>
    public void Backward(Tensor dOutput, bool needInputGradient = false)
    {
        _pass.CheckStarted();
        Wanted.AddTraining();
        if (needInputGradient)
        {
            Wanted.AddGradient(Graph.Input);
        }

        _gradients.Send(dOutput, needInputGradient ? [Graph.Input] : [], training: true);
    }

    /// <summary>The gradient with respect to a value. The pass ends there and leaves the parameters' gradients as they are.</summary>
    /// <param name="name">A value's name.</param>
    /// <param name="dOutput">Gradient with respect to the first output.</param>
    /// <param name="also">Values behind it whose gradients are read afterwards: no step may leave them out.</param>
    public Tensor BackwardTo(string name, Tensor dOutput, params IReadOnlyList<string> also)
    {
        ArgumentNullException.ThrowIfNull(also);
        Value value = Graph.Value(name);
        _pass.CheckStarted();
        State.CheckOff();
        if (!Graph.LeadTo(Graph.Output)[value.Index])
        {
            throw new GpuCamException($"'{name}' does not lead to the output '{Graph.Output.Name}': choose another layer or output");
        }

        Wanted.AddGradient(value);
        foreach (string other in also)
        {
            Wanted.AddGradient(Graph.Value(other));
        }

        _gradients.Send(dOutput, [value], training: false);
        return _gradients.Of(value)!;
    }

    /// <summary>
    /// Gradient with respect to a value that the last <see cref="Backward"/> or <see cref="BackwardTo"/> came by. One that was not asked
    /// for before is gone, and found by going the same way again; later passes keep it.
    /// </summary>
    public Tensor ActivationGradient(string name) => _gradients.Ask(Graph.Value(name))
        ?? throw new InvalidOperationException($"no gradient of '{name}' since the last forward pass");

    /// <summary>
    /// Leaves all layers as they are that a value is made of: their statistics too, and no gradient goes there. "features" are what the
    /// last trained layer reads (<see cref="Network.Head"/>), unless a value has that name.
    /// </summary>
    public void Freeze(string name) => State.Freeze(name);

    /// <summary>Frees memory and parameters.</summary>
    public void Dispose()
    {
        Whole?.Dispose();
        _slices.Dispose();
        _gradients.Dispose();
        _pass.Dispose();
        _runs.Dispose();
        _parameters.Dispose();
    }

    /// <summary>Floats that the last pass took for an image, beside parameters.</summary>
    internal long FloatsPerImage => _pass.FloatsPerImage;

    /// <summary>How many images of a batch the next forward pass takes together.</summary>
    internal int ImagesTogether => _slices.Count(Wanted);

    /// <summary>What passes run in place of the graph's nodes, as long as nothing else is asked for.</summary>
    internal IReadOnlyList<Node> Steps => _planner.Lower(Wanted);

    /// <summary>What training is about beside gradients.</summary>
    internal TrainingState State { get; }

    /// <summary>The network as one op, where the device has one for it.</summary>
    internal WholeLeNet? Whole { get; }

    private Wanted Wanted => State.Wanted;

    internal Parameter ParameterOf(GraphParameter parameter) => _parameters[parameter];

    /// <summary>A value that is there, or null.</summary>
    internal Tensor? Known(Value value) => _pass.Known(value);

    /// <summary>Extents of a value in the last pass.</summary>
    internal Shape ShapeOf(Value value) => _pass.ShapeOf(value);

    internal NodeRun RunOf(Node node) => _runs.Of(node);

    internal void Begin(IReadOnlyList<(Value Value, Tensor Tensor)> start)
    {
        _gradients.Forget();
        _pass.Begin(start);
    }
}
