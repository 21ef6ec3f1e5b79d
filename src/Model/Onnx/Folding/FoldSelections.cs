namespace GpuCam.Model;

/// <summary>Numbers picked out of tensors and put beside each other.</summary>
internal static class FoldSelections
{
    public static IEnumerable<(string, Func<OnnxFoldCall, OnnxConstant>)> All =>
    [
        ("Gather", Gather),
        ("Slice", Slice),
        ("Concat", Concat),
        ("Expand", call => Expand(call, call[0], OnnxBroadcast.Extents(call[0].Extents, call.Integers(1))
            ?? throw call.Node.Error($"[{string.Join(", ", call[0].Extents)}] to [{string.Join(", ", call.Integers(1).Take(16))}]"))),
        ("Tile", Tile),
    ];

    /// <summary>The constant repeated along axes of extent 1 and new ones before it.</summary>
    public static OnnxConstant Expand(OnnxFoldCall call, OnnxConstant from, IReadOnlyList<long> extents)
    {
        int added = extents.Count - from.Extents.Count;
        return from.Extents.SequenceEqual(extents)
            ? call.Made(from)
            : Pick(call, from, extents, (axis, i) => axis < added ? -1 : from.Extents[axis - added] == 1 ? 0 : i, added);
    }

    public static OnnxConstant[] Split(OnnxFoldCall call)
    {
        OnnxConstant from = call[0];
        int axis = call.Axis(call.Node.Int("axis", 0), from.Extents.Count);
        long start = 0;
        var parts = new List<OnnxConstant>();
        foreach (long size in SplitSizes(call, from.Extents[axis]))
        {
            long first = start;
            parts.Add(Pick(call, from, [.. from.Extents.Select((extent, a) => a == axis ? size : extent)],
                (a, i) => a == axis ? first + i : i));
            start += size;
        }

        return [.. parts];
    }

    /// <summary>The extents of the parts of a Split.</summary>
    public static long[] SplitSizes(OnnxFoldCall call, long extent)
    {
        long parts = call.Node.Int("num_outputs", call.Node.Outputs.Count);
        if (parts < 1 || parts != call.Node.Outputs.Count)
        {
            throw call.Node.Error($"{parts} parts for {call.Node.Outputs.Count} outputs: export the model again");
        }

        long even = (extent + parts - 1) / parts;
        long[] sizes = call.IntegersSince(13, 1, "split")
            ?? [.. Enumerable.Range(0, (int)parts).Select(i => Math.Min(even, Math.Max(0, extent - (i * even))))];
        return sizes.Length == parts && OnnxView.Product(sizes) is not null && sizes.Sum() == extent
            ? sizes
            : throw call.Node.Error($"[{string.Join(", ", sizes.Take(16))}] of {extent} for {parts} outputs: export the model again");
    }

    /// <summary>What a Slice takes of each axis: the first, how many, and the step between them.</summary>
    public static (long Start, long Count, long Step)[] SliceRanges(OnnxFoldCall call, IReadOnlyList<long> extents)
    {
        long[] starts = call.IntegersSince(10, 1, "starts") ?? throw call.Node.Error("has no starts: export the model again");
        long[] ends = call.IntegersSince(10, 2, "ends") ?? throw call.Node.Error("has no ends: export the model again");
        long[] said = call.IntegersSince(10, 3, "axes") ?? [.. Enumerable.Range(0, starts.Length).Select(i => (long)i)];
        long[] steps = (call.Opset < 10 ? null : call.IntegersSince(10, 4, "steps")) ?? [.. starts.Select(_ => 1L)];
        int[] axes = call.Axes(said, extents.Count);
        if (axes.Length != starts.Length || ends.Length != starts.Length || steps.Length != starts.Length || steps.Contains(0))
        {
            throw call.Node.Error("its starts, ends, axes and steps do not go together: export the model again");
        }

        (long, long, long)[] ranges = [.. extents.Select(extent => (0L, extent, 1L))];
        for (int i = 0; i < axes.Length; i++)
        {
            (long extent, long step) = (extents[axes[i]], steps[i]);
            long start = starts[i] < 0 ? starts[i] + extent : starts[i], end = ends[i] < 0 ? ends[i] + extent : ends[i];
            start = step > 0 ? Math.Clamp(start, 0, extent) : Math.Clamp(start, -1, extent - 1);
            end = step > 0 ? Math.Clamp(end, 0, extent) : Math.Clamp(end, -1, extent - 1);
            Int128 steep = Int128.Abs(step), distance = step > 0 ? end - start : start - end;
            ranges[axes[i]] = (start, distance <= 0 ? 0 : (long)((distance + steep - 1) / steep), step);
        }

        return ranges;
    }

