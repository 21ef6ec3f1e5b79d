using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>max(x, 0), element by element (<see cref="Relu"/>).</summary>
public sealed class ReluNode(Value x) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "relu";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Output;

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Relu.Forward(run.X(), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Relu.Backward(run.Y, run.DY, run.DX);
}
