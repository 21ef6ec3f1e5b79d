using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Model;

namespace GpuCam.OnnxRuntimeTests;

/// <summary>A node with certain settings, behind an image.</summary>
/// <param name="Name">For the name of a test.</param>
/// <param name="Add">Adds it.</param>
internal sealed record Kind(string Name, Func<GraphBuilder, Value, Value> Add)
{
    /// <summary>Extents of the image.</summary>
    public Shape Image { get; init; } = new(1, 7, 6, 4);

    /// <summary>The least number in an image; all are multiples of 1/4, so that there are ties and kinks.</summary>
    public float Least { get; init; } = -2;

    public override string ToString() => Name;
}

/// <summary>Every kind of node, with the settings that make a difference.</summary>
internal static class Kinds
{
    public static IEnumerable<Kind> All =>
        [.. Products(), .. Poolings(), .. Functions(), .. Operands(), .. Normalizations(), .. Views(), .. Images(), .. Reductions()];

    private static IEnumerable<Kind> Products()
    {
        yield return Conv("conv 3x2/2x1", new WindowRule(3, 2) { StrideH = 2, Pads = (1, 0, 0, 1) });
        yield return Conv("conv 1x1/2", new WindowRule(1, 1) { StrideH = 2, StrideW = 2 });
        yield return Conv("conv 3x3/3x4, too short by some", new WindowRule(3, 3) { StrideH = 3, StrideW = 4 });
        yield return Conv("conv 2x2, dilated", new WindowRule(2, 2) { DilationH = 3, DilationW = 2, Pads = (2, 1, 0, 3) });
        yield return Conv("conv 4x4, same", new WindowRule(4, 4) { Same = SamePadding.Lower });
        yield return Conv("conv 3x3, 2 groups", new WindowRule(3, 3) { Pads = (1, 1, 1, 1) }, groups: 2);
        yield return Conv("depthwise conv 3x3/2", new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Pads = (1, 1, 1, 1) }, groups: 4);
        yield return new Kind("linear of pixels", (graph, x) => graph.Add("y", new LinearNode(x, Linear(4, 5), Vector("bias", 5))));
        yield return new Kind("linear of features", (graph, x) => graph.Add(
            "y", new LinearNode(graph.GlobalPool(x, GlobalPooling.Average), Linear(4, 5), null)));
        yield return new Kind("matmul", (graph, x) => graph.Add("y", new MatMulNode(x, Tokens(graph, x), transposeB: false)));
        yield return new Kind("matmul with the transpose", (graph, x) => graph.Add("y", new MatMulNode(x, x, transposeB: true)));

