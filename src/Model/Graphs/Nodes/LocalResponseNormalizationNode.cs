using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Each channel over a power of its neighbours' squares.</summary>
public sealed class LocalResponseNormalizationNode(Value x, int size, float alpha, float beta, float bias) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => $"local response norm {size}";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs | GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => throw new NotSupportedException($"{bias} {alpha} {beta}");

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new NotSupportedException($"{bias} {alpha} {beta}");
}
