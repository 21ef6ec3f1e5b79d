using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Layers one after the other. Owns them; activations and their gradients are found by layer name.</summary>
public sealed class Network : IDisposable
{
    /// <summary>What stands for the image where a layer name is asked for.</summary>
    public const string InputName = "input";

    private readonly Tensor?[] _activations;
    private readonly Tensor?[] _gradients;
    private readonly bool[] _ran;
    private readonly IReadOnlyList<ConvPoolBlock> _blocks;
    private bool _blocksRan;

    /// <summary>A network of <paramref name="layers"/>, which it owns from now on; their names must differ.</summary>
    public Network(IDevice device, NetworkConfig config, IReadOnlyList<Layer> layers)
    {
        ArgumentNullException.ThrowIfNull(layers);
        Device = device;
        Config = config;
        Layers = layers;
        Parameters = [.. layers.SelectMany(layer => layer.Parameters)];
        _activations = new Tensor?[layers.Count + 1];
        _gradients = new Tensor?[layers.Count + 1];
        _ran = new bool[layers.Count];
        _blocks = ConvPoolBlock.Find(device, layers);
        if (layers.Select(layer => layer.Name).Append(InputName).Distinct().Count() != layers.Count + 1)
        {
            throw new ArgumentException($"layer names must differ, from each other and from '{InputName}'");
        }
    }

    /// <summary>Where the network runs.</summary>
    public IDevice Device { get; }

    /// <summary>What the network was built from.</summary>
    public NetworkConfig Config { get; }

    /// <summary>The layers, input side first.</summary>
    public IReadOnlyList<Layer> Layers { get; }

    /// <summary>All parameters, in the layers' order.</summary>
    public IReadOnlyList<Parameter> Parameters { get; }

    /// <summary>Numbers that training changes.</summary>
    public int ParameterCount => Parameters.Sum(parameter => parameter.Shape.Count);

    /// <summary>The whole network as one op, where the device has one.</summary>
    internal FusedLeNetCam? Fused { get; init; }

    /// <summary>Computes the logits [N, classes] of images [N, H, W, C] with values in [0, 1]; valid until the next call.</summary>
    public Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (x.Shape.C != Config.Channels)
        {
            throw new GpuCamException($"images with {x.Shape.C} channels do not fit a network for {Config.Channels}");
        }

        Start(0, x);
        if (Fused is null || !Fused.Takes(x.Shape))
        {
            return RunBlocks();
        }

