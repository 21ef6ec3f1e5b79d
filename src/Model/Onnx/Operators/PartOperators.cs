namespace GpuCam.Model;

/// <summary>Parts of values, and values one behind the other.</summary>
internal static class PartOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
        [("Concat", Concat), ("Split", Split), ("Slice", Slice), ("Gather", Gather)];

    private static void Concat(OnnxCall call)
    {
        OnnxActivation[] parts = [call[0], .. Enumerable.Range(1, call.Count - 1).Select(i => call[i])];
        int axis = call.Known.Axis(call.Node.Int("axis", 1), parts[0].Rank);
        if (parts.Any(part => part.Rank != parts[0].Rank))
        {
            throw call.Node.Error("its inputs do not go together: export the model again");
        }

        (OnnxLayout layout, Axis along) = Along(call, parts[0], axis);
        Value y = parts.Length == 1
            ? call.Arrange(parts[0], layout)
            : call.Add(new ConcatNode([.. parts.Select(part => call.Arrange(part, layout))], along));
        call.Return(y, [.. parts[0].Extents.Select((extent, a) => a == axis ? parts.Sum(part => part.Extents[axis]) : extent)], layout);
    }

    private static void Split(OnnxCall call)
    {
        OnnxActivation x = call[0];
        int axis = call.Known.Axis(call.Node.Int("axis", 0), x.Rank);
        long start = 0;
        int output = 0;
        foreach (long size in FoldSelections.SplitSizes(call.Known, x.Extents[axis]))
        {
            if (call.Node.Outputs[output].Length > 0)
            {
                call.Return(Part(call, x, axis, start, size, 1, null, output), output);
            }

            (start, output) = (start + size, output + 1);
        }
    }

    private static void Slice(OnnxCall call)
    {
        OnnxActivation x = call[0];
        (long Start, long Count, long Step)[] ranges = FoldSelections.SliceRanges(call.Known, x.Extents);
        int[] cut = [.. Enumerable.Range(0, x.Rank).Where(axis => ranges[axis] != (0, x.Extents[axis], 1))];
        foreach (int axis in cut)
        {
            (long start, long count, long step) = ranges[axis];
            x = Part(call, x, axis, start, count, step, axis == cut[^1] ? null : $"along {axis}", 0);
        }

        call.Return(x);
    }

    /// <summary>Elements of an axis by their numbers: one after the other they are a part; in another order, parts put together.</summary>
    private static void Gather(OnnxCall call)
    {
        const int Most = 16;
        OnnxActivation x = call[0];
        OnnxConstant indices = call.Weights(1);
        int axis = call.Known.Axis(call.Node.Int("axis", 0), x.Rank);
        long extent = x.Extents[axis];
        long[] picked = [.. call.Known.Integers(1).Select(i => i < 0 ? i + extent : i)];
        if (indices.Extents.Count > 1 || picked.Length == 0 || picked.Any(i => i < 0 || i >= extent))
        {
            throw call.Node.Error($"of these elements of an axis of {extent} is not run: export the model again");
        }

        long step = picked.Length > 1 ? picked[1] - picked[0] : 1;
        if (step >= 1 && picked.Select((i, place) => i == picked[0] + (place * step)).All(inLine => inLine))
        {
            OnnxActivation part = Part(call, x, axis, picked[0], picked.Length, step, null, 0);
            call.Return(indices.Extents.Count == 0 ? part with { View = part.View.Squeeze([axis]) } : part);
            return;
        }

        if (picked.Length > Most)
        {
            throw call.Node.Error($"of {picked.Length} elements out of order is not run, of which at most {Most} are");
        }

        (OnnxLayout layout, Axis along) = Along(call, x, axis);
        Value[] parts = [.. picked.Select(i => Part(call, x, axis, i, 1, 1, $"element {i}", 0).Value)];
        call.Return(call.Add(new ConcatNode(parts, along)), [.. x.Extents.Select((e, a) => a == axis ? picked.Length : e)], layout);
    }

    private static OnnxActivation Part(
        OnnxCall call, OnnxActivation x, int axis, long start, long count, long step, string? name, int output)
    {
        if (count < 1 || step < 1 || step > int.MaxValue)
        {
            throw call.Node.Error(count < 1 ? "takes nothing: export the model again" : "goes backwards, which is not run");
        }

        if (start == 0 && count == x.Extents[axis])
        {
            return x;
        }

        (OnnxLayout layout, Axis along) = Along(call, x, axis);
        Value y = call.Add(new SliceNode(call.Arrange(x, layout), along, (int)start, (int)count, (int)step), name, output);
        return new OnnxActivation(y, OnnxView.Dense([.. x.Extents.Select((extent, a) => a == axis ? count : extent)], layout.Order));
    }

    /// <summary>A layout in which an axis of ONNX is one of memory, and which one.</summary>
    private static (OnnxLayout Layout, Axis Along) Along(OnnxCall call, OnnxActivation x, int axis)
    {
        if (x.Extents[axis] % OnnxView.Batch == 0)
        {
            throw call.Node.Error("takes images apart or together");
        }

        OnnxLayout layout = call.LayoutOf(x);
        if (Find(layout) is { } found)
        {
            return (layout, found);
        }

        layout = OnnxLayout.Usual(x.Rank, call.Batch);
        if (Find(layout) is { } usual)
        {
            return (layout, usual);
        }

        // Many axes: those before it along the rows, those behind it along the channels.
        layout = new([0], [.. Enumerable.Range(1, axis - 1)], [axis], [.. Enumerable.Range(axis + 1, x.Rank - axis - 1)]);
        return (layout, Axis.W);

        Axis? Find(OnnxLayout lies)
        {
            int list = Array.FindIndex(lies.Lists, axes => axes.Where(a => a == axis || x.Extents[a] > 1).SequenceEqual([axis]));
            return list < 0 ? null : (Axis)list;
        }
    }
}
