using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>A part of a value (<see cref="Slice"/>): along one axis some elements from a first one on, at equal steps.</summary>
/// <param name="x">Input.</param>
/// <param name="axis">Which axis.</param>
/// <param name="start">First element.</param>
/// <param name="count">How many.</param>
/// <param name="step">From one to the next, at least 1.</param>
public sealed class SliceNode(Value x, Axis axis, int start, int count, int step) : Node([x])
{
    /// <summary>Which axis.</summary>
    public Axis Along => axis;

    /// <summary>First element, how many, and from one to the next.</summary>
    public (int Start, int Count, int Step) Range => (start, count, step);

    /// <inheritdoc/>
    public override string Kind => "slice";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => start + ((long)(count - 1) * step) < inputs[0].Extent(axis)
        ? inputs[0].With(axis, count)
        : throw new GpuCamException($"{count} elements from {start} on do not lie within {inputs[0].Extent(axis)}");

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Slice.Forward(run.X(), run.Y, Start, Step);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Slice.Backward(run.DY, run.DX, Start, Step);

    private Shape Start => default(Shape).With(axis, start);

    private Shape Step => new Shape(1, 1, 1, 1).With(axis, step);
}