        (_activations[^3], _activations[^1]) = Fused.Forward(x);
        return _activations[^1]!;
    }

    /// <summary>
    /// Computes the logits with <paramref name="values"/> in place of the output of <paramref name="layer"/>, by the layers behind
    /// it; valid until the next call. What lies before that layer can be asked for again after the next <see cref="Forward"/>.
    /// </summary>
    /// <param name="layer">A layer's name, or <see cref="InputName"/>.</param>
    /// <param name="values">For any number of images.</param>
    public Tensor ForwardFrom(string layer, Tensor values)
    {
        int index = IndexOf(layer);
        Start(index, values);
        return Run(index, Layers.Count);
    }

    /// <summary>Overwrites every parameter's gradient, given the loss's gradient with respect to the last logits.</summary>
    /// <param name="dLogits">Gradient of the loss with respect to what <see cref="Forward"/> returned.</param>
    /// <param name="needInputGradient">Whether the gradient with respect to the images is wanted too.</param>
    public void Backward(Tensor dLogits, bool needInputGradient = false)
    {
        if (!_blocksRan)
        {
            CatchUp(0);
        }

        _gradients[^1] = dLogits;
        for (int end = Layers.Count, first; end > 0; end = first)
        {
            ConvPoolBlock? block = _blocksRan ? _blocks.FirstOrDefault(block => block.End == end) : null;
            first = block?.First ?? end - 1;
            bool needed = first > 0 || needInputGradient;
            _gradients[first] = block is null ? Layers[first].Backward(_gradients[end]!, needed) : block.Backward(_gradients[end]!, needed);
        }
    }

    /// <summary>
    /// The gradient with respect to the output of <paramref name="layer"/> (or the images, by <see cref="InputName"/>). The pass ends
    /// there and leaves the parameters' gradients as they are; the layers behind have theirs in <see cref="ActivationGradient"/>.
    /// </summary>
    /// <param name="layer">A layer's name, or <see cref="InputName"/>.</param>
    /// <param name="dLogits">Gradient with respect to the last logits.</param>
    public Tensor BackwardTo(string layer, Tensor dLogits)
    {
        int index = IndexOf(layer);
        CatchUp(index);
        Array.Clear(_gradients);
        _gradients[^1] = dLogits;
        for (int i = Layers.Count - 1; i >= index; i--)
        {
            _gradients[i] = Layers[i].BackwardInput(_gradients[i + 1]!);
        }

        return _gradients[index]!;
    }

    /// <summary>The layer of this name; a <see cref="GpuCamException"/> that lists the names if there is none.</summary>
    public Layer Layer(string name) => Layers[IndexOf(name) - 1];

    /// <summary>Output of a layer (or the images, by <see cref="InputName"/>) in the last <see cref="Forward"/>.</summary>
    public Tensor Activation(string layer)
    {
        int index = IndexOf(layer);
        if (_activations[index] is null)
        {
            Run(LastKnown(index), index);
        }

        return _activations[index]!;
    }

    /// <summary>Gradient of the loss with respect to <see cref="Activation"/>, from the last <see cref="Backward"/>.</summary>
    public Tensor ActivationGradient(string layer) =>
        _gradients[IndexOf(layer)] ?? throw new InvalidOperationException($"no gradient of '{layer}' since the last forward pass");

    /// <summary>Frees all layers.</summary>
    public void Dispose()
    {
        Fused?.Dispose();
        foreach (ConvPoolBlock block in _blocks)
        {
            block.Dispose();
        }

        foreach (Layer layer in Layers)
        {
            layer.Dispose();
        }
    }

    private void Start(int index, Tensor values)
    {
        Array.Clear(_activations);
        Array.Clear(_gradients);
        Array.Clear(_ran);
        _blocksRan = false;
        _activations[index] = values;
    }

    /// <summary>
    /// Runs all layers, several as a block where the device can; the activations inside of blocks follow when they are asked for.
    /// </summary>
    private Tensor RunBlocks()
    {
        for (int first = 0, end; first < Layers.Count; first = end)
        {
            ConvPoolBlock? block = _blocks.FirstOrDefault(block => block.First == first);
            end = block?.End ?? first + 1;
            if (block is null)
            {
                Run(first, end);
            }
            else
            {
                _activations[end] = block.Forward(_activations[first]!);
            }
        }

        _blocksRan = true;
        return _activations[^1]!;
    }

    /// <summary>
    /// Runs the layers <paramref name="first"/> to <paramref name="end"/> - 1: at once, or later where a fused op left them out.
    /// </summary>
    private Tensor Run(int first, int end)
    {
        for (int i = first; i < end; i++)
        {
            _activations[i + 1] = Layers[i].Forward(_activations[i]!);
            _ran[i] = true;
        }

        return _activations[end]!;
    }

    /// <summary>The last activation before this one from which it can be computed.</summary>
    private int LastKnown(int index)
    {
        while (index >= 0 && _activations[index] is null)
        {
            index--;
        }

        return index >= 0 ? index : throw new InvalidOperationException("the network has not run forward yet");
    }

    /// <summary>Sees to it that every layer from <paramref name="first"/> on has run itself, as its backward pass needs.</summary>
    private void CatchUp(int first)
    {
        int missing = Array.IndexOf(_ran, false, first);
        if (missing < 0)
        {
            return;
        }

        Run(LastKnown(missing), Layers.Count);
    }

    private int IndexOf(string name)
    {
        if (name == InputName)
        {
            return 0;
        }

        for (int i = 0; i < Layers.Count; i++)
        {
            if (Layers[i].Name == name)
            {
                return i + 1;
            }
        }

        throw new GpuCamException($"unknown layer '{name}': this network has {string.Join(", ", Layers.Select(layer => layer.Name))}");
    }
}
