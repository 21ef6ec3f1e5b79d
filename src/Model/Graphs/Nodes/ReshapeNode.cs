using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The same elements in the same order under other extents.</summary>
/// <param name="x">Input.</param>
/// <param name="shape">Extents for an image.</param>
public sealed class ReshapeNode(Value x, Shape shape) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "reshape";

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].Count == shape.Count
        ? shape
        : throw new GpuCamException($"{inputs[0]} cannot become {shape}: give images of the size that the network was made for");

    /// <inheritdoc/>
    public override void Forward(NodeRun run)
    {
        Tensor x = run.X();
        if (x.Buffer != run.Y.Buffer)
        {
            ScaledCopy.Forward(x, run.Y.Reshape(x.Shape), 1, mirror: false);
        }
    }

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        ScaledCopy.Forward(run.DY, run.DX.Reshape(run.DY.Shape), 1, mirror: false);
}
