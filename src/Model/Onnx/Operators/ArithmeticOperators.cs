using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Arithmetic of two operands with NumPy's broadcasting; one of them may be a constant.</summary>
internal static class ArithmeticOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("Add", call => Combine(call, BinaryFunction.Add)),
        ("Sub", call => Combine(call, BinaryFunction.Subtract)),
        ("Mul", call => Combine(call, BinaryFunction.Multiply)),
        ("Div", call => Combine(call, BinaryFunction.Divide)),
        ("Pow", call => Combine(call, BinaryFunction.Power)),
        ("Max", call => Fold(call, BinaryFunction.Maximum)),
        ("Min", call => Fold(call, BinaryFunction.Minimum)),
        ("Sum", call => Fold(call, BinaryFunction.Add)),
        ("Mean", Mean),
    ];

    /// <summary>
    /// Brings a constant to the axes of memory that an activation has; the activation gets the axes that the constant has more. Along each
    /// axis of memory the constant's extent is that of the result, or 1.
    /// </summary>
    public static (OnnxLayout Layout, Shape Shape, OnnxConstant Moved) Broadcast(OnnxCall call, ref OnnxActivation x, OnnxConstant constant)
    {
        long[] extents = OnnxBroadcast.Extents(x.Extents, constant.Extents) ?? throw Wrong(call, x.Extents, constant.Extents);
        x = Padded(x, extents.Length);
        OnnxConstant padded = constant.With(constant.View.Unsqueeze([.. Enumerable.Range(0, extents.Length - constant.Extents.Count)]));
        OnnxLayout layout = call.LayoutOf(x);
        if (!IsEven(layout, extents, padded.Extents) && layout.N.Length > 1)
        {
            layout = Even(call, extents, padded.Extents);
        }

        // An axis of memory that is several of ONNX's: the constant fills them all or none.
        long[] filled = [.. padded.Extents];
        foreach (int[] list in layout.Lists.Where(list => list.Any(axis => padded.Extents[axis] > 1)))
        {
            foreach (int axis in list)
            {
                filled[axis] = extents[axis];
            }
        }

        OnnxConstant full = filled.SequenceEqual(padded.Extents) ? padded : FoldSelections.Expand(call.Known, padded, filled);
        return (layout, layout.ShapeOf(filled, 1), full.With(full.View.Transpose(layout.Order)));
    }

    private static void Combine(OnnxCall call, BinaryFunction function) =>
        call.Return(Combine(call, function, Operand(call, 0), Operand(call, 1), null));

    private static void Fold(OnnxCall call, BinaryFunction function)
    {
        OnnxValue all = Operand(call, 0);
        for (int i = 1; i < call.Count; i++)
        {
            bool isLast = i == call.Count - 1;
            all = new OnnxValue(Combine(call, function, all, Operand(call, i), isLast ? null : $"{i}"), null);
        }

        call.Return(all.Activation!);
    }

    private static void Mean(OnnxCall call)
    {
        OnnxValue all = Operand(call, 0);
        for (int i = 1; i < call.Count; i++)
        {
            all = new OnnxValue(Combine(call, BinaryFunction.Add, all, Operand(call, i), $"{i}"), null);
        }

        call.Return(call.Add(all.Activation!, x => new UnaryNode(x, UnaryFunction.Affine, 1f / call.Count)));
    }

    private static OnnxValue Operand(OnnxCall call, int number) =>
        call.Find(number) is { } activation ? new OnnxValue(activation, null) : new OnnxValue(null, call.Weights(number));

    private static OnnxActivation Combine(OnnxCall call, BinaryFunction function, OnnxValue left, OnnxValue right, string? step) =>
        (left, right) switch
        {
            ({ Activation: { } a }, { Activation: { } b }) => Values(call, function, a, b, step),
            ({ Activation: { } a }, { Constant: { } b }) => WithConstant(call, function, a, b, constantFirst: false, step),
            ({ Constant: { } a }, { Activation: { } b }) => WithConstant(call, function, b, a, constantFirst: true, step),
            _ => throw call.Node.Error("of constants is not computed at load in this mix: export the model without it"),
        };

    private static OnnxActivation Values(OnnxCall call, BinaryFunction function, OnnxActivation a, OnnxActivation b, string? step)
    {
        if (a.Value.Shape == b.Value.Shape && a.View.IsSameAs(b.View))
        {
            return a with { Value = call.Add(new BinaryNode(a.Value, b.Value, function), step) };
        }

        long[] extents = OnnxBroadcast.Extents(a.Extents, b.Extents) ?? throw Wrong(call, a.Extents, b.Extents);
        (a, b) = (Padded(a, extents.Length), Padded(b, extents.Length));
        OnnxActivation lead = b.Extents.SequenceEqual(extents) && !a.Extents.SequenceEqual(extents) ? b : a;
        OnnxLayout layout = call.LayoutOf(lead);
        if (!IsEven(layout, extents, a.Extents) || !IsEven(layout, extents, b.Extents))
        {
            layout = Even(call, extents, a.Extents, b.Extents);
        }

        Value value = call.Add(new BinaryNode(call.Arrange(a, layout), call.Arrange(b, layout), function), step);
        return new OnnxActivation(value, OnnxView.Dense(extents, layout.Order));
    }

    private static OnnxActivation WithConstant(
        OnnxCall call, BinaryFunction function, OnnxActivation x, OnnxConstant constant, bool constantFirst, string? step)
    {
        if (constant.Count == 1 && constant.Extents.Count <= x.Rank
            && WithNumber(function, constant.ToFloats()[0], constantFirst) is { } make)
        {
            return call.Add(x, make, step);
        }

        (OnnxLayout layout, Shape shape, OnnxConstant moved) = Broadcast(call, ref x, constant);
        bool isChannels = x.View.Lies(layout.Order) && x.Value.Shape.C == shape.Count && shape == Shape.Vector(shape.C);
        if (isChannels && function == BinaryFunction.Add && WithBias(x.Value.Producer) is { } biased)
        {
            Value sum = call.Add(biased(call.Parameter("bias", moved, ParameterKind.Bias, shape)), step);
            if (call.Remembered(x.Value) is { } own)
            {
                call.Remember(sum, own.Weight, moved);
            }

            return new OnnxActivation(sum, OnnxView.Dense(x.Extents, layout.Order));
        }

        if (isChannels && function == BinaryFunction.Multiply && ProductOperators.Scaled(call, x.Value, moved) is { } scaled)
        {
            return new OnnxActivation(call.Add(scaled, step), OnnxView.Dense(x.Extents, layout.Order));
        }

        GraphParameter parameter = call.Parameter(
            "operand", moved, function == BinaryFunction.Add ? ParameterKind.Bias : ParameterKind.Constant, shape);
        Value y = call.Add(new BinaryNode(call.Arrange(x, layout), parameter, function, constantFirst), step);
        return new OnnxActivation(y, OnnxView.Dense(OnnxBroadcast.Extents(x.Extents, constant.Extents)!, layout.Order));
    }

    /// <summary>A node that adds a bias to what this one computes; whoever wants this one alone still has it.</summary>
    private static Func<GraphParameter, Node>? WithBias(Node? producer) => producer switch
    {
        LinearNode { HasBias: false } linear => bias => new LinearNode(linear.Inputs[0], linear.Weight, bias),
        Conv2DNode { AddsBias: false } conv => bias => new Conv2DNode(conv.Inputs[0], conv.Rule, conv.Weight, bias, conv.Groups),
        _ => null,
    };

    /// <summary>The node for one number with every element; null where there is none.</summary>
    private static Func<Value, Node>? WithNumber(BinaryFunction function, float number, bool numberFirst) => (function, numberFirst) switch
    {
        (BinaryFunction.Add, _) => x => new UnaryNode(x, UnaryFunction.Affine, 1, number),
        (BinaryFunction.Subtract, false) => x => new UnaryNode(x, UnaryFunction.Affine, 1, -number),
        (BinaryFunction.Subtract, true) => x => new UnaryNode(x, UnaryFunction.Affine, -1, number),
        (BinaryFunction.Multiply, _) => x => new UnaryNode(x, UnaryFunction.Affine, number, 0),
        (BinaryFunction.Divide, false) => x => new UnaryNode(x, UnaryFunction.Affine, 1 / number, 0),
        (BinaryFunction.Maximum, _) when number == 0 => x => new ReluNode(x),
        (BinaryFunction.Maximum, _) => x => new UnaryNode(x, UnaryFunction.Clip, number, float.PositiveInfinity),
        (BinaryFunction.Minimum, _) => x => new UnaryNode(x, UnaryFunction.Clip, float.NegativeInfinity, number),
        (BinaryFunction.Power, false) when number == 2 => x => new UnaryNode(x, UnaryFunction.Square),
        (BinaryFunction.Power, false) when number == 0.5f => x => new UnaryNode(x, UnaryFunction.Sqrt),
        (BinaryFunction.Power, false) => x => new UnaryNode(x, UnaryFunction.Power, number),
        _ => null,
    };

    private static OnnxActivation Padded(OnnxActivation x, int rank) =>
        x with { View = x.View.Unsqueeze([.. Enumerable.Range(0, rank - x.Rank)]) };

    /// <summary>
    /// A layout in which the operands are even: the usual one, or the axes in their order, neighbours together that behave alike.
    /// </summary>
    private static OnnxLayout Even(OnnxCall call, long[] extents, params IReadOnlyList<long>[] operands)
    {
        var usual = OnnxLayout.Usual(extents.Length, call.Batch);
        if (operands.All(operand => IsEven(usual, extents, operand)))
        {
            return usual;
        }

        // The images have the first axis for themselves.
        List<List<int>> lists = [[0]];
        for (int axis = 1; axis < extents.Length; axis++)
        {
            int before = lists[^1][^1];
            bool alike = before > 0 && operands.All(operand => operand[axis] == extents[axis] == (operand[before] == extents[before]));
            if (alike)
            {
                lists[^1].Add(axis);
            }
            else
            {
                lists.Add([axis]);
            }
        }

        while (lists.Count < 4)
        {
            lists.Insert(1, []);
        }

        return lists.Count == 4
            ? new OnnxLayout([.. lists[0]], [.. lists[1]], [.. lists[2]], [.. lists[3]])
            : throw call.Node.Error($"takes [{string.Join("] with [", operands.Select(operand => string.Join(", ", operand)))}], which is "
                + "not run in this mix: export the model again");
    }

    /// <summary>Whether along each axis of memory an operand has all of the result or 1.</summary>
    private static bool IsEven(OnnxLayout layout, long[] result, IReadOnlyList<long> operand) => layout.Lists.All(list =>
        list.All(axis => operand[axis] == 1) || list.All(axis => operand[axis] == result[axis]));

    private static GpuCamException Wrong(OnnxCall call, IReadOnlyList<long> a, IReadOnlyList<long> b) =>
        call.Node.Error($"[{string.Join(", ", a)}] with [{string.Join(", ", b)}] cannot be taken element by element");
}
