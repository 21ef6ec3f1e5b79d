using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Values one behind the other along an axis.</summary>
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
    public override void Forward(NodeRun run) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => throw new NotSupportedException();
}
