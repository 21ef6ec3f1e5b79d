using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// A convolution or linear layer, a value that is added to it, and an activation: <c>f(product + residual)</c>, each sum finished as it is
/// stored. A gradient passes the activation by the step's result.
/// </summary>
internal sealed class ProductStep : FusedNode
{
    private readonly IProduct _product;

    private ProductStep(IReadOnlyList<Node> inside, IReadOnlyList<Value> inputs, Activation activation)
        : base(inside, inputs) => (_product, Activation) = ((IProduct)inside[0], activation);

    /// <inheritdoc/>
    public override Activation Activation { get; }

    /// <inheritdoc/>
    public override IEnumerable<Value> Sums => Inside.SkipLast(1).Select(node => node.Output);

    /// <summary>The step that ends in a node; null where there is none.</summary>
    public static ProductStep? Find(Node last, FusionView view)
    {
        Activation activation = view.ActivationOf(last);
        Node? node = activation.IsNone ? last : view.Sum(last.Inputs[0]);
        if (node is BinaryNode { Function: BinaryFunction.Add, Inputs: [var a, var b] } sum)
        {
            // The later of two products takes the sum: the other is there by then.
            (Value late, Value early) = a.Index > b.Index ? (a, b) : (b, a);
            return Add(late, early) ?? Add(early, late);
        }

        return !activation.IsNone && node is IProduct ? new ProductStep([node, last], [node.Inputs[0]], activation) : null;

        // What is repeated along an axis is no residual; what has one pixel may be, on a larger image.
        ProductStep? Add(Value product, Value other) =>
            product != other && product.Shape == other.Shape && product.Shape.Area > 1 && view.Sum(product) is IProduct and Node own
                ? new ProductStep(activation.IsNone ? [own, sum] : [own, sum, last], [own.Inputs[0], other], activation)
                : null;
    }

    /// <inheritdoc/>
    public override void Forward(NodeRun run) => _product.Forward(run, run.Y, Activation, Inputs.Count > 1 ? run.X(1) : null);

    /// <inheritdoc/>
    public override void BackwardInput(NodeRun run, int input)
    {
        Tensor dSum = run.Before(Activation);
        if (input == 0)
        {
            _product.BackwardInput(run, dSum);
        }
        else
        {
            ScaledCopy.Forward(dSum, run.DX, 1, mirror: false);
        }
    }

    /// <inheritdoc/>
    public override void BackwardParameters(NodeRun run)
    {
        Tensor dSum = run.Before(Activation);
        _product.BackwardParameters(run, dSum, dSum);
    }
}
