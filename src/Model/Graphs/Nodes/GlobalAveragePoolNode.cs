using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>The mean over all cells of each channel (<see cref="GlobalAveragePool"/>): what makes class activation maps exact.</summary>
public sealed class GlobalAveragePoolNode(Value x) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "global average pool";

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => new(inputs[0].N, 1, 1, inputs[0].C);

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => GlobalAveragePool.Forward(run.X(), run.Y, run.PoolingGain);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => GlobalAveragePool.Backward(run.DY, run.DX, run.PoolingGain);
}
