using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// In training (<see cref="Execution.Training"/>) sets elements to zero at random, else does nothing (<see cref="Dropout"/>). Which ones
/// is a pure function of the run's seed, the step, the node's name and the element's place in the batch.
/// </summary>
/// <param name="x">Input.</param>
/// <param name="rate">Share of elements that become zero, in [0, 1).</param>
public sealed class DropoutNode(Value x, float rate) : Node([x])
{
    /// <inheritdoc/>
    public override string Kind => "dropout";

    /// <inheritdoc/>
    public override bool HasTrainingMode => true;

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0];

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Drop(run, run.X(), run.Y);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => Drop(run, run.DY, run.DX);

    private void Drop(NodeRun run, Tensor from, Tensor to)
    {
        if (run.IsTraining)
        {
            (ulong seed, int step) = run.Masks;
            long first = (long)run.FirstImage * from.Shape.WithN(1).Count;
            Dropout.Forward(from, to, rate, seed, ((ulong)step << 32) | (uint)NameHash.Of(Name), first);
        }
        else if (from.Buffer != to.Buffer)
        {
            ScaledCopy.Forward(from, to, 1, mirror: false);
        }
    }
}
