using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary><c>x &gt; 0 ? x : slope * x</c> (<see cref="PRelu"/>). Parameter: slope, which broadcasts to x.</summary>
public sealed class PReluNode(Value x, GraphParameter slope) : Node([x], [slope])
{
    /// <inheritdoc/>
    public override string Kind => "prelu";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        (Shape x, Shape s) = (inputs[0], slope.Shape);
        bool fits = (s.N == 1 || s.N == x.N) && (s.H == 1 || s.H == x.H) && (s.W == 1 || s.W == x.W) && (s.C == 1 || s.C == x.C);
        return fits ? x : throw new GpuCamException($"slopes of {s} do not fit {x}: export the model again");
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => PRelu.Forward(run.X(), run.Parameter(0), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => PRelu.BackwardData(run.X(), run.Parameter(0), run.DY, run.DX);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) =>
        PRelu.BackwardSlope(run.X(), run.DY, run.ParameterGradient(0));
}