        static Value Tokens(GraphBuilder graph, Value x) =>
            graph.Add("turned", new PermuteNode(x, [7, 6, 4], [0, 1, 3, 2], new Shape(1, 7, 4, 6)));
    }

    private static Kind Conv(string name, WindowRule rule, int groups = 1) => new(name, (graph, x) =>
    {
        var weight = new Shape(rule.KH, rule.KW, x.Shape.C / groups, 8);
        return graph.Add("y", new Conv2DNode(
            x, rule, Parameter("weight", ParameterKind.ConvolutionWeight, weight), Vector("bias", 8), groups));
    });

    private static IEnumerable<Kind> Poolings()
    {
        (string Name, WindowRule Rule)[] rules =
        [
            ("2x2/2", new WindowRule(2, 2) { StrideH = 2, StrideW = 2 }),
            ("3x3/2, up", new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Ceil = true }),
            ("3x2/1, overlapping", new WindowRule(3, 2) { Pads = (1, 1, 1, 0) }),
            ("2x2/3, with gaps", new WindowRule(2, 2) { StrideH = 3, StrideW = 3 }),
            ("2x2, dilated", new WindowRule(2, 2) { DilationH = 2, DilationW = 3, StrideH = 2, Pads = (0, 2, 1, 0) }),
            ("3x3/2, same", new WindowRule(3, 3) { StrideH = 2, StrideW = 2, Same = SamePadding.Upper }),
            ("2x2/2, padded and up", new WindowRule(2, 2) { StrideH = 2, StrideW = 2, Pads = (1, 1, 1, 1), Ceil = true }),
        ];
        foreach ((string name, WindowRule rule) in rules)
        {
            yield return new Kind($"max-pool {name}", (graph, x) => graph.Add("y", new MaxPool2DNode(x, rule)));
            yield return new Kind($"average pool {name}", (graph, x) => graph.Add("y", new AveragePool2DNode(x, rule, false)));
            yield return new Kind($"average pool {name}, padding counts", (graph, x) =>
                graph.Add("y", new AveragePool2DNode(x, rule, true)));
        }

        yield return new Kind("global average pool", (graph, x) => graph.GlobalPool(x, GlobalPooling.Average));
        yield return new Kind("global max pool", (graph, x) => graph.GlobalPool(x, GlobalPooling.Max));
    }

    private static IEnumerable<Kind> Functions()
    {
        yield return new Kind("relu", (graph, x) => graph.Relu("y", x));
        yield return new Kind("dropout", (graph, x) => graph.Dropout("y", x, 0.5f));
        yield return new Kind("prelu", (graph, x) => graph.Add("y", new PReluNode(x, Vector("slope", 4))));
        yield return new Kind("prelu of pixels", (graph, x) => graph.Add("y", new PReluNode(x, Constant("slope", new Shape(1, 7, 1, 4)))));
        foreach (UnaryFunction function in Enum.GetValues<UnaryFunction>())
        {
            (float alpha, float beta) = function switch
            {
                UnaryFunction.LeakyRelu or UnaryFunction.Elu => (0.3f, 0),
                UnaryFunction.Clip => (-1, 1.5f),
                UnaryFunction.HardSigmoid => (0.5f, 0.25f),
                UnaryFunction.Affine => (-2, 1),
                _ => (3f, 0f),
            };
            bool positive = function is UnaryFunction.Sqrt or UnaryFunction.Log or UnaryFunction.Reciprocal;
            yield return Function($"{function}", function, alpha, beta) with { Least = positive ? 0.25f : -4 };
        }

        yield return Function("clip from below", UnaryFunction.Clip, 0.5f, float.PositiveInfinity);
        yield return Function("clip from above", UnaryFunction.Clip, float.NegativeInfinity, 0.5f);
        yield return Function("power 2.5", UnaryFunction.Power, 2.5f, 0) with { Least = 0 };
        yield return Function("power 2", UnaryFunction.Power, 2, 0);

        static Kind Function(string name, UnaryFunction function, float alpha, float beta) =>
            new(name, (graph, x) => graph.Add("y", new UnaryNode(x, function, alpha, beta)));
    }

    private static IEnumerable<Kind> Operands()
    {
        foreach (BinaryFunction function in Enum.GetValues<BinaryFunction>())
        {
            float least = function is BinaryFunction.Power or BinaryFunction.Divide ? 0.25f : -2;
            yield return Of("its mirror image", (graph, x) => new BinaryNode(x, Mirrored(graph, x), function));
            yield return Of("its means", (graph, x) => new BinaryNode(x, graph.GlobalPool(x, GlobalPooling.Average), function));
            yield return Of("its means first", (graph, x) => new BinaryNode(graph.GlobalPool(x, GlobalPooling.Max), x, function));
            yield return Of("itself", (_, x) => new BinaryNode(x, x, function));
            yield return Of("a vector", (_, x) => new BinaryNode(x, Vector("operand", 4, 0.5f), function));
            yield return Of("a vector first", (_, x) => new BinaryNode(x, Vector("operand", 4, 0.5f), function, parameterFirst: true));
            yield return Of("a column", (_, x) => new BinaryNode(x, Constant("operand", new Shape(1, 7, 1, 1), 0.5f), function));
            yield return Of("an image, repeating", (graph, x) => new BinaryNode(
                graph.GlobalPool(x, GlobalPooling.Average), Constant("operand", new Shape(1, 3, 2, 4), 0.5f), function));

            Kind Of(string what, Func<GraphBuilder, Value, Node> node) =>
                new($"{function} with {what}", (graph, x) => graph.Add("y", node(graph, x))) { Least = least };
        }

        static Value Mirrored(GraphBuilder graph, Value x) =>
            graph.Add("mirrored", new PermuteNode(x, [3, 14, 4], [0, 2, 1, 3], new Shape(1, 7, 6, 4)));
    }

    private static IEnumerable<Kind> Normalizations()
    {
        yield return new Kind("batch norm", (graph, x) => graph.Add("y", new BatchNormalizationNode(
            x, Vector("scale", 4), Vector("bias", 4), Constant("mean", Shape.Vector(4)),
            Constant("variance", Shape.Vector(4), 0.5f), 1e-3f)));
        yield return new Kind("layer norm", (graph, x) => graph.Add(
            "y", new LayerNormalizationNode(x, Vector("scale", 4), Vector("bias", 4), 1e-3f)));
        yield return new Kind("softmax", (graph, x) => graph.Add("y", new SoftmaxNode(x, log: false)));
        yield return new Kind("log softmax", (graph, x) => graph.Add("y", new SoftmaxNode(x, log: true)));
        foreach (int size in (int[])[1, 2, 3, 12])
        {
            yield return new Kind($"local response norm {size}", (graph, x) => graph.Add(
                "y", new LocalResponseNormalizationNode(x, size, 0.5f, 0.75f, 1)));
        }
    }

    private static IEnumerable<Kind> Views()
    {
        yield return new Kind("reshape", (graph, x) => graph.Add("y", new ReshapeNode(x, new Shape(1, 3, 14, 4))));
        yield return new Kind("reshape of all", (graph, x) => graph.Add("y", new ReshapeNode(x, new Shape(1, 1, 1, 168))));
        yield return new Kind("permute as flattened", (graph, x) => graph.Flatten("y", x));
        yield return new Kind("permute as shuffled", (graph, x) => graph.Add(
            "y", new PermuteNode(x, [42, 2, 2], [0, 1, 3, 2], x.Shape)));
        yield return new Kind("permute", (graph, x) => graph.Add(
            "y", new PermuteNode(x, [7, 2, 3, 4], [0, 3, 1, 4, 2], new Shape(1, 3, 7, 8))));
        foreach (Axis axis in (Axis[])[Axis.H, Axis.W, Axis.C])
        {
            yield return new Kind($"concat along {axis}", (graph, x) => graph.Add(
                "y", new ConcatNode([x, graph.Relu("relu", x), x], axis)));
            yield return new Kind($"slice along {axis}", (graph, x) => graph.Add("y", new SliceNode(x, axis, 1, 2, 1)));
            yield return new Kind($"slice along {axis}, every other", (graph, x) => graph.Add("y", new SliceNode(x, axis, 1, 2, 2)));
        }

        yield return new Kind("slice, every third to the end", (graph, x) => graph.Add("y", new SliceNode(x, Axis.H, 0, 3, 3)));
    }

    private static IEnumerable<Kind> Images()
    {
        foreach (PadMode mode in Enum.GetValues<PadMode>())
        {
            yield return new Kind($"pad {mode}", (graph, x) => graph.Add("y", new Pad2DNode(x, (2, 0, 1, 1, 3, 2), mode, 0.5f)));
            yield return new Kind($"pad and cut {mode}", (graph, x) => graph.Add("y", new Pad2DNode(x, (-1, 2, 0, 3, -2, 0), mode, 0.5f)));
        }

        foreach (Interpolation interpolation in Enum.GetValues<Interpolation>())
        {
            foreach (ResizeCoordinates coordinates in Enum.GetValues<ResizeCoordinates>())
            {
                yield return Resize($"{interpolation} {coordinates}", interpolation, coordinates, 2, 1.5f, null);
                yield return Resize($"{interpolation} {coordinates}, smaller", interpolation, coordinates, 0.6f, 0.5f, null);
            }
        }

        yield return Resize("to a size", Interpolation.Linear, ResizeCoordinates.HalfPixel, 9 / 7f, 5 / 6f, (9, 5));

        static Kind Resize(
            string name, Interpolation interpolation, ResizeCoordinates coordinates, float scaleH, float scaleW, (int, int)? size) =>
            new($"resize {name}", (graph, x) => graph.Add("y", new Resize2DNode(
                x, new ResizeRule(interpolation, coordinates, ResizeRounding.Floor, scaleH, scaleW), size)));
    }

    private static IEnumerable<Kind> Reductions()
    {
        foreach (ReduceFunction function in Enum.GetValues<ReduceFunction>())
        {
            foreach (Axis[] axes in (Axis[][])[[Axis.H, Axis.W], [Axis.C], [Axis.W], [Axis.H, Axis.C]])
            {
                yield return new Kind($"reduce {function} along {string.Join("", axes)}", (graph, x) =>
                    graph.Add("y", new ReduceNode(x, function, axes)));
            }
        }
    }

    private static GraphParameter Linear(int inputs, int outputs) =>
        Parameter("weight", ParameterKind.LinearWeight, Shape.Matrix(inputs, outputs));

    private static GraphParameter Vector(string name, int length, float least = -1) =>
        Parameter(name, ParameterKind.Bias, Shape.Vector(length), least);

    private static GraphParameter Constant(string name, Shape shape, float least = -1) =>
        Parameter(name, ParameterKind.Constant, shape, least);

    private static GraphParameter Parameter(string name, ParameterKind kind, Shape shape, float least = -1) =>
        new(name, kind, shape, ParameterData.Of(Made.Numbers(shape.Count, shape.Count, least, least + 2)));
}
