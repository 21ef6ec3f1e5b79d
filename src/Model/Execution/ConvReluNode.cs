using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>A convolution and its ReLU in one step, where no gradient comes through.</summary>
internal sealed class ConvReluNode(Conv2DNode convolution) : Node(convolution.Inputs, convolution.Parameters)
{
    /// <inheritdoc/>
    public override string Kind => $"{convolution.Kind}, relu";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => convolution.Infer(inputs);

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => convolution.Forward(run, run.Y, relu: true);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new InvalidOperationException("a step without a gradient");
}
