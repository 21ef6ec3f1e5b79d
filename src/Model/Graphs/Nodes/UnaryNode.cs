using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A function of every element (<see cref="Unary"/>).</summary>
/// <param name="x">Input.</param>
/// <param name="function">Which.</param>
/// <param name="alpha">Its first setting, where it has one.</param>
/// <param name="beta">Its second setting.</param>
public sealed class UnaryNode(Value x, UnaryFunction function, float alpha = 0, float beta = 0) : Node([x])
{
    /// <summary>Which function.</summary>
    public UnaryFunction Function => function;

    /// <summary>Its settings.</summary>
    public (float Alpha, float Beta) Settings => (alpha, beta);

    /// <inheritdoc/>
    public override string Kind => function.ToString().ToLowerInvariant();

    /// <inheritdoc/>
    public override GradientReads Reads => Unary.BackwardReadsInput(function) ? GradientReads.Inputs : GradientReads.Output;

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Unary.Forward(function, run.X(), run.Y, alpha, beta);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        // Whichever of the two is not read may be gone: the other stands in its place.
        bool reads = Unary.BackwardReadsInput(function);
        Tensor known = reads ? run.X() : run.Y;
        Unary.Backward(function, known, known, run.DY, run.DX, alpha, beta);
    }
}
