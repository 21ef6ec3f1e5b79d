using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Each channel over a power of its neighbours' squares (<see cref="LocalResponseNormalization"/>).</summary>
public sealed class LocalResponseNormalizationNode(Value x, int size, float alpha, float beta, float bias) : Node([x])
{
    /// <summary>Channels of a window, and alpha, beta and bias of the formula.</summary>
    public (int Size, float Alpha, float Beta, float Bias) Settings => (size, alpha, beta, bias);

    /// <inheritdoc/>
    public override string Kind => $"local response norm {size}";

    /// <inheritdoc/>
    public override GradientReads Reads => GradientReads.Inputs | GradientReads.Output;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => LocalResponseNormalization.Forward(run.X(), run.Y, size, alpha, beta, bias);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) =>
        LocalResponseNormalization.Backward(run.X(), run.Y, run.DY, run.DX, size, alpha, beta, bias);
}
