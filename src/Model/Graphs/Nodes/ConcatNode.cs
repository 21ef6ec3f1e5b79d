using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Values one behind the other along an axis (<see cref="CopyRegion"/>).</summary>
public sealed class ConcatNode(IReadOnlyList<Value> values, Axis axis) : Node(values)
{
    /// <summary>Which axis.</summary>
    public Axis Along => axis;

    /// <inheritdoc/>
    public override string Kind => $"concat of {Inputs.Count}";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        Shape sum = inputs[0];
        foreach (Shape next in inputs.Skip(1))
        {
            sum = sum.With(axis, sum.Extent(axis)) == next.With(axis, sum.Extent(axis))
                ? sum.With(axis, sum.Extent(axis) + next.Extent(axis))
                : throw new GpuCamException($"{next} does not fit behind {sum} along {axis}");
        }

        return sum;
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run)
    {
        int from = 0;
        for (int i = 0; i < Inputs.Count; i++)
        {
            Shape shape = run.X(i).Shape;
            CopyRegion.Forward(run.X(i), run.Y, default, shape, default(Shape).With(axis, from));
            from += shape.Extent(axis);
        }
    }

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        int from = 0;
        for (int i = 0; i < input; i++)
        {
            from += run.ShapeOf(i).Extent(axis);
        }

        CopyRegion.Forward(run.DY, run.DX, default(Shape).With(axis, from), run.DX.Shape, default);
    }
}
