using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>
/// Batch normalisation by fixed statistics. Parameters, each a vector of channels: scale, bias, mean,
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
    public override void Forward(NodeRun run) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override Tensor Bias(NodeRun run) => throw new NotSupportedException();
}
