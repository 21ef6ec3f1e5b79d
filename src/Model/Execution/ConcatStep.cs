using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Channels one behind the other, where convolutions write theirs into their place; what else there is is copied. For vectorised hosts and
/// GPUs. A GPU that trains the convolutions does without: their gradients would be cut out twice.
/// </summary>
internal sealed class ConcatStep : FusedNode
{
    private readonly IReadOnlyList<Branch> _branches;

    private ConcatStep(IReadOnlyList<Branch> branches, ConcatNode concat)
        : base([.. branches.SelectMany(branch => branch.Nodes), concat], [.. branches.Select(branch => branch.Input)]) =>
        _branches = branches;

    /// <inheritdoc/>
    public override GradientReads Reads =>
        _branches.All(branch => branch.Activation.IsNone) ? GradientReads.Nothing : GradientReads.Output;

    /// <summary>The step that ends in a node; null where there is none.</summary>
    public static ConcatStep? Find(Node last, FusionView view)
    {
        if (last is not ConcatNode { Along: Axis.C } concat || !(view.IsVectorized || view.PrefersGroups))
        {
            return null;
        }

        Branch[] branches = [.. concat.Inputs.Select(value =>
            concat.Inputs.Count(other => other == value) == 1 && Branch.Of(value, view) is { } own ? own : Branch.Copy(value))];
        Conv2DNode[] convolutions = [.. branches.Select(branch => branch.Convolution).OfType<Conv2DNode>()];
        return convolutions.Length > 0 && (view.IsVectorized || !convolutions.Any(view.Trains))
            ? new ConcatStep(branches, concat)
            : null;
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run)
    {
        int from = 0;
        for (int i = 0; i < _branches.Count; i++)
        {
            Branch branch = _branches[i];
            if (branch.Convolution is { } convolution)
            {
                convolution.Forward(run.Inside(convolution, i), run.Y, branch.Activation, null, from);
            }
            else
            {
                CopyRegion.Forward(run.X(i), run.Y, default, run.X(i).Shape, new Shape(0, 0, 0, from));
            }

            from += branch.Channels;
        }
    }

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        if (_branches[input].Convolution is { } convolution)
        {
            convolution.BackwardInput(run.Inside(convolution, input), BeforeBranch(run, input));
        }
        else
        {
            CopyRegion.Forward(run.DY, run.DX, From(input), run.DX.Shape, default);
        }
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run)
    {
        for (int i = 0; i < _branches.Count; i++)
        {
            if (_branches[i].Convolution is { } convolution)
            {
                Tensor dSum = BeforeBranch(run, i);
                convolution.BackwardParameters(run.Inside(convolution, i), dSum, dSum);
            }
        }
    }

    /// <summary>The gradient of what a branch's convolution sums.</summary>
    private Tensor BeforeBranch(NodeRun run, int input)
    {
        Branch branch = _branches[input];
        Shape shape = run.DY.Shape.WithC(branch.Channels);
        Tensor dy = run.Scratch("gradient of a branch", shape);
        CopyRegion.Forward(run.DY, dy, From(input), shape, default);
        if (!branch.Activation.IsNone)
        {
            Tensor y = run.Scratch("a branch", shape);
            CopyRegion.Forward(run.Y, y, From(input), shape, default);
            branch.Activation.Backward(y, dy, dy);
        }

        return dy;
    }

    private Shape From(int input) => new(0, 0, 0, _branches.Take(input).Sum(branch => branch.Channels));

    /// <summary>One of the values: made by a convolution here, or from elsewhere.</summary>
    private sealed record Branch(Value Input, int Channels, IReadOnlyList<Node> Nodes, Activation Activation)
    {
        public Conv2DNode? Convolution => Nodes.Count > 0 ? (Conv2DNode)Nodes[0] : null;

        public static Branch Copy(Value value) => new(value, value.Shape.C, [], Activation.None);

        public static Branch? Of(Value value, FusionView view)
        {
            Node? last = view.Inside(value);
            Activation activation = last is null ? Activation.None : view.ActivationOf(last);
            return last is Conv2DNode only ? new Branch(only.Inputs[0], value.Shape.C, [only], activation)
                : !activation.IsNone && view.Inside(last!.Inputs[0]) is Conv2DNode convolution
                    ? new Branch(convolution.Inputs[0], value.Shape.C, [convolution, last], activation)
                    : null;
        }
    }
}
