using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// <c>y = x weight (+ bias)</c>, row by row of channels (<see cref="Linear"/>). Parameters: weight [in, out] and, where there is one,
/// bias [out]. All that lies before the channels counts as rows; many of them to an image are the pixels of a convolution of 1x1, which a
/// host multiplies with weights that it keeps.
/// </summary>
public sealed class LinearNode(Value x, GraphParameter weight, GraphParameter? bias)
    : Node([x], bias is null ? [weight] : [weight, bias]), IProduct
{
    /// <summary>The weight, [in, out]: column c holds class c's weights of a class activation map.</summary>
    public GraphParameter Weight => weight;

    /// <summary>Whether there is a bias.</summary>
    public bool HasBias => bias is not null;

    /// <inheritdoc/>
    public override string Kind => "linear";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].C == weight.Shape.N
        ? inputs[0].WithC(weight.Shape.C)
        : throw new GpuCamException($"a linear layer of {weight.Shape.N} features cannot read {inputs[0].C}");

    /// <inheritdoc/>
    public override long MultiplyAdds(IReadOnlyList<Shape> inputs, Shape output) =>
        (long)output.N * output.H * output.W * output.C * weight.Shape.N;

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Forward(run, run.Y, Activation.None, null);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => BackwardInput(run, run.DY);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => BackwardParameters(run, run.DY, run.DY);

    /// <inheritdoc/>
    public void Forward(NodeRun run, Tensor y, Activation activation, Tensor? residual)
    {
        ArgumentNullException.ThrowIfNull(run);
        Tensor x = run.X();
        Tensor? biases = bias is null ? null : run.Parameter(1);
        if (IsConvolution(run, x.Shape))
        {
            Conv2D.Forward(x, run.Weight(0), biases, y, Pixels(x.Shape), activation, residual);
            return;
        }

        Linear.Forward(Rows(x), run.Parameter(0), biases, Rows(y), activation, residual is null ? null : Rows(residual));
    }

    /// <inheritdoc/>
    public void BackwardInput(NodeRun run, Tensor dy)
    {
        ArgumentNullException.ThrowIfNull(run);
        if (IsConvolution(run, run.DX.Shape))
        {
            Conv2D.BackwardData(dy, run.Weight(0), run.DX, Pixels(run.DX.Shape));
        }
        else
        {
            Linear.BackwardData(Rows(dy), run.Parameter(0), Rows(run.DX));
        }
    }

    /// <inheritdoc/>
    public void BackwardParameters(NodeRun run, Tensor dy, Tensor dyForBias)
    {
        ArgumentNullException.ThrowIfNull(run);
        Tensor x = run.X(), gradient = run.ParameterGradient(0);
        if (IsConvolution(run, x.Shape))
        {
            Conv2DGeometry g = Pixels(x.Shape);
            Conv2D.BackwardWeight(x, dy, gradient.Reshape(g.Weight), g);
        }
        else
        {
            Linear.BackwardWeight(Rows(x), Rows(dy), gradient);
        }

        if (bias is not null)
        {
            Linear.BackwardBias(Rows(dyForBias), run.ParameterGradient(1));
        }
    }

    private static bool IsConvolution(NodeRun run, Shape x) => x.Area > 1 && run.Device is HostDevice { Vectorized: true };

    private Conv2DGeometry Pixels(Shape x) => Conv2DGeometry.Same(x, 1, weight.Shape.C);

    private static Tensor Rows(Tensor tensor) =>
        tensor.Shape.Area == 1 ? tensor : tensor.Reshape(Shape.Matrix(tensor.Shape.N * tensor.Shape.Area, tensor.Shape.C));
}
