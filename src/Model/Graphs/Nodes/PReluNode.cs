using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary><c>x &gt; 0 ? x : slope * x</c> with a slope per channel. Parameter: slope, which broadcasts to x.</summary>
public sealed class PReluNode(Value x, GraphParameter slope) : Node([x], [slope])
{
    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => throw new NotSupportedException();
}
