using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Softmax over the channels of each cell, or its logarithm.</summary>
public sealed class SoftmaxNode(Value x, bool log) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => log ? "log softmax" : "softmax";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new NotSupportedException();
}
