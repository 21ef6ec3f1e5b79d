using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary><c>y = x weight (+ bias)</c>, row by row.</summary>
public sealed class LinearLayer : Layer
{
    private readonly Parameter? _bias;

    /// <summary>A layer from <paramref name="inputs"/> to <paramref name="outputs"/> features, weight [in, out].</summary>
    public LinearLayer(IDevice device, string name, int inputs, int outputs, bool bias) : base(device, name)
    {
        Weight = new Parameter(device, $"{name}.weight", ParameterKind.LinearWeight, Shape.Matrix(inputs, outputs));
        _bias = bias ? new Parameter(device, $"{name}.bias", ParameterKind.Bias, Shape.Vector(outputs)) : null;
        Parameters = _bias is null ? [Weight] : [Weight, _bias];
    }

    /// <summary>The weight, [in, out]: column c holds class c's weights of a class activation map.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Shape.Matrix(input.N, Weight.Shape.C);

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) => Linear.Forward(x, Weight.Value, _bias?.Value, y);

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) =>
        Linear.BackwardData(dy, Weight.Value, dx);

    /// <inheritdoc/>
    protected override void DifferentiateParameters(Tensor x, Tensor dy)
    {
        Linear.BackwardWeight(x, dy, Weight.Gradient);
        if (_bias is not null)
        {
            Linear.BackwardBias(dy, _bias.Gradient);
        }
    }
}
