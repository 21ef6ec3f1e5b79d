using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Batch normalisation (<see cref="BatchNormalization"/>). Parameters, each a vector of channels: scale, bias, mean, variance; training
/// changes the first two. Where mean and variance are a <see cref="ParameterKind.Statistic"/>, they are those of the batch while the node
/// is trained (<see cref="BatchStatistics"/>), and each step moves the running ones towards them; else they are fixed.
/// </summary>
public sealed class BatchNormalizationNode(
    Value x, GraphParameter scale, GraphParameter bias, GraphParameter mean, GraphParameter variance, float epsilon)
    : Node([x], [scale, bias, mean, variance])
{
    /// <summary>The share of a batch's statistics in the running ones, as in PyTorch.</summary>
    public const float Momentum = 0.1f;

    /// <inheritdoc/>
    public override string Kind => "batch norm";

    /// <inheritdoc/>
    public override bool HasTrainingMode => IsTrained && mean.Kind == ParameterKind.Statistic;

    /// <summary>Added to the variance.</summary>
    public float Epsilon => epsilon;

    /// <inheritdoc/>
    public override bool AddsBias => true;

    /// <inheritdoc/>
    public override bool RunsInPlace => true;

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs) => inputs[0].C == scale.Shape.C
        ? inputs[0]
        : throw new GpuCamException($"a batch normalisation of {scale.Shape.C} channels cannot read {inputs[0].C}");

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Forward(run, run.Y, relu: false);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => BackwardInput(run, run.DY);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => BackwardParameters(run, run.DY);

    /// <inheritdoc/>
    public override Tensor Bias(NodeRun run)
    {
        // What is added to a multiple of x: bias - scale * mean / sqrt(variance + epsilon), the output for an input of zeros.
        Shape pixel = new(1, 1, 1, scale.Shape.C);
        Tensor zeros = run.Scratch("zeros", pixel), added = run.Scratch("what is added", pixel);
        zeros.Buffer.Clear();
        BatchNormalization.Forward(
            zeros, run.Parameter(0), run.Parameter(1), run.Parameter(2), run.Parameter(3), epsilon, added);
        return added;
    }

    /// <inheritdoc/>
    public override void UpdateStatistics(NodeRun run)
    {
        (Tensor mean, Tensor variance) = Used(run);
        Shape x = run.ShapeOf(0);
        BatchStatistics.Update(mean, variance, run.Parameter(2), run.Parameter(3), Momentum, x.N * x.Area);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<GraphParameter> Statistics => [mean, variance];

    /// <inheritdoc/>
    public override void MeasureStatistics(NodeRun run, float share, IReadOnlyList<Tensor> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        (Tensor own, Tensor ownVariance) = Used(run);
        Shape x = run.ShapeOf(0);
        float pixels = x.N * x.Area;
        ScaledCopy.Forward(own, measured[0], share, mirror: false);
        ScaledCopy.Forward(ownVariance, measured[1], share * (pixels / (pixels - 1f)), mirror: false);
    }

    /// <inheritdoc/>
    public override void MoveStatistics(NodeRun run, IReadOnlyList<Tensor> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        BatchStatistics.Move(measured[0], measured[1], run.Parameter(2), run.Parameter(3), Momentum);
    }

    /// <summary>Writes y, inside a step not that of a run of its own, and max(y, 0) if wished.</summary>
    internal void Forward(NodeRun run, Tensor y, bool relu)
    {
        (Tensor mean, Tensor variance) = Used(run);
        if (MeasuresIn(run))
        {
            BatchStatistics.Forward(run.X(), mean, variance);
        }

        BatchNormalization.Forward([run.X()], run.Parameter(0), run.Parameter(1), mean, variance, epsilon, y, relu);
    }

    /// <summary>Writes the input's gradient, in training after those of the parameters, which it is made of.</summary>
    internal void BackwardInput(NodeRun run, Tensor dy)
    {
        (Tensor mean, Tensor variance) = Used(run);
        if (MeasuresIn(run))
        {
            BatchStatistics.BackwardData(
                run.X(), dy, run.Parameter(0), mean, variance, run.ParameterGradient(0), run.ParameterGradient(1), epsilon, run.DX);
        }
        else
        {
            BatchNormalization.BackwardData(dy, run.Parameter(0), variance, epsilon, run.DX);
        }
    }

    /// <summary>Writes the parameters' gradients.</summary>
    internal void BackwardParameters(NodeRun run, Tensor dy)
    {
        (Tensor mean, Tensor variance) = Used(run);
        BatchNormalization.BackwardParameters(
            run.X(), dy, mean, variance, epsilon, run.ParameterGradient(0), run.ParameterGradient(1));
    }

    private bool MeasuresIn(NodeRun run) => HasTrainingMode && run.IsTraining;

    private (Tensor Mean, Tensor Variance) Used(NodeRun run) => MeasuresIn(run)
        ? (run.Scratch("mean", mean.Shape), run.Scratch("variance", variance.Shape))
        : (run.Parameter(2), run.Parameter(3));
}
