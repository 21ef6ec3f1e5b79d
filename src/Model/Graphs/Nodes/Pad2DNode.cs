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
    /// <summary>Rows above, columns left, channels before; rows below, columns right, channels behind.</summary>
    public (int Top, int Left, int Front, int Bottom, int Right, int Back) Pads => pads;

    /// <summary>What they hold.</summary>
    public PadMode Mode => mode;

    /// <summary>Their value, where the mode says constant.</summary>
    public float Fill => value;

    /// <inheritdoc/>
    public override string Kind => "pad";

    /// <inheritdoc/>
    public override ReceptiveField Window => new(1, 1, -pads.Top);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape x = inputs[0];
        return new Shape(
            x.N, Extent(x.H, pads.Top, pads.Bottom), Extent(x.W, pads.Left, pads.Right), Extent(x.C, pads.Front, pads.Back));

        int Extent(int extent, int before, int after) =>
            (long)extent + before + after < 1 ? throw new GpuCamException($"padding leaves nothing of {x}: export the model again")
            : Pad2D.Fits(extent, (long)extent + before + after, before) ? extent + before + after
            : throw new GpuCamException($"{before} before and {after} behind {extent} of {x} are too large to pad: export the model again");
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Pad2D.Forward(run.X(), run.Y, pads.Top, pads.Left, mode, value, pads.Front);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Pad2D.Backward(run.DY, run.DX, pads.Top, pads.Left, mode, pads.Front);
}
