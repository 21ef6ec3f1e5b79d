using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Functions that exporters write as their parts, found again as the last part is added: one node in place of several, with its own
/// gradient. The parts stay where somebody else reads them and are dropped with the graph's other loose ends where not.
/// </summary>
internal static class OnnxIdioms
{
    private const float Sixth = 1f / 6, RootHalf = 0.70710678f;

    /// <summary>The node, or the one that says the same in one.</summary>
    public static Node Of(Node node) => node switch
    {
        BinaryNode { Function: BinaryFunction.Multiply, Inputs: [var a, var b] } => (Node?)Gate(a, b) ?? Gate(b, a) ?? node,
        UnaryNode { Function: UnaryFunction.Affine, Inputs: [{ Producer: BinaryNode { Inputs: [var a, var b] } product }] } half
            when product.Function == BinaryFunction.Multiply && Is(half, 0.5f, 0) => (Node?)Gelu(a, b) ?? Gelu(b, a) ?? node,
        UnaryNode { Function: UnaryFunction.Clip, Settings: (var low, var high) } clip => Clip(clip.Inputs[0].Producer, low, high) ?? node,
        BinaryNode { Function: BinaryFunction.Add, Inputs: [{ Producer: BinaryNode scaled }], Parameters: [var bias] } =>
            (Node?)LayerNormalization(scaled, bias) ?? node,
        _ => node,
    };

    /// <summary>A limit behind another: both in one, where they leave anything between them.</summary>
    private static UnaryNode? Clip(Node? before, float low, float high)
    {
        (float lowest, float highest) = before switch
        {
            ReluNode => (0, float.PositiveInfinity),
            UnaryNode { Function: UnaryFunction.Clip, Settings: var settings } => settings,
            _ => (float.NaN, float.NaN),
        };
        (low, high) = (Math.Max(low, lowest), Math.Min(high, highest));
        return low <= high ? new UnaryNode(before!.Inputs[0], UnaryFunction.Clip, low, high) : null;
    }

    /// <summary><c>x * gate(x)</c>: swish, hard swish, and two ways in which GELU is written.</summary>
    private static UnaryNode? Gate(Value x, Value gate) => gate.Producer switch
    {
        UnaryNode { Function: UnaryFunction.Sigmoid } sigmoid when sigmoid.Inputs[0] == x => new UnaryNode(x, UnaryFunction.Swish),
        UnaryNode { Function: UnaryFunction.HardSigmoid } sigmoid when sigmoid.Inputs[0] == x && Is(sigmoid, Sixth, 0.5f) =>
            new UnaryNode(x, UnaryFunction.HardSwish),
        UnaryNode { Function: UnaryFunction.Affine } half when Is(half, 0.5f, 0) => Gelu(x, half.Inputs[0]),
        _ => x.Producer is UnaryNode { Function: UnaryFunction.Affine } half && Is(half, 0.5f, 0) ? Gelu(half.Inputs[0], gate) : null,
    };

    /// <summary>GELU of x, if the other value is <c>1 + erf(x / sqrt(2))</c>.</summary>
    private static UnaryNode? Gelu(Value x, Value other) =>
        other.Producer is UnaryNode { Function: UnaryFunction.Affine } shifted && Is(shifted, 1, 1)
        && shifted.Inputs[0].Producer is UnaryNode { Function: UnaryFunction.Erf } erf
        && erf.Inputs[0].Producer is UnaryNode { Function: UnaryFunction.Affine } scaled && Is(scaled, RootHalf, 0) && scaled.Inputs[0] == x
            ? new UnaryNode(x, UnaryFunction.Gelu)
            : null;

    /// <summary><c>(x - mean) / sqrt(mean of squares + epsilon) * scale + bias</c> over the channels of each cell.</summary>
    private static LayerNormalizationNode? LayerNormalization(BinaryNode scaled, GraphParameter bias)
    {
        if (scaled is not { Function: BinaryFunction.Multiply, Inputs: [{ Producer: BinaryNode normal }], Parameters: [var scale] }
            || normal is not { Function: BinaryFunction.Divide, Inputs: [{ Producer: BinaryNode centred }, var spread] }
            || centred is not { Function: BinaryFunction.Subtract, Inputs: [var x, var mean] }
            || Same(spread).Producer is not UnaryNode { Function: UnaryFunction.Sqrt } root
            || root.Inputs[0].Producer is not UnaryNode { Function: UnaryFunction.Affine, Settings: (1, var epsilon) } shifted
            || Mean(shifted.Inputs[0], x)?.Producer is not UnaryNode { Function: UnaryFunction.Square } squares)
        {
            return null;
        }

        bool fits = squares.Inputs[0] == normal.Inputs[0] && Mean(mean, x) == x
            && scale.Shape == bias.Shape && scale.Shape == Kernels.Shape.Vector(x.Shape.C);
        return fits ? new LayerNormalizationNode(x, scale, bias, epsilon) : null;
    }

    /// <summary>What <paramref name="value"/> is the mean over the channels of <paramref name="like"/> of; null if it is none.</summary>
    private static Value? Mean(Value value, Value like) =>
        Same(value).Producer is GlobalAveragePoolNode { Inputs: [{ Shape: { C: 1 } } pooled] } && pooled.Shape.Area == like.Shape.C
            ? Same(pooled)
            : null;

    /// <summary>The value before changes of its extents.</summary>
    private static Value Same(Value value)
    {
        while (value.Producer is ReshapeNode reshape)
        {
            value = reshape.Inputs[0];
        }

        return value;
    }

    private static bool Is(UnaryNode node, float alpha, float beta) =>
        Math.Abs(node.Settings.Alpha - alpha) < 1e-4f && Math.Abs(node.Settings.Beta - beta) < 1e-4f;
}
