using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// <c>y = x weight (+ bias)</c>, row by row of channels (<see cref="Linear"/>). Parameters: weight [in, out] and, where there is one,
/// bias [out]. All that lies before the channels counts as rows.
/// </summary>
public sealed class LinearNode(Value x, GraphParameter weight, GraphParameter? bias) : Node([x], bias is null ? [weight] : [weight, bias])
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
    public override void Forward(NodeRun run) =>
        Linear.Forward(Rows(run.X()), run.Parameter(0), bias is null ? null : run.Parameter(1), Rows(run.Y));

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Linear.BackwardData(Rows(run.DY), run.Parameter(0), Rows(run.DX));

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run)
    {
        Linear.BackwardWeight(Rows(run.X()), Rows(run.DY), run.ParameterGradient(0));
        if (bias is not null)
        {
            Linear.BackwardBias(Rows(run.DY), run.ParameterGradient(1));
        }
    }

    private static Tensor Rows(Tensor tensor) =>
        tensor.Shape.Area == 1 ? tensor : tensor.Reshape(Shape.Matrix(tensor.Shape.N * tensor.Shape.Area, tensor.Shape.C));
}
