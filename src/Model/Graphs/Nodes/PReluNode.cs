using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary><c>x &gt; 0 ? x : slope * x</c> with a slope per channel (<see cref="PRelu"/>). Parameter: slope, which broadcasts to x.</summary>
public sealed class PReluNode(Value x, GraphParameter slope) : Node([x], [slope])
{
    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => PRelu.Forward(run.X(), run.Parameter(0), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => PRelu.BackwardData(run.X(), run.Parameter(0), run.DY, run.DX);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) =>
        PRelu.BackwardSlope(run.X(), run.DY, run.ParameterGradient(0));
}
