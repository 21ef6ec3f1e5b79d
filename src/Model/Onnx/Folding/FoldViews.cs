namespace GpuCam.Model;

/// <summary>Other views of the same numbers: nothing is moved, however large the weights are.</summary>
internal static class FoldViews
{
    public static IEnumerable<(string, Func<OnnxFoldCall, OnnxConstant>)> All =>
    [
        ("Transpose", call => call[0].With(call[0].View.Transpose(Order(call, call[0].Extents.Count)))),
        ("Reshape", call => Reshaped(call, ReshapeTarget(call, call[0].Extents, call.Integers(1)))),
        ("Flatten", call => Reshaped(call, FlattenTarget(call, call[0].Extents))),
        ("Squeeze", call => call[0].With(call[0].View.Squeeze(SqueezeAxes(call, call[0].Extents)))),
        ("Unsqueeze", call => call[0].With(call[0].View.Unsqueeze(UnsqueezeAxes(call, call[0].Extents.Count)))),
    ];

    /// <summary>The order of a Transpose: the axes backwards if it does not say.</summary>
    public static int[] Order(OnnxFoldCall call, int rank)
    {
        int[] order = call.Node.Ints("perm") is { } said ? call.Axes(said, rank) : [.. Enumerable.Range(0, rank).Reverse()];
        return order.Length == rank ? order : throw call.Node.Error($"{order.Length} axes in place of {rank}: export the model again");
    }

    /// <summary>What a Reshape asks for, with its 0 and -1 resolved.</summary>
    public static long[] ReshapeTarget(OnnxFoldCall call, IReadOnlyList<long> from, long[] said)
    {
        long[] target = [.. said];
        bool zeroStays = call.Node.Int("allowzero", 0) == 1;
        for (int i = 0; i < target.Length; i++)
        {
            if (target[i] == 0 && !zeroStays)
            {
                target[i] = i < from.Count ? from[i] : throw Wrong();
            }
        }

        long count = OnnxView.Product(from)!.Value;
        int open = Array.IndexOf(target, -1);
        if (open >= 0)
        {
            long? rest = OnnxView.Product(target.Where((_, i) => i != open));
            target[open] = rest is > 0 && count % rest == 0 ? count / rest.Value : throw Wrong();
        }

        return OnnxView.Product(target) == count ? target : throw Wrong();

        GpuCamException Wrong() =>
            call.Node.Error($"[{string.Join(", ", from)}] cannot become [{string.Join(", ", said.Take(16))}]: export the model again");
    }

    /// <summary>All before an axis, and all from it on.</summary>
    public static long[] FlattenTarget(OnnxFoldCall call, IReadOnlyList<long> from)
    {
        long axis = call.Node.Int("axis", 1);
        int first = axis == from.Count ? from.Count : call.Axis(axis, Math.Max(1, from.Count));
        return [.. new[] { from.Take(first), from.Skip(first) }.Select(part => part.Aggregate(1L, (product, extent) => product * extent))];
    }

    /// <summary>The axes that a Squeeze takes away: all of extent 1 if it does not say.</summary>
    public static int[] SqueezeAxes(OnnxFoldCall call, IReadOnlyList<long> from)
    {
        if (call.IntegersSince(13, 1, "axes") is not { } said)
        {
            return [.. Enumerable.Range(0, from.Count).Where(axis => from[axis] == 1)];
        }

        int[] axes = call.Axes(said, from.Count);
        return axes.All(axis => from[axis] == 1)
            ? axes
            : throw call.Node.Error($"takes axes [{string.Join(", ", said)}] from [{string.Join(", ", from)}]: export the model again");
    }

    /// <summary>The numbers in the result of the axes that an Unsqueeze makes.</summary>
    public static int[] UnsqueezeAxes(OnnxFoldCall call, int rank) =>
        call.IntegersSince(13, 1, "axes") is { Length: < 16 } said
            ? call.Axes(said, rank + said.Length)
            : throw call.Node.Error("does not say which axes it makes: export the model again");

    private static OnnxConstant Reshaped(OnnxFoldCall call, long[] target)
    {
        OnnxConstant from = call[0];
        return from.View.Reshape(target) is { } view ? from.With(view)
            : call.Made(from).IsInteger ? new OnnxConstant(target, from.ToIntegers(), from.Type)
            : new OnnxConstant(target, from.ToFloats());
    }
}
