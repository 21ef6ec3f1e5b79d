using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A batch normalisation with the activation behind it and, on a vectorised host, the concatenation before it: what is normalised is read
/// where it lies, part by part, and stored once.
/// </summary>
internal sealed class NormalizationStep : FusedNode
{
    private readonly BatchNormalizationNode _normalization;

    private NormalizationStep(
        IReadOnlyList<Node> inside, IReadOnlyList<Value> inputs, BatchNormalizationNode normalization, Activation activation)
        : base(inside, inputs) => (_normalization, Activation) = (normalization, activation);

    /// <inheritdoc/>
    public override Activation Activation { get; }

    /// <inheritdoc/>
    public override IEnumerable<Value> Sums => Activation.IsNone ? [] : [_normalization.Output];

    /// <inheritdoc/>
    public override bool RunsInPlace => Inputs.Count == 1;

    /// <summary>The step that ends in a node; null where there is none.</summary>
    public static NormalizationStep? Find(Node last, FusionView view)
    {
        Activation activation = view.ActivationOf(last);
        if ((activation.IsNone ? last : view.Sum(last.Inputs[0])) is not BatchNormalizationNode normalization)
        {
            return null;
        }

        Node[] inside = activation.IsNone ? [normalization] : [normalization, last];
        bool trains = view.Trains(normalization);
        if (view.IsVectorized && !trains && view.Inside(normalization.Inputs[0]) is ConcatNode { Along: Axis.C } concat)
        {
            return new NormalizationStep([concat, .. inside], concat.Inputs, normalization, activation);
        }

        return inside.Length > 1 ? new NormalizationStep(inside, normalization.Inputs, normalization, activation) : null;
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run)
    {
        if (Inputs.Count == 1)
        {
            _normalization.Forward(run.Inside(_normalization, 0), run.Y, Activation.IsRelu);
        }
        else
        {
            Tensor[] parts = [.. Enumerable.Range(0, Inputs.Count).Select(run.X)];
            BatchNormalization.Forward(
                parts, run.Parameter(0), run.Parameter(1), run.Parameter(2), run.Parameter(3), _normalization.Epsilon, run.Y,
                Activation.IsRelu);
        }

        if (!Activation.IsRelu)
        {
            Activation.Forward(run.Y, run.Y);
        }
    }

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        Tensor dy = run.Before(Activation), scale = run.Parameter(0), variance = run.Parameter(3);
        if (Inputs.Count == 1)
        {
            _normalization.BackwardInput(run.Inside(_normalization, 0), dy);
            return;
        }

        int from = 0;
        for (int i = 0; i < input; i++)
        {
            from += run.ShapeOf(i).C;
        }

        CopyRegion.Forward(dy, run.DX, new Shape(0, 0, 0, from), run.DX.Shape, default);
        BatchNormalization.BackwardData(run.DX, Part(scale), Part(variance), _normalization.Epsilon, run.DX);

        Tensor Part(Tensor vector) => new(vector.Buffer, vector.Offset + from, vector.Name, Shape.Vector(run.DX.Shape.C));
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) =>
        _normalization.BackwardParameters(run.Inside(_normalization, 0), run.Before(Activation));
}
