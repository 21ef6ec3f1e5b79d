using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Normalisations.</summary>
internal static class NormalizationOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("BatchNormalization", BatchNormalization),
        ("InstanceNormalization", InstanceNormalization),
        ("LayerNormalization", LayerNormalization),
        ("LRN", LocalResponse),
    ];

    private static void BatchNormalization(OnnxCall call)
    {
        OnnxActivation given = call[0];
        if (call.Node.Int("spatial", 1) == 0)
        {
            throw call.Node.Error("with statistics for each pixel is not run: export the model with opset 9 or newer");
        }

        if (call.Node.Int("training_mode", 0) == 1)
        {
            throw call.Node.Error("is in training mode: export the model for inference");
        }

        if (!call.KeepsNormalizations && Folded(call) is { } folded)
        {
            call.Return(given with { Value = call.Add(folded) });
            return;
        }

        // Channels are the second axis; whatever lies around them is left where it is, if they lie together.
        OnnxLayout layout = given.Rank == 2 ? new([0], [], [], [1])
            : OnnxLayout.Of(given, call.Batch) is { } lies && lies.C.Where(axis => given.Extents[axis] > 1).SequenceEqual([1]) ? lies
            : given.Rank > 4 ? throw call.Node.Error($"of {given.Rank} axes is not run: only pictures and rows are")
            : call.Picture().Layout;
        Value x = call.Arrange(given, layout);
        int channels = x.Shape.C;
        Value y = call.Add(new BatchNormalizationNode(
            x, call.Vector("scale", 1, channels, ParameterKind.Bias), call.Vector("bias", 2, channels, ParameterKind.Bias),
            call.Vector("mean", 3, channels, ParameterKind.Constant), call.Vector("variance", 4, channels, ParameterKind.Constant),
            call.Node.Float("epsilon", 1e-5f)));
        call.Return(y, given.Extents, layout);
    }

    /// <summary>
    /// The convolution before a normalisation with the normalisation in its weights: each channel's times <c>scale / sqrt(variance +
    /// epsilon)</c>, and what it adds in the bias. Null where what is normalised is no convolution, or somebody else reads it.
    /// </summary>
    private static Conv2DNode? Folded(OnnxCall call)
    {
        if (call[0].Value.Producer is not Conv2DNode convolution || call.OwnConvolution(0) is not { } own)
        {
            return null;
        }

        OnnxConstant weight = own.Weight;
        int channels = (int)weight.Extents[0];
        float[] scale = Statistic(1), shift = Statistic(2), mean = Statistic(3), variance = Statistic(4);
        float[] bias = own.Bias?.ToFloats() ?? new float[channels];
        float epsilon = call.Node.Float("epsilon", 1e-5f);
        for (int i = 0; i < channels; i++)
        {
            double factor = scale[i] / Math.Sqrt(variance[i] + (double)epsilon);
            (scale[i], shift[i]) = ((float)factor, (float)(shift[i] + ((bias[i] - (double)mean[i]) * factor)));
        }

        if (!weight.View.Lies([.. Enumerable.Range(0, weight.View.Rank)]))
        {
            return null;
        }

        OnnxConstant scaled = weight.Map(numbers =>
            new DequantizedNumbers(numbers, scale, new float[channels], Math.Max(1, weight.Count / Math.Max(1, channels))));
        return ConvolutionOperators.Node(call, convolution.Inputs[0], convolution.Rule, scaled,
            new OnnxConstant([channels], shift) { Name = call.Weights(2).Name }, convolution.Groups);

        float[] Statistic(int number) => call.Weights(number) is { } numbers && numbers.Count == channels
            ? numbers.ToFloats()
            : throw call.Node.Error($"its input {number} is not {channels} numbers: export the model again");
    }

    /// <summary>By its parts: the mean of each channel goes, then what is left is divided by its spread.</summary>
    private static void InstanceNormalization(OnnxCall call)
    {
        (Value x, OnnxLayout layout) = call.Picture();
        int channels = x.Shape.C;
        Value mean = call.Add(new GlobalAveragePoolNode(x), "mean");
        Value centred = call.Add(new BinaryNode(x, mean, BinaryFunction.Subtract), "centred");
        Value squares = call.Add(new UnaryNode(centred, UnaryFunction.Square), "squares");
        Value variance = call.Add(new GlobalAveragePoolNode(squares), "variance");
        Value shifted = call.Add(new UnaryNode(variance, UnaryFunction.Affine, 1, call.Node.Float("epsilon", 1e-5f)), "shifted");
        Value spread = call.Add(new UnaryNode(shifted, UnaryFunction.Sqrt), "spread");
        Value normal = call.Add(new BinaryNode(centred, spread, BinaryFunction.Divide), "normal");
        GraphParameter scale = call.Vector("scale", 1, channels, ParameterKind.Constant);
        GraphParameter bias = call.Vector("bias", 2, channels, ParameterKind.Bias);
        Value scaled = call.Add(new BinaryNode(normal, scale, BinaryFunction.Multiply), "scaled");
        call.Return(call.Add(new BinaryNode(scaled, bias, BinaryFunction.Add)), call[0].Extents, layout);
    }

    private static void LayerNormalization(OnnxCall call)
    {
        OnnxActivation given = call[0];
        if (call.IsMoreRead)
        {
            throw call.Node.Error("gives its mean or spread too, which is not run: export the model for inference");
        }

        OnnxLayout layout = ReductionOperators.ChannelsFrom(call, given, call.Known.Axis(call.Node.Int("axis", -1), given.Rank));
        Value x = call.Arrange(given, layout);
        GraphParameter scale = call.Vector("scale", 1, x.Shape.C, ParameterKind.Constant);
        GraphParameter? bias = call.Constant(2) is null ? null : call.Vector("bias", 2, x.Shape.C, ParameterKind.Bias);
        Value y = call.Add(new LayerNormalizationNode(x, scale, bias, call.Node.Float("epsilon", 1e-5f)));
        call.Return(y, given.Extents, layout);
    }

    private static void LocalResponse(OnnxCall call)
    {
        (Value x, OnnxLayout layout) = call.Picture();
        OnnxNode node = call.Node;
        long size = node.Int("size", 0);
        if (size is < 1 or > ushort.MaxValue)
        {
            throw node.Error($"of size {size}: export the model again");
        }

        Value y = call.Add(new LocalResponseNormalizationNode(
            x, (int)size, node.Float("alpha", 1e-4f), node.Float("beta", 0.75f), node.Float("bias", 1)));
        call.Return(y, call[0].Extents, layout);
    }
}
