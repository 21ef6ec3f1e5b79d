using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// The elements in another order (<see cref="Permute"/>): seen as an array of some extents, the first of which is whatever is left and
/// holds the images, transposed, and seen as an array of the output's extents. Channel shuffles, and what lies between NHWC and NCHW.
/// </summary>
/// <param name="x">Input.</param>
/// <param name="extents">All extents but the first.</param>
/// <param name="order">Output axis i is axis order[i]; where 0 is not first the graph looks across images.</param>
/// <param name="shape">What the output's extents are for an image.</param>
public sealed class PermuteNode(Value x, IReadOnlyList<int> extents, IReadOnlyList<int> order, Shape shape) : Node([x])
{
    /// <summary>All extents but the first, which holds the images.</summary>
    public IReadOnlyList<int> Extents => extents;

    /// <summary>Output axis i is axis Order[i].</summary>
    public IReadOnlyList<int> Order => order;

    /// <inheritdoc/>
    public override string Kind => "permute";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].Count == shape.Count
        ? shape
        : throw new GpuCamException($"{inputs[0]} cannot become {shape}: give images of the size that the network was made for");

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Permute.Forward(run.X(), run.Y, All(run.X().Count), [.. order]);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        int[] all = All(run.DX.Count);
        Permute.Forward(run.DY, run.DX, [.. order.Select(axis => all[axis])], Permute.Inverse([.. order]));
    }

    private int[] All(int count) => [count / extents.Aggregate(1, (product, extent) => product * extent), .. extents];
}
