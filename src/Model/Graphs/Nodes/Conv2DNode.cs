using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Convolution (<see cref="Conv2D"/>; in groups <see cref="GroupedConv2D"/>). Parameters: weight [KH, KW, IC / groups, OC] and, where
/// there is one, bias [OC].
/// </summary>
public sealed class Conv2DNode(Value x, WindowRule rule, GraphParameter weight, GraphParameter? bias, int groups = 1)
    : Node([x], bias is null ? [weight] : [weight, bias]), IProduct
{
    /// <summary>How the kernel moves.</summary>
    public WindowRule Rule => rule;

    /// <summary>Groups of channels that do not see each other; 1 for a dense convolution.</summary>
    public int Groups => groups;

    /// <summary>The weight.</summary>
    public GraphParameter Weight => weight;

    /// <inheritdoc/>
    public override string Kind =>
        groups == 1 ? $"conv {rule}" : weight.Shape.W == 1 ? $"depthwise conv {rule}" : $"conv {rule}, {groups} groups";

    /// <inheritdoc/>
    public override bool AddsBias => bias is not null;

    /// <inheritdoc/>
    public override ReceptiveField Window => new(((rule.KH - 1) * rule.DilationH) + 1, rule.StrideH, -rule.PadsOf(Inputs[0].Shape).Top);

    /// <inheritdoc/>
    public override Shape Infer(IReadOnlyList<Shape> inputs)
    {
        int channels = weight.Shape.W * groups;
        return inputs[0].C == channels
            ? Geometry(inputs[0]).Y
            : throw new GpuCamException($"a convolution of {channels} channels cannot read {inputs[0].C}");
    }

    /// <inheritdoc/>
    public override long MultiplyAdds(IReadOnlyList<Shape> inputs, Shape output) =>
        (long)output.N * output.H * output.W * output.C * weight.Shape.N * weight.Shape.H * weight.Shape.W;

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => Forward(run, run.Y, Activation.None, null, 0);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input) => BackwardInput(run, run.DY);

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run) => BackwardParameters(run, run.DY, run.DY);

    /// <inheritdoc/>
    public override Tensor Bias(NodeRun run) => run.Parameter(1);

    /// <summary>The geometry for an input.</summary>
    internal Conv2DGeometry Geometry(Shape x)
    {
        (int top, int left, int bottom, int right) = rule.PadsOf(x);
        return new Conv2DGeometry(
            x, rule.KH, rule.KW, weight.Shape.C, rule.StrideH, rule.StrideW, top, left, bottom, right, rule.DilationH, rule.DilationW);
    }

    /// <summary>As <see cref="IProduct.Forward"/>, from a channel of y on.</summary>
    internal void Forward(NodeRun run, Tensor y, Activation activation, Tensor? residual, int offset)
    {
        Tensor x = run.X();
        Tensor? biases = bias is null ? null : run.Parameter(1);
        GroupedConv2D.Forward(x, run.Weight(0), biases, y, Geometry(x.Shape), groups, activation, residual, offset);
    }

    void IProduct.Forward(NodeRun run, Tensor y, Activation activation, Tensor? residual) => Forward(run, y, activation, residual, 0);

    /// <inheritdoc/>
    public void BackwardInput(NodeRun run, Tensor dy) =>
        GroupedConv2D.BackwardData(dy, run.Weight(0), run.DX, Geometry(run.DX.Shape), groups);

    /// <inheritdoc/>
    public void BackwardParameters(NodeRun run, Tensor dy, Tensor dyForBias)
    {
        BackwardWeight(run, dy);
        if (bias is not null)
        {
            Conv2D.BackwardBias(dyForBias, run.ParameterGradient(1));
        }
    }

    /// <summary>Writes the weight's gradient alone.</summary>
    internal void BackwardWeight(NodeRun run, Tensor dy)
    {
        Tensor x = run.X();
        GroupedConv2D.BackwardWeight(x, dy, run.ParameterGradient(0), Geometry(x.Shape), groups);
    }
}
