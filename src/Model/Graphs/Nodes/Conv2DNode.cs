using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Convolution (<see cref="Conv2D"/>; in groups <see cref="GroupedConv2D"/>). Parameters: weight [KH, KW, IC / groups, OC] and, where
/// there is one, bias [OC].
/// </summary>
public sealed class Conv2DNode(Value x, WindowRule rule, GraphParameter weight, GraphParameter? bias, int groups = 1)
    : Node([x], bias is null ? [weight] : [weight, bias])
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
    public override void Forward(NodeRun run) => Forward(run, run.Y, relu: false);

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

    /// <summary>Writes y; in a fused step not that of the run.</summary>
    internal void Forward(NodeRun run, Tensor y, bool relu)
    {
        Tensor x = run.X(), values = run.Parameter(0);
        Tensor? biases = bias is null ? null : run.Parameter(1);
        if (groups == 1)
        {
            Conv2D.Forward(x, values, biases, y, Geometry(x.Shape), relu ? Activation.Relu : default);
        }
        else
        {
            GroupedConv2D.Forward(x, values, biases, y, Geometry(x.Shape), groups, relu ? Activation.Relu : default);
        }
    }

    /// <summary>Writes the input's gradient from that of the convolution's output.</summary>
    internal void BackwardInput(NodeRun run, Tensor dy)
    {
        Shape x = run.DX.Shape;
        if (groups == 1)
        {
            Conv2D.BackwardData(dy, run.Parameter(0), run.DX, Geometry(x));
        }
        else
        {
            GroupedConv2D.BackwardData(dy, run.Parameter(0), run.DX, Geometry(x), groups);
        }
    }

    /// <summary>Writes the parameters' gradients; that of the bias may be summed over fewer cells, where the others are zero.</summary>
    internal void BackwardParameters(NodeRun run, Tensor dy, Tensor dyForBias)
    {
        Tensor x = run.X();
        if (groups == 1)
        {
            Conv2D.BackwardWeight(x, dy, run.ParameterGradient(0), Geometry(x.Shape));
        }
        else
        {
            GroupedConv2D.BackwardWeight(x, dy, run.ParameterGradient(0), Geometry(x.Shape), groups);
        }

        if (bias is not null)
        {
            Conv2D.BackwardBias(dyForBias, run.ParameterGradient(1));
        }
    }
}
