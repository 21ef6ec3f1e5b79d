using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The largest cell of each window, channel by channel (<see cref="MaxPool2D"/>).</summary>
public sealed class MaxPool2DNode(Value x, WindowRule rule) : Node([x])
{
    /// <summary>How the window moves.</summary>
    public WindowRule Rule => rule;

    /// <inheritdoc/>
    public override string Kind => $"max-pool {rule}";

    /// <inheritdoc/>
    public override bool KeepsWinners => true;

    /// <inheritdoc/>
    public override ReceptiveField Window => new(((rule.KH - 1) * rule.DilationH) + 1, rule.StrideH, -rule.PadsOf(Inputs[0].Shape).Top);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => Geometry(inputs[0]).Y;

    /// <inheritdoc/>
    public override void Forward(NodeRun run) =>
        MaxPool2D.Forward(run.X(), run.Y, run.Winners(run.Y.Count), Geometry(run.X().Shape));

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        MaxPool2D.Backward(run.DY, run.Winners(run.DY.Count), run.DX, Geometry(run.DX.Shape));

    /// <summary>The geometry for an input.</summary>
    internal Pool2DGeometry Geometry(Shape x) => PoolGeometry.Of(rule, x);
}
