namespace GpuCam.Model;

/// <summary>Constants, what passes them on as they are, and changes of their type.</summary>
internal static class FoldSources
{
    public static IEnumerable<(string, Func<OnnxFoldCall, OnnxConstant>)> All =>
    [
        ("Constant", Constant),
        ("ConstantOfShape", ConstantOfShape),
        ("Shape", call => Shape(call, call[0].Extents)),
        ("Size", call => new OnnxConstant([], [call[0].Count])),
        ("Range", Range),
        ("Identity", call => call[0]),
        ("Cast", call => Cast(call, (OnnxType)call.Node.Int("to", 1))),
        ("CastLike", call => Cast(call, call[1].Type)),
        ("QuantizeLinear", call => call[0]),
        ("DequantizeLinear", Dequantize),
    ];

    /// <summary>The extents of a tensor, or those from <c>start</c> to <c>end</c>.</summary>
    public static OnnxConstant Shape(OnnxFoldCall call, IReadOnlyList<long> extents)
    {
        long rank = extents.Count;
        (long start, long end) = (call.Node.Int("start", 0), call.Node.Int("end", rank));
        start = Math.Clamp(start < 0 ? start + rank : start, 0, rank);
        end = Math.Clamp(end < 0 ? end + rank : end, start, rank);
        return new OnnxConstant([end - start], [.. extents.Skip((int)start).Take((int)(end - start))]);
    }

    /// <summary>In use a dropout passes all on; its mask, which nobody reads then, is all true.</summary>
    public static OnnxConstant[] Dropout(OnnxFoldCall call) => call.Node.Outputs.Count < 2
        ? [call[0]]
        : [call[0], new OnnxConstant(call[0].Extents, Filled(call.MadeCount(call[0].Extents), 1L), OnnxType.Bool)];

    private static OnnxConstant Constant(OnnxFoldCall call)
    {
        OnnxNode node = call.Node;
        return node.Has("value") && node.Tensor("value") is { } tensor ? new OnnxConstant(tensor)
            : node.Has("value_float") ? new OnnxConstant([], [node.Float("value_float", 0)])
            : node.Has("value_int") ? new OnnxConstant([], [node.Int("value_int", 0)])
            : node.Floats("value_floats") is { } floats ? new OnnxConstant([floats.Count], [.. floats])
            : node.Ints("value_ints") is { } integers ? new OnnxConstant([integers.Count], [.. integers])
            : throw node.Error("is no constant of numbers: export the model without it");
    }

    private static OnnxConstant ConstantOfShape(OnnxFoldCall call)
    {
        long[] extents = call.Integers(0);
        int count = call.MadeCount(extents);
        if (call.Node.Tensor("value") is not { } tensor)
        {
            return new OnnxConstant(extents, new float[count]);
        }

        var value = new OnnxConstant(tensor);
        return value.Count != 1 ? throw call.Node.Error("its value is not one number: export the model again")
            : value.IsInteger ? new OnnxConstant(extents, Filled(count, value.ToIntegers()[0]), value.Type)
            : new OnnxConstant(extents, Filled(count, value.ToFloats()[0]));
    }

    private static OnnxConstant Range(OnnxFoldCall call)
    {
        double[] limits = [.. Enumerable.Range(0, 3).Select(i => call[i] is { Count: 1 } limit
            ? limit.IsInteger ? limit.ToIntegers()[0] : limit.ToFloats()[0]
            : throw call.Node.Error($"its input {i} is not one number: export the model again"))];
        (double start, double end, double step) = (limits[0], limits[1], limits[2]);
        double steps = Math.Ceiling((end - start) / step);
        int count = call.MadeCount([steps is > 0 and < long.MaxValue ? (long)steps : steps > 0 || double.IsNaN(steps) ? long.MaxValue : 0]);
        return call[0].IsInteger
            ? new OnnxConstant([count], [.. Enumerable.Range(0, count).Select(i => (long)start + (i * (long)step))], call[0].Type)
            : new OnnxConstant([count], [.. Enumerable.Range(0, count).Select(i => (float)(start + (i * step)))]);
    }

    private static OnnxConstant Cast(OnnxFoldCall call, OnnxType to)
    {
        OnnxConstant from = call[0];
        if (from.Type == to || (from.Type.IsReal && to.IsReal))
        {
            return from.With(to);
        }

        if (!(to.IsReal || to.IsInteger) || !(from.Type.IsReal || from.IsInteger))
        {
            throw call.Node.Error($"from {from.Type.Text} to {to.Text} is not read: export the model without it");
        }

        call.Made(from);
        return to == OnnxType.Bool ? new OnnxConstant(from.Extents, [.. from.ToFloats().Select(value => value != 0 ? 1L : 0)], to)
            : to.IsReal ? new OnnxConstant(from.Extents, from.ToFloats())
            : from.IsInteger ? new OnnxConstant(from.Extents, from.ToIntegers(), to)
            : new OnnxConstant(from.Extents, [.. from.ToFloats().Select(value => (long)value)], to);
    }

    private static OnnxConstant Dequantize(OnnxFoldCall call)
    {
        OnnxConstant quantised = call[0], scale = call.Made(call[1]);
        if (!quantised.IsInteger)
        {
            // Quantised at load by the node before it, which was passed over.
            return quantised;
        }

        if (call.Node.Int("block_size", 0) != 0)
        {
            throw call.Node.Error("has a scale for each block, which is not read: export the model with a scale for each axis");
        }

        float[] scales = scale.ToFloats(), zeros = call.Find(2) is { } zero ? call.Made(zero).ToFloats() : new float[scales.Length];
        long inner = 1, slices = 1;
        if (scale.Extents.Count > 0 && (scales.Length > 1 || call.Opset >= 13))
        {
            int axis = call.Axis(call.Node.Int("axis", 1), quantised.Extents.Count);
            slices = quantised.Extents[axis];
            inner = quantised.Extents.Skip(axis + 1).Aggregate(1L, (product, extent) => product * extent);
        }

        if ((scales.Length != slices && scales.Length != 1) || zeros.Length != scales.Length)
        {
            throw call.Node.Error($"{scales.Length} scales and {zeros.Length} zero points for {slices} slices: export the model again");
        }

        // Numbers are met in the order of memory, so that must be the order of the axes.
        OnnxConstant dense = quantised.View.Lies([.. Enumerable.Range(0, quantised.View.Rank)])
            ? quantised
            : new OnnxConstant(quantised.Extents, call.Made(quantised).ToIntegers(), quantised.Type);
        return dense.Map(numbers => new DequantizedNumbers(numbers, scales, zeros, Math.Max(1, inner)));
    }

    private static T[] Filled<T>(int count, T value)
    {
        var values = new T[count];
        Array.Fill(values, value);
        return values;
    }
}
