using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Layer normalisation (<see cref="LayerNormalization"/>) over the channels of each cell. Parameters: scale and, where there is one, bias,
/// each a vector of channels.
/// </summary>
public sealed class LayerNormalizationNode(Value x, GraphParameter scale, GraphParameter? bias, float epsilon)
    : Node([x], bias is null ? [scale] : [scale, bias])
{
    /// <summary>Added to the variance.</summary>
    public float Epsilon => epsilon;

    /// <summary>Whether there is a bias.</summary>
    public bool HasBias => bias is not null;

    /// <inheritdoc/>
    public override string Kind => "layer norm";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].C == scale.Shape.C
        ? inputs[0]
        : throw new GpuCamException($"a layer normalisation of {scale.Shape.C} channels cannot read {inputs[0].C}");

    /// <inheritdoc/>
    public override void Forward(NodeRun run) =>
        LayerNormalization.Forward(run.X(), run.Parameter(0), bias is null ? null : run.Parameter(1), epsilon, run.Y, scale.Shape.C);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        LayerNormalization.BackwardData(run.X(), run.Parameter(0), run.DY, epsilon, run.DX, scale.Shape.C);
}
