using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The mean of each window, channel by channel (<see cref="AveragePool2D"/>).</summary>
/// <param name="x">Input.</param>
/// <param name="rule">How the window moves.</param>
/// <param name="countPadding">Whether cells of the padding count in the mean, as zeros.</param>
public sealed class AveragePool2DNode(Value x, WindowRule rule, bool countPadding) : Node([x])
{
    /// <summary>Whether cells of the padding count in the mean, as zeros.</summary>
    public bool CountsPadding => countPadding;

    /// <summary>How the window moves.</summary>
    public WindowRule Rule => rule;

    /// <inheritdoc/>
    public override string Kind => $"average pool {rule}";

    /// <inheritdoc/>
    public override ReceptiveField Window => new(((rule.KH - 1) * rule.DilationH) + 1, rule.StrideH, -rule.PadsOf(Inputs[0].Shape).Top);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => PoolGeometry.Of(rule, inputs[0]).Y;

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => AveragePool2D.Forward(run.X(), run.Y, PoolGeometry.Of(rule, run.X().Shape), countPadding);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        AveragePool2D.Backward(run.DY, run.DX, PoolGeometry.Of(rule, run.DX.Shape), countPadding);
}
