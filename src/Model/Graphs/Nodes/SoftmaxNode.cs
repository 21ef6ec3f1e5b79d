using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Softmax over the channels of each cell (<see cref="RowSoftmax"/>), or its logarithm.</summary>
public sealed class SoftmaxNode(Value x, bool log) : Node([x])
{
    /// <summary>Whether it is the logarithm.</summary>
    public bool IsLog => log;

    /// <inheritdoc/>
    public override string Kind => log ? "log softmax" : "softmax";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => RowSoftmax.Forward(run.X(), run.Y, run.Y.Shape.C, log);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => RowSoftmax.Backward(run.Y, run.DY, run.DX, run.Y.Shape.C, log);
}
