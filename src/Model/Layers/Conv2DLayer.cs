using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Convolution with bias, stride 1, padded so that the image keeps its size (SAME).</summary>
public sealed class Conv2DLayer : Layer
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;

    /// <summary>A layer from <paramref name="inputs"/> to <paramref name="outputs"/> channels, weight HWIO.</summary>
    public Conv2DLayer(IDevice device, string name, int inputs, int outputs, int kernelSize) : base(device, name)
    {
        _weight =
            new Parameter(device, $"{name}.weight", ParameterKind.ConvolutionWeight, new Shape(kernelSize, kernelSize, inputs, outputs));
        _bias = new Parameter(device, $"{name}.bias", ParameterKind.Bias, Shape.Vector(outputs));
        Parameters = [_weight, _bias];
    }

    /// <summary>The bias, one number per output channel.</summary>
    public Parameter Bias => _bias;

    /// <summary>The weight, HWIO.</summary>
    internal Parameter Weight => _weight;

    /// <inheritdoc/>
    public override IReadOnlyList<Parameter> Parameters { get; }

    /// <inheritdoc/>
    public override ReceptiveField Window => new(_weight.Shape.N, 1, -(_weight.Shape.N / 2));

    /// <inheritdoc/>
    public override Shape OutputShape(Shape input) => Geometry(input).Y;

    /// <inheritdoc/>
    protected override void Compute(Tensor x, Tensor y) =>
        Conv2D.Forward(x, _weight.Value, _bias.Value, y, Geometry(x.Shape), relu: false);

    /// <inheritdoc/>
    protected override void DifferentiateInput(Tensor x, Tensor y, Tensor dy, Tensor dx) =>
        Conv2D.BackwardData(dy, _weight.Value, dx, Geometry(x.Shape));

    /// <inheritdoc/>
    protected override void DifferentiateParameters(Tensor x, Tensor dy)
    {
        Conv2D.BackwardWeight(x, dy, _weight.Gradient, Geometry(x.Shape));
        Conv2D.BackwardBias(dy, _bias.Gradient);
    }

    internal Conv2DGeometry Geometry(Shape input) => Conv2DGeometry.Same(input, _weight.Shape.N, _weight.Shape.C);
}
