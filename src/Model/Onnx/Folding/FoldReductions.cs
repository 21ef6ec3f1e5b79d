namespace GpuCam.Model;

/// <summary>Many numbers made one, along some axes.</summary>
internal static class FoldReductions
{
    public static IEnumerable<(string, Func<OnnxFoldCall, OnnxConstant>)> All =>
    [
        ("ReduceProd", call => Reduce(
            call, 18, values => values.Aggregate(1L, (a, b) => a * b), values => values.Aggregate(1f, (a, b) => a * b))),
        ("ReduceSum", call => Reduce(call, 13, values => values.Sum(), values => (float)values.Sum(value => (double)value))),
        ("ReduceMax", call => Reduce(call, 18, values => values.Max(), values => values.Max())),
        ("ReduceMin", call => Reduce(call, 18, values => values.Min(), values => values.Min())),
        ("ReduceMean", call => Reduce(call, 18, values => values.Sum() / Math.Max(1, values.Length), values => values.Average())),
    ];

    /// <summary>The axes that a reduction goes over, and whether they stay with an extent of 1.</summary>
    public static (int[] Axes, bool Keep) Axes(OnnxFoldCall call, long since, int rank)
    {
        long[] said = call.IntegersSince(since, 1, "axes") ?? [];
        int[] axes = said.Length > 0 ? call.Axes(said, rank)
            : call.Node.Int("noop_with_empty_axes", 0) == 1 ? []
            : [.. Enumerable.Range(0, rank)];
        return (axes, call.Node.Int("keepdims", 1) == 1);
    }

    private static OnnxConstant Reduce(OnnxFoldCall call, long since, Func<long[], long> integers, Func<float[], float> floats)
    {
        OnnxConstant from = call.Made(call[0]);
        (int[] axes, bool keep) = Axes(call, since, from.Extents.Count);
        if (from.Count == 0)
        {
            throw call.Node.Error("of no numbers: export the model again");
        }

        // What is reduced comes last, so that the numbers that become one stand beside each other.
        int[] kept = [.. Enumerable.Range(0, from.Extents.Count).Where(axis => !axes.Contains(axis))];
        OnnxConstant sorted = from.With(from.View.Transpose([.. kept, .. axes]));
        long[] extents = keep
            ? [.. from.Extents.Select((extent, axis) => axes.Contains(axis) ? 1 : extent)]
            : [.. kept.Select(axis => from.Extents[axis])];
        int size = (int)axes.Aggregate(1L, (product, axis) => product * from.Extents[axis]);
        return from.IsInteger
            ? new OnnxConstant(extents, [.. sorted.ToIntegers().Chunk(size).Select(integers)], from.Type)
            : new OnnxConstant(extents, [.. sorted.ToFloats().Chunk(size).Select(floats)]);
    }
}
