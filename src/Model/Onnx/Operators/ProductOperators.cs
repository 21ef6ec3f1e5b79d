using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Products with matrices.</summary>
internal static class ProductOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All => [("Gemm", Gemm), ("MatMul", MatMul)];

    private static void Gemm(OnnxCall call)
    {
        OnnxActivation x = call[0];
        OnnxNode node = call.Node;
        OnnxConstant weight = call.Weights(1);
        if (node.Int("transA", 0) != 0 || x.Rank != 2 || weight.Extents.Count != 2)
        {
            throw node.Error("is run only as rows of an activation with a matrix: export the model again");
        }

        OnnxConstant matrix = node.Int("transB", 0) == 0 ? weight : weight.With(weight.View.Transpose([1, 0]));
        float alpha = node.Float("alpha", 1), beta = node.Float("beta", 1);
        long outputs = matrix.Extents[1];
        OnnxConstant? bias = call.Constant(2);
        // A bias of a vector goes with the product; one of a single number or a number for each row is a broadcast of its own.
        bool joins = bias is { Extents: [.., var width] } && alpha == 1 && beta == 1 && bias.Count == outputs && width == outputs;
        bool isLast = (bias is null || joins || beta == 0) && alpha == 1;
        OnnxActivation product = Rows(call, x, matrix, joins ? bias : null, isLast ? null : "product");
        if (alpha != 1)
        {
            string? step = bias is null || beta == 0 ? null : "scaled";
            product = call.Add(product, value => new UnaryNode(value, UnaryFunction.Affine, alpha), step);
        }

        if (bias is not null && !joins && beta != 0)
        {
            float[] scaled = [.. call.Known.Made(bias).ToFloats().Select(value => beta * value)];
            (OnnxLayout layout, Shape shape, OnnxConstant moved) =
                ArithmeticOperators.Broadcast(call, ref product, new OnnxConstant(bias.Extents, scaled));
            Value sum = call.Add(new BinaryNode(
                call.Arrange(product, layout), call.Parameter("bias", moved, ParameterKind.Bias, shape), BinaryFunction.Add));
            product = new OnnxActivation(sum, OnnxView.Dense(product.Extents, layout.Order));
        }

        call.Return(product);
    }

    /// <summary>A matrix, or one under axes of extent 1 of which the other factor has as many; null for several.</summary>
    private static OnnxConstant? Flat(OnnxConstant matrix, int rank)
    {
        int more = matrix.Extents.Count - 2;
        return more >= 0 && more <= rank - 2 && matrix.Extents.Take(more).All(extent => extent == 1)
            ? matrix.With(matrix.View.Squeeze([.. Enumerable.Range(0, more)]))
            : null;
    }

    private static void MatMul(OnnxCall call)
    {
        if (call.Find(0) is { } a && call.Find(1) is { } b)
        {
            Values(call, a, b);
        }
        else if (call.Find(0) is { Rank: >= 2 } rows && call.Weights(1) is { Extents.Count: 2 } matrix)
        {
            call.Return(Rows(call, rows, matrix, null, null));
        }
        else if (call.Find(1) is { Rank: >= 2 } columns && Flat(call.Weights(0), columns.Rank) is { } left)
        {
            // A x = (x' A')'.
            int[] turned = [.. Enumerable.Range(0, columns.Rank - 2), columns.Rank - 1, columns.Rank - 2];
            OnnxActivation product = Rows(call, columns with { View = columns.View.Transpose(turned) },
                left.With(left.View.Transpose([1, 0])), null, null);
            call.Return(product with { View = product.View.Transpose(turned) });
        }
        else
        {
            throw call.Node.Error("is run only of two activations, or of one with a matrix: export the model again");
        }
    }

    /// <summary>The last axis times a matrix [in, out].</summary>
    private static OnnxActivation Rows(OnnxCall call, OnnxActivation x, OnnxConstant matrix, OnnxConstant? bias, string? step)
    {
        int last = x.Rank - 1;
        if (x.Extents[last] != matrix.Extents[0])
        {
            throw call.Node.Error($"{x.Extents[last]} features for a matrix [{string.Join(", ", matrix.Extents)}]: export the model again");
        }

        int depth = (int)matrix.Extents[0], outputs = (int)matrix.Extents[1];
        long[] extents = [.. x.Extents.Take(last), outputs];
        OnnxView weight = matrix.View;
        OnnxLayout layout;
        Value rows;
        if (x.Rank == 2 && !x.View.Lies(0, 1) && Torn(x.View) is { } order)
        {
            // Flattened pictures: the matrix takes its rows in the order of memory.
            long[] factors = [.. x.View[1].Select(factor => factor.Extent)];
            OnnxView? split = weight.Reshape([.. factors, outputs]);
            OnnxConstant dense = split is null
                ? new OnnxConstant([.. factors, outputs], call.Known.Made(matrix).ToFloats()) { Name = matrix.Name }
                : matrix.With(split);
            matrix = dense.With(dense.View.Transpose([.. order, factors.Length]));
            layout = OnnxLayout.Usual(2, call.Batch);
            var flat = new OnnxActivation(x.Value, OnnxView.Dense(x.Extents));
            rows = call.Arrange(flat, layout);
        }
        else
        {
            layout = ReductionOperators.ChannelsFrom(call, x, last);
            rows = call.Arrange(x, layout);
        }

        GraphParameter parameter = call.Parameter("weight", matrix, ParameterKind.LinearWeight, Shape.Matrix(depth, outputs));
        GraphParameter? added = bias is null ? null : call.Parameter("bias", bias, ParameterKind.Bias, Shape.Vector(outputs));
        Value y = call.Add(new LinearNode(rows, parameter, added), step);
        call.Remember(y, matrix, bias);
        return new OnnxActivation(y, OnnxView.Dense(extents, layout.Order));
    }

    /// <summary>
    /// The linear layer with a factor for each of its channels in its weights; null where the value is none, or its weights lie so that
    /// their channels cannot be told.
    /// </summary>
    public static LinearNode? Scaled(OnnxCall call, Value y, OnnxConstant factors)
    {
        if (y.Producer is not LinearNode linear || call.Remembered(y) is not { Weight: { View: var view } weight } own)
        {
            return null;
        }

        (int inputs, int outputs) = (linear.Weight.Shape.N, linear.Weight.Shape.C);
        int inner = view.Lies(0, 1) ? 1 : view.Lies(1, 0) ? inputs : 0;
        if (inner == 0)
        {
            return null;
        }

        float[] scale = factors.ToFloats();
        OnnxConstant scaled = weight.Map(numbers => new DequantizedNumbers(numbers, scale, new float[outputs], inner));
        GraphParameter parameter = call.Parameter("weight", scaled, ParameterKind.LinearWeight, linear.Weight.Shape);
        OnnxConstant? bias = own.Bias is null ? null
            : new OnnxConstant([outputs], [.. own.Bias.ToFloats().Zip(scale, (b, s) => b * s)]) { Name = own.Bias.Name };
        return new LinearNode(linear.Inputs[0], parameter,
            bias is null ? null : call.Parameter("bias", bias, ParameterKind.Bias, Shape.Vector(outputs)));
    }

    /// <summary>The order of memory of the factors of the second axis, if they are all of an image; null if not.</summary>
    private static int[]? Torn(OnnxView view)
    {
        int[] order = [.. Enumerable.Range(0, view[1].Count).OrderByDescending(i => view[1][i].Stride)];
        long stride = 1;
        foreach (int i in order.Reverse())
        {
            if (view[1][i].Stride != stride)
            {
                return null;
            }

            stride *= view[1][i].Extent;
        }

        return order;
    }

    /// <summary>Matrices of two activations, all axes before the last two along each other.</summary>
    private static void Values(OnnxCall call, OnnxActivation a, OnnxActivation b)
    {
        int rank = a.Rank;
        if (rank < 3 || b.Rank != rank || !a.Extents.Take(rank - 2).SequenceEqual(b.Extents.Take(rank - 2)))
        {
            throw call.Node.Error(
                $"[{string.Join(", ", a.Extents)}] times [{string.Join(", ", b.Extents)}] is not run: export the model again");
        }

        int[] lead = [.. Enumerable.Range(0, rank - 2)];
        var layout = new OnnxLayout(lead, [], [rank - 2], [rank - 1]);
        var turned = new OnnxLayout(lead, [], [rank - 1], [rank - 2]);
        bool transposed = b.View.Lies(turned.Order);
        Value y = call.Add(new MatMulNode(call.Arrange(a, layout), call.Arrange(b, transposed ? turned : layout), transposed));
        call.Return(y, [.. a.Extents.Take(rank - 1), b.Extents[^1]], layout);
    }
}
