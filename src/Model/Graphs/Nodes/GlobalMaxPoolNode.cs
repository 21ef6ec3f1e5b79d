using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// The largest cell of each channel (<see cref="GlobalMaxPool"/>); the alternative that the CAM paper measures global average pooling
/// against.
/// </summary>
public sealed class GlobalMaxPoolNode(Value x) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "global max pool";

    /// <inheritdoc/>
    public override bool KeepsWinners => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => new(inputs[0].N, 1, 1, inputs[0].C);

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => GlobalMaxPool.Forward(run.X(), run.Y, run.Winners(run.Y.Count));

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => GlobalMaxPool.Backward(run.DY, run.Winners(run.DY.Count), run.DX);
}
