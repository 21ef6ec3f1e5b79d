using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Many elements made one, and softmax, which looks at many.</summary>
internal static class ReductionOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("ReduceMean", call => Reduce(call, 18, (x, step) => call.Add(new GlobalAveragePoolNode(x), step))),
        ("ReduceMax", call => Reduce(call, 18, (x, step) => call.Add(new GlobalMaxPoolNode(x), step))),
        ("ReduceMin", call => Reduce(call, 18, (x, step) => Smallest(call, x, step))),
        ("ReduceSum", call => Reduce(call, 13, (x, step) => Sum(call, x, step))),
        ("ReduceSumSquare", call => Reduce(call, 18, (x, step) => Sum(call, Squares(call, x), step))),
        ("ReduceL2", call => Reduce(
            call, 18, (x, step) => call.Add(new UnaryNode(Sum(call, Squares(call, x), "sum"), UnaryFunction.Sqrt), step))),
        ("Softmax", call => Softmax(call, log: false)),
        ("LogSoftmax", call => Softmax(call, log: true)),
    ];

    /// <summary>A layout in which all axes from <paramref name="first"/> on are the channels; as the value lies, if it can be.</summary>
    public static OnnxLayout ChannelsFrom(OnnxCall call, OnnxActivation x, int first)
    {
        int[] channels = [.. Enumerable.Range(first, x.Rank - first)];
        if (OnnxLayout.Of(x, call.Batch) is { } lies && lies.C.Where(axis => x.Extents[axis] > 1).SequenceEqual(
            channels.Where(axis => x.Extents[axis] > 1)))
        {
            return lies with { C = [.. lies.C.Where(axis => axis < first), .. channels] };
        }

        int[] lead = [.. Enumerable.Range(0, first)];
        int[] order = x.View.MemoryOrder() ?? [];
        int wide = lead.Count(axis => x.Extents[axis] > 1);
        if (order.Length > 0 && order.Where(axis => x.Extents[axis] > 1).Take(wide).All(axis => axis < first))
        {
            lead = [.. order.Where(axis => axis < first)];
        }

        int images = Math.Max(0, Array.FindIndex(lead, axis => x.Extents[axis] % OnnxView.Batch == 0));
        return new OnnxLayout([.. lead.Take(images + 1)], [], [.. lead.Skip(images + 1)], channels);
    }

    private static void Reduce(OnnxCall call, long since, Func<Value, string?, Value> make)
    {
        OnnxActivation x = call[0];
        (int[] axes, bool keep) = FoldReductions.Axes(call.Known, since, x.Rank);
        int[] reduced = [.. axes.Where(axis => x.Extents[axis] > 1)];
        if (reduced.Any(axis => x.Extents[axis] % OnnxView.Batch == 0))
        {
            throw call.Node.Error("looks across images");
        }

        if (reduced.Length == 0 && call.Node.Operator is "ReduceMean" or "ReduceMax" or "ReduceMin" or "ReduceSum")
        {
            call.Return(keep ? x : x with { View = x.View.Squeeze(axes) });
            return;
        }

        OnnxLayout layout = Layout(call, x, reduced);
        Value y = make(call.Arrange(x, layout), null);
        var view = OnnxView.Dense([.. x.Extents.Select((extent, axis) => reduced.Contains(axis) ? 1 : extent)], layout.Order);
        call.Return(new OnnxActivation(y, keep ? view : view.Squeeze(axes)));
    }

    /// <summary>A layout in which what is reduced is the area of a picture; as the value lies, if it can be.</summary>
    private static OnnxLayout Layout(OnnxCall call, OnnxActivation x, int[] reduced)
    {
        if (OnnxLayout.Of(x, call.Batch) is { } lies
            && lies.H.Concat(lies.W).Where(axis => x.Extents[axis] > 1).ToHashSet().SetEquals(reduced))
        {
            return lies;
        }

        int[] kept = [.. Enumerable.Range(0, x.Rank).Where(axis => !reduced.Contains(axis))];
        int[] order = x.View.MemoryOrder() ?? [.. kept.Take(1), .. reduced, .. kept.Skip(1)];
        int first = Array.FindIndex(order, reduced.Contains), last = Array.FindLastIndex(order, reduced.Contains);
        return first >= 0 && last - first + 1 == reduced.Length
            ? new OnnxLayout(order[..first], [], order[first..(last + 1)], order[(last + 1)..])
            : new OnnxLayout([.. kept.Take(1)], [], reduced, [.. kept.Skip(1)]);
    }

    private static Value Squares(OnnxCall call, Value x) => call.Add(new UnaryNode(x, UnaryFunction.Square), "squares");

    private static Value Smallest(OnnxCall call, Value x, string? step)
    {
        Value negative = call.Add(new UnaryNode(x, UnaryFunction.Negate), "negative");
        return call.Add(new UnaryNode(call.Add(new GlobalMaxPoolNode(negative), "largest"), UnaryFunction.Negate), step);
    }

    private static Value Sum(OnnxCall call, Value x, string? step) => call.Add(
        new UnaryNode(call.Add(new GlobalAveragePoolNode(x), "mean"), UnaryFunction.Affine, x.Shape.Area), step);

    private static void Softmax(OnnxCall call, bool log)
    {
        OnnxActivation x = call[0];
        // Before opset 13 all axes from one on are one; since then it is one axis alone.
        bool one = call.Opset >= 13;
        int axis = call.Known.Axis(call.Node.Int("axis", one ? -1 : 1), x.Rank);
        OnnxLayout layout;
        if (one && OnnxLayout.Of(x, call.Batch) is { } lies && lies.C.Where(a => x.Extents[a] > 1).SequenceEqual([axis]))
        {
            layout = lies;
        }
        else if (one)
        {
            int[] others = [.. Enumerable.Range(0, x.Rank).Where(a => a != axis)];
            layout = axis == 0 && call.Batch > 1
                ? throw call.Node.Error("looks across images")
                : new OnnxLayout([.. others.Take(1)], [], [.. others.Skip(1)], [axis]);
        }
        else
        {
            layout = ChannelsFrom(call, x, axis);
        }

        call.Return(call.Add(new SoftmaxNode(call.Arrange(x, layout), log)), x.Extents, layout);
    }
}
