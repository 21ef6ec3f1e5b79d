using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Convolution, and the windows that it shares with poolings.</summary>
internal static class ConvolutionOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All => [("Conv", Convolve)];

    /// <summary>The windows that a node's attributes describe; for a row [N, C, W] those of a picture of height 1.</summary>
    public static WindowRule Rule(OnnxCall call, int axes, IReadOnlyList<long> kernel)
    {
        OnnxNode node = call.Node;
        (int kh, int kw) = Pair("kernel_shape", kernel);
        (int strideH, int strideW) = Pair("strides", node.Ints("strides"));
        (int dilationH, int dilationW) = Pair("dilations", node.Ints("dilations"));
        string auto = node.Text("auto_pad", "NOTSET");
        IReadOnlyList<long> pads = auto == "NOTSET" && node.Ints("pads") is { } said ? said : new long[2 * axes];
        if (pads.Count != 2 * axes || pads.Any(pad => pad is < 0 or > ushort.MaxValue))
        {
            throw node.Error($"pads [{string.Join(", ", pads.Take(16))}]: export the model again");
        }

        return new WindowRule(kh, kw)
        {
            StrideH = strideH,
            StrideW = strideW,
            DilationH = dilationH,
            DilationW = dilationW,
            Pads = axes == 1 ? (0, (int)pads[0], 0, (int)pads[1]) : ((int)pads[0], (int)pads[1], (int)pads[2], (int)pads[3]),
            Same = auto switch
            {
                "SAME_UPPER" => SamePadding.Upper,
                "SAME_LOWER" => SamePadding.Lower,
                "NOTSET" or "VALID" or "" => SamePadding.No,
                _ => throw node.Error($"auto_pad {OnnxText.Quote(auto)}: export the model again"),
            },
            Ceil = node.Int("ceil_mode", 0) == 1,
        };

        (int, int) Pair(string name, IReadOnlyList<long>? values) => values switch
        {
            null or [] => (1, 1),
            _ when values.Count != axes || values.Any(value => value is < 1 or > ushort.MaxValue) =>
                throw node.Error($"{name} [{string.Join(", ", values.Take(16))}] for {axes} axes: export the model again"),
            [var single] => (1, (int)single),
            _ => ((int)values[0], (int)values[1]),
        };
    }

    private static void Convolve(OnnxCall call)
    {
        (Value x, OnnxLayout layout) = call.Picture();
        OnnxConstant weight = call.Weights(1);
        int axes = call[0].Rank - 2;
        if (weight.Extents.Count != axes + 2)
        {
            throw call.Node.Error($"weights of {weight.Extents.Count} axes for {axes + 2}: export the model again");
        }

        WindowRule rule = Rule(call, axes, [.. weight.Extents.Skip(2)]);
        if (call.Node.Ints("kernel_shape") is { } said && !said.SequenceEqual(weight.Extents.Skip(2)))
        {
            throw call.Node.Error("its kernel_shape is not that of its weights: export the model again");
        }

        long groups = call.Node.Int("group", 1), outputs = weight.Extents[0], inputs = weight.Extents[1];
        if (groups is < 1 or > int.MaxValue || outputs % groups != 0 || inputs * groups != x.Shape.C)
        {
            throw call.Node.Error($"{x.Shape.C} channels in {groups} groups for weights [{string.Join(", ", weight.Extents)}]: export the "
                + "model again");
        }

        OnnxConstant kernel = axes == 2 ? weight : weight.With(weight.View.Unsqueeze([2]));
        Value y = call.Add(Node(call, x, rule, kernel, call.Constant(2), (int)groups));
        call.Remember(y, kernel, call.Constant(2));
        call.Return(y, Extents(call[0], y), layout);
    }

    /// <summary>A convolution with weights OIHW, which it has HWIO.</summary>
    public static Conv2DNode Node(OnnxCall call, Value x, WindowRule rule, OnnxConstant weight, OnnxConstant? bias, int groups)
    {
        IReadOnlyList<long> oihw = weight.Extents;
        var shape = new Shape(rule.KH, rule.KW, (int)oihw[1], (int)oihw[0]);
        OnnxConstant turned = weight.With(weight.View.Transpose([2, 3, 1, 0]));
        return new Conv2DNode(
            x, rule, call.Parameter("weight", turned, ParameterKind.ConvolutionWeight, shape),
            bias is null ? null : call.Parameter("bias", bias, ParameterKind.Bias, Shape.Vector((int)oihw[0])), groups);
    }

    /// <summary>What ONNX sees of a picture or row that was made of another.</summary>
    public static long[] Extents(OnnxActivation x, Value y) => x.Rank == 4
        ? [x.Extents[0], y.Shape.C, y.Shape.H, y.Shape.W]
        : [x.Extents[0], y.Shape.C, y.Shape.W];
}
