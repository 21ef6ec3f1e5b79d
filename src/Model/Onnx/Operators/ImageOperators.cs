using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>More or other rows and columns.</summary>
internal static class ImageOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All => [("Pad", Pad), ("Resize", Resize), ("Upsample", Upsample)];

    private static void Pad(OnnxCall call)
    {
        OnnxActivation x = call[0];
        int rank = x.Rank;
        long[] said = call.Known.IntegersSince(11, 1, "pads") ?? throw call.Node.Error("does not say how much: export the model again");
        int[] axes = call.Constant(3) is null ? [.. Enumerable.Range(0, rank)] : call.Known.Axes(call.Known.Integers(3), rank);
        if (said.Length != 2 * axes.Length || said.Any(pad => pad is < -int.MaxValue / 4 or > int.MaxValue / 4))
        {
            throw call.Node.Error($"pads [{string.Join(", ", said.Take(16))}] for {axes.Length} axes: export the model again");
        }

        (long Before, long After)[] pads = new (long, long)[rank];
        for (int i = 0; i < axes.Length; i++)
        {
            pads[axes[i]] = (said[i], said[axes.Length + i]);
        }

        if (pads.All(pad => pad == default))
        {
            call.Return(x);
            return;
        }

        OnnxLayout layout = call.LayoutOf(x);
        layout = IsAlone(layout) ? layout : OnnxLayout.Usual(rank, call.Batch);
        if (!IsAlone(layout))
        {
            throw call.Node.Error("is run only along rows, columns and channels: export the model again");
        }

        PadMode mode = call.Node.Text("mode", "constant") switch
        {
            "constant" => PadMode.Constant,
            "edge" => PadMode.Edge,
            "reflect" => PadMode.Reflect,
            var other => throw call.Node.Error($"mode {OnnxText.Quote(other)} is not run: constant, edge and reflect are"),
        };
        ((int top, int bottom), (int left, int right), (int front, int back)) = (Of(layout.H), Of(layout.W), Of(layout.C));
        Value y = call.Add(new Pad2DNode(
            call.Arrange(x, layout), (top, left, front, bottom, right, back), mode, call.Number(2, "value", 11) ?? 0));
        call.Return(y, [.. x.Extents.Select((extent, axis) => extent + pads[axis].Before + pads[axis].After)], layout);

        // Whether what is padded has an axis of memory for itself, and none of them holds images.
        bool IsAlone(OnnxLayout lies) => lies.N.All(axis => pads[axis] == default) && lies.Lists.All(list =>
            list.All(axis => pads[axis] == default) || list.Count(axis => x.Extents[axis] > 1 || pads[axis] != default) == 1);

        (int, int) Of(int[] list) => list.Where(axis => pads[axis] != default)
            .Select(axis => ((int)pads[axis].Before, (int)pads[axis].After)).FirstOrDefault();
    }

    private static void Upsample(OnnxCall call)
    {
        float[] scales = call.Opset < 9
            ? [.. call.Node.Floats("scales") ?? []]
            : call.Known.Made(call.Weights(1)).ToFloats();
        To(call, scales, null, ResizeCoordinates.Asymmetric, ResizeRounding.Floor);
    }

    private static void Resize(OnnxCall call)
    {
        OnnxNode node = call.Node;
        if (call.Opset < 11)
        {
            To(call, call.Known.Made(call.Weights(1)).ToFloats(), null, ResizeCoordinates.Asymmetric, ResizeRounding.Floor);
            return;
        }

        if (node.Int("antialias", 0) == 1 || node.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
        {
            throw node.Error("with antialias or keep_aspect_ratio_policy is not run: export the model without it");
        }

        ResizeCoordinates coordinates = node.Text("coordinate_transformation_mode", "half_pixel") switch
        {
            "half_pixel" => ResizeCoordinates.HalfPixel,
            "pytorch_half_pixel" => ResizeCoordinates.PyTorchHalfPixel,
            "align_corners" => ResizeCoordinates.AlignCorners,
            "asymmetric" => ResizeCoordinates.Asymmetric,
            var other => throw node.Error($"with coordinates {OnnxText.Quote(other)} is not run: half_pixel, pytorch_half_pixel, "
                + "align_corners and asymmetric are"),
        };
        ResizeRounding rounding = node.Text("nearest_mode", "round_prefer_floor") switch
        {
            "round_prefer_ceil" => ResizeRounding.PreferCeil,
            "floor" => ResizeRounding.Floor,
            "ceil" => ResizeRounding.Ceil,
            _ => ResizeRounding.PreferFloor,
        };
        float[]? scales = call.Constant(2) is { Count: > 0 } given ? call.Known.Made(given).ToFloats() : null;
        long[]? sizes = call.Constant(3) is { Count: > 0 } ? call.Known.Integers(3) : null;
        IReadOnlyList<long> from = call[0].Extents;
        if (node.Ints("axes") is { } some)
        {
            int[] axes = call.Known.Axes(some, from.Count);
            scales = scales is null ? null : Spread(axes, scales, [.. from.Select(_ => 1f)]);
            sizes = sizes is null ? null : Spread(axes, sizes, [.. from]);
        }

        To(call, scales, sizes, coordinates, rounding);

        T[] Spread<T>(int[] axes, T[] values, T[] all)
        {
            for (int i = 0; i < axes.Length && i < values.Length; i++)
            {
                all[axes[i]] = values[i];
            }

            return all;
        }
    }

    private static void To(OnnxCall call, float[]? scales, long[]? sizes, ResizeCoordinates coordinates, ResizeRounding rounding)
    {
        OnnxActivation x = call[0];
        Interpolation interpolation = call.Node.Text("mode", "nearest") switch
        {
            "nearest" => Interpolation.Nearest,
            "linear" or "bilinear" => Interpolation.Linear,
            var other => throw call.Node.Error($"mode {OnnxText.Quote(other)} is not run: nearest and linear are"),
        };
        int given = scales?.Length ?? sizes?.Length ?? 0;
        bool inRange = scales is not null ? scales.All(scale => scale is > 0 and < ushort.MaxValue)
            : sizes is not null && sizes.All(size => size is > 0 and < OnnxView.Batch || size == call.Batch);
        if (given != x.Rank || !inRange)
        {
            throw call.Node.Error($"{given} scales or sizes for {x.Rank} axes: export the model again");
        }

        long[] extents = sizes
            ?? [.. x.Extents.Zip(scales!, (extent, scale) => scale == 1 ? extent : (long)Math.Floor(extent * (double)scale))];
        float[] ratios = scales ?? [.. sizes!.Zip(x.Extents, (size, extent) => (float)size / extent)];
        int[] changed = [.. Enumerable.Range(0, x.Rank).Where(axis => ratios[axis] != 1)];
        if (changed.Length == 0)
        {
            call.Return(x);
            return;
        }

        OnnxLayout layout = call.LayoutOf(x);
        layout = Fits(layout) ? layout : OnnxLayout.Usual(x.Rank, call.Batch);
        if (!Fits(layout))
        {
            throw call.Node.Error("is run only along rows and columns: export the model again");
        }

        var rule = new ResizeRule(interpolation, coordinates, rounding, Ratio(layout.H), Ratio(layout.W));
        (int H, int W)? size = sizes is null ? null : ((int)Extent(layout.H), (int)Extent(layout.W));
        Value y = call.Add(new Resize2DNode(call.Arrange(x, layout), rule, size));
        call.Return(y, extents, layout);

        bool Fits(OnnxLayout lies) => changed.All(axis => IsAlone(lies.H, axis) || IsAlone(lies.W, axis));

        bool IsAlone(int[] list, int axis) => list.Where(a => a == axis || x.Extents[a] > 1).SequenceEqual([axis]);

        float Ratio(int[] list) => list.Where(changed.Contains).Select(axis => ratios[axis]).FirstOrDefault(1);

        long Extent(int[] list) => list.Aggregate(1L, (product, axis) => product * extents[axis]);
    }
}
