using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Another number of rows and columns (<see cref="Resize2D"/>).</summary>
/// <param name="x">Input.</param>
/// <param name="rule">How.</param>
/// <param name="size">Rows and columns; null where the rule's scales say it.</param>
public sealed class Resize2DNode(Value x, ResizeRule rule, (int H, int W)? size) : Node([x])
{
    /// <summary>How.</summary>
    public ResizeRule Rule => rule;

    /// <summary>Rows and columns; null where the scales of the rule say it.</summary>
    public (int H, int W)? Size => size;

    /// <inheritdoc/>
    public override string Kind => "resize";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape x = inputs[0];
        (int h, int w) = size ?? ((int)Math.Floor((double)x.H * rule.ScaleH), (int)Math.Floor((double)x.W * rule.ScaleW));
        return h > 0 && w > 0 ? new Shape(x.N, h, w, x.C) : throw new GpuCamException($"{x} cannot be resized to {h}x{w}");
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Resize2D.Forward(run.X(), run.Y, rule);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Resize2D.Backward(run.DY, run.DX, rule);
}
