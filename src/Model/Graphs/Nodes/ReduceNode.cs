using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>One number for all elements along some axes (<see cref="Reduce"/>); the axes stay, with an extent of 1.</summary>
public sealed class ReduceNode(Value x, ReduceFunction function, IReadOnlyList<Axis> axes) : Node([x])
{
    /// <summary>Which function.</summary>
    public ReduceFunction Function => function;

    /// <summary>Along which axes.</summary>
    public IReadOnlyList<Axis> Axes => axes;

    /// <inheritdoc/>
    public override string Kind => $"reduce {function.ToString().ToLowerInvariant()}";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs | GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => axes.Aggregate(inputs[0], (shape, axis) => shape.With(axis, 1));

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Reduce.Forward(function, run.X(), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Reduce.Backward(function, run.X(), run.Y, run.DY, run.DX);
}
