using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// One step of a network. A layer owns its output and the gradient it passes on, reuses both from call to call, and
/// remembers its last input; <see cref="Backward"/> belongs to the last <see cref="Forward"/>.
/// </summary>
public abstract class Layer : IDisposable
{
    private readonly ReusedTensor _output;
    private readonly ReusedTensor _inputGradient;
    private Tensor? _input;

    /// <summary>A layer called <paramref name="name"/> on <paramref name="device"/>.</summary>
    protected Layer(IDevice device, string name)
    {
        Device = device;
        Name = name;
        _output = new ReusedTensor(device, name);
        _inputGradient = new ReusedTensor(device, $"gradient of the input of {name}");
    }

    /// <summary>The name by which activations and parameters are found: <c>conv1</c>.</summary>
    public string Name { get; }

    /// <summary>What training changes; empty for most layers.</summary>
    public virtual IReadOnlyList<Parameter> Parameters => [];

    /// <summary>
    /// Cells of the input that a cell of the output is made of; a pooling over the whole image has no such window and says 1.
    /// </summary>
    public virtual ReceptiveField Window => ReceptiveField.Pixel;

    /// <summary>Where the layer's memory lives.</summary>
    protected IDevice Device { get; }

    /// <summary>The input of the last <see cref="Forward"/>.</summary>
    protected Tensor Input => _input ?? throw new InvalidOperationException($"layer '{Name}' has not run forward yet");

    /// <summary>The shape that <see cref="Forward"/> gives for an input shape; an error where there is none.</summary>
    public abstract Shape OutputShape(Shape input);

    /// <summary>Computes the output, valid until the next call.</summary>
    public Tensor Forward(Tensor x)
    {
        ArgumentNullException.ThrowIfNull(x);
        Tensor y = _output.Get(OutputShape(x.Shape));
        _input = x;
        Compute(x, y);
        return y;
    }

    /// <summary>
    /// Overwrites the parameters' gradients and returns the input's, valid until the next call; null if it is not needed.
    /// </summary>
    /// <param name="dy">Gradient of the loss with respect to the last output.</param>
    /// <param name="needInputGradient">False for the first layer in training, whose input is an image.</param>
    public Tensor? Backward(Tensor dy, bool needInputGradient)
    {
        ArgumentNullException.ThrowIfNull(dy);
        DifferentiateParameters(Input, dy);
        return needInputGradient ? BackwardInput(dy) : null;
    }

    /// <summary>Returns the input's gradient, valid until the next call, and leaves those of the parameters as they are.</summary>
    /// <param name="dy">Gradient with respect to the last output.</param>
    public Tensor BackwardInput(Tensor dy)
    {
        ArgumentNullException.ThrowIfNull(dy);
        Tensor dx = _inputGradient.Get(Input.Shape);
        DifferentiateInput(Input, Output, dy, dx);
        return dx;
    }

    /// <summary>Frees all that the layer owns, its parameters included.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>The output of the last <see cref="Forward"/>.</summary>
    protected Tensor Output => _output.Get(OutputShape(Input.Shape));

    /// <summary>Writes y.</summary>
    protected abstract void Compute(Tensor x, Tensor y);

    /// <summary>Writes dx.</summary>
    protected abstract void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx);

    /// <summary>Writes the parameters' gradients; for layers that have some.</summary>
    protected virtual void DifferentiateParameters(Tensor x, Tensor dy)
    {
    }

    /// <summary>Frees all that the layer owns.</summary>
    protected virtual void Dispose(bool disposing)
    {
        _output.Dispose();
        _inputGradient.Dispose();
        foreach (Parameter parameter in Parameters)
        {
            parameter.Dispose();
        }
    }
}