    private static OnnxConstant Slice(OnnxFoldCall call)
    {
        (long Start, long Count, long Step)[] ranges = SliceRanges(call, call[0].Extents);
        return Pick(call, call[0], [.. ranges.Select(range => range.Count)], (axis, i) => ranges[axis].Start + (i * ranges[axis].Step));
    }

    private static OnnxConstant Tile(OnnxFoldCall call)
    {
        IReadOnlyList<long> from = call[0].Extents;
        long[] repeats = call.Integers(1);
        return repeats.Length == from.Count && repeats.All(repeat => repeat is >= 0 and <= OnnxConstant.MostMade)
            ? Pick(call, call[0], [.. from.Zip(repeats, (extent, repeat) => extent * repeat)], (axis, i) => i % from[axis])
            : throw call.Node.Error($"{repeats.Length} repeats of a tensor of {from.Count} axes: export the model again");
    }

    private static OnnxConstant Gather(OnnxFoldCall call)
    {
        OnnxConstant from = call[0], indices = call[1];
        int axis = call.Axis(call.Node.Int("axis", 0), from.Extents.Count);
        long extent = from.Extents[axis];
        long[] picked = [.. call.Integers(1).Select(i => i >= -extent && i < extent
            ? i < 0 ? i + extent : i
            : throw call.Node.Error($"number {i} of an axis of {extent}: export the model again"))];
        // The indices as one axis, which then becomes those that they have.
        OnnxConstant flat = Pick(call, from, [.. from.Extents.Select((e, a) => a == axis ? picked.Length : e)],
            (a, i) => a == axis ? picked[i] : i);
        long[] extents = [.. from.Extents.Take(axis), .. indices.Extents, .. from.Extents.Skip(axis + 1)];
        return flat.With(OnnxView.Dense(extents));
    }

    private static OnnxConstant Concat(OnnxFoldCall call)
    {
        OnnxConstant[] parts = [call[0], .. Enumerable.Range(1, call.Inputs.Count - 1).Select(i => call[i])];
        IReadOnlyList<long> first = parts[0].Extents;
        int axis = call.Axis(call.Node.Int("axis", 0), first.Count);
        if (parts.Any(part => part.IsInteger != parts[0].IsInteger || part.Extents.Count != first.Count
            || part.Extents.Where((extent, a) => a != axis && extent != first[a]).Any()))
        {
            throw call.Node.Error("its inputs do not go together: export the model again");
        }

        long[] extents = [.. first.Select((extent, a) => a == axis ? parts.Sum(part => part.Extents[axis]) : extent)];
        int count = call.MadeCount(extents), rows = (int)first.Take(axis).Aggregate(1L, (product, extent) => product * extent);
        return parts[0].IsInteger
            ? new OnnxConstant(extents, Beside(parts.Select(part => part.ToIntegers()), rows, count), parts[0].Type)
            : new OnnxConstant(extents, Beside(parts.Select(part => part.ToFloats()), rows, count));
    }

    private static T[] Beside<T>(IEnumerable<T[]> parts, int rows, int count)
    {
        var all = new T[count];
        T[][] arrays = [.. parts];
        int at = 0;
        for (int row = 0; row < rows; row++)
        {
            foreach (T[] array in arrays)
            {
                int length = array.Length / rows;
                Array.Copy(array, row * length, all, at, length);
                at += length;
            }
        }

        return all;
    }

    /// <summary>
    /// A tensor of the given extents, whose number at an index is the one of <paramref name="from"/> at the index that
    /// <paramref name="source"/> makes of it, axis by axis; it is not asked for the first <paramref name="added"/> axes, which are new.
    /// </summary>
    private static OnnxConstant Pick(
        OnnxFoldCall call, OnnxConstant from, IReadOnlyList<long> extents, Func<int, long, long> source, int added = 0)
    {
        call.Made(from);
        int[] places = new int[call.MadeCount(extents)];
        long stride = from.Count, run = places.Length;
        for (int axis = 0; axis < extents.Count && places.Length > 0; axis++)
        {
            run /= extents[axis];
            if (axis < added)
            {
                continue;
            }

            stride /= from.Extents[axis - added];
            long[] steps = [.. Enumerable.Range(0, (int)extents[axis]).Select(i => source(axis, i) * stride)];
            for (int i = 0; i < places.Length; i++)
            {
                places[i] += (int)steps[i / run % steps.Length];
            }
        }

        return from.IsInteger ? Picked(from.ToIntegers(), (e, values) => new OnnxConstant(e, values, from.Type))
            : Picked(from.ToFloats(), (e, values) => new OnnxConstant(e, values));

        OnnxConstant Picked<T>(T[] values, Func<IReadOnlyList<long>, T[], OnnxConstant> make) =>
            make(extents, Array.ConvertAll(places, place => values[place]));
    }
}
