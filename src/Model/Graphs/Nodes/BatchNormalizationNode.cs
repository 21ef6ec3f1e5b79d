using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Batch normalisation by fixed statistics (<see cref="BatchNormalization"/>). Parameters, each a vector of channels: scale, bias, mean,
/// variance; training changes the first two.
/// </summary>
public sealed class BatchNormalizationNode(
    Value x, GraphParameter scale, GraphParameter bias, GraphParameter mean, GraphParameter variance, float epsilon)
    : Node([x], [scale, bias, mean, variance])
{
    /// <inheritdoc/>
    public override string Kind => "batch norm";

    /// <summary>Added to the variance.</summary>
    public float Epsilon => epsilon;

    /// <inheritdoc/>
    public override bool AddsBias => true;

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].C == scale.Shape.C
        ? inputs[0]
        : throw new GpuCamException($"a batch normalisation of {scale.Shape.C} channels cannot read {inputs[0].C}");

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => BatchNormalization.Forward(
        run.X(), run.Parameter(0), run.Parameter(1), run.Parameter(2), run.Parameter(3), epsilon, run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        BatchNormalization.BackwardData(run.DY, run.Parameter(0), run.Parameter(3), epsilon, run.DX);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => BackwardParameters(run, run.DY);

    /// <inheritdoc/>
    public override Tensor Bias(NodeRun run)
    {
        // What is added to a multiple of x: bias - scale * mean / sqrt(variance + epsilon), the output for an input of zeros.
        Shape pixel = new(1, 1, 1, scale.Shape.C);
        Tensor zeros = run.Scratch("zeros", pixel), added = run.Scratch("what is added", pixel);
        zeros.Buffer.Clear();
        BatchNormalization.Forward(
            zeros, run.Parameter(0), run.Parameter(1), run.Parameter(2), run.Parameter(3), epsilon, added);
        return added;
    }

    /// <summary>Writes the parameters' gradients; inside a step not from the gradient of the run.</summary>
    internal void BackwardParameters(NodeRun run, Tensor dy)
    {
        BatchNormalization.BackwardScale(run.X(), dy, run.Parameter(2), run.Parameter(3), epsilon, run.ParameterGradient(0));
        Conv2D.BackwardBias(dy, run.ParameterGradient(1));
    }
}
