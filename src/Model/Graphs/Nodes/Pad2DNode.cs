using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Rows, columns and channels added around an image, or with negative numbers cut off (<see cref="Pad2D"/>).</summary>
/// <param name="x">Input.</param>
/// <param name="pads">Rows above, columns left, channels before; rows below, columns right, channels behind.</param>
/// <param name="mode">What they hold.</param>
/// <param name="value">Their value, where the mode says constant.</param>
public sealed class Pad2DNode(
    Value x, (int Top, int Left, int Front, int Bottom, int Right, int Back) pads, PadMode mode, float value) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "pad";

    /// <inheritdoc/>
    public override ReceptiveField Window => new(1, 1, -pads.Top);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape x = inputs[0];
        var y = new Shape(
            x.N, x.H + pads.Top + pads.Bottom, x.W + pads.Left + pads.Right, x.C + pads.Front + pads.Back);
        return y.H > 0 && y.W > 0 && y.C > 0 ? y : throw new GpuCamException($"padding leaves nothing of {x}");
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Pad2D.Forward(run.X(), run.Y, pads.Top, pads.Left, mode, value, pads.Front);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Pad2D.Backward(run.DY, run.DX, pads.Top, pads.Left, mode, pads.Front);
}
