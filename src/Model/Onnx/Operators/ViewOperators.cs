namespace GpuCam.Model;

/// <summary>What moves nothing: other views of the same numbers, and what passes them on.</summary>
internal static class ViewOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("Identity", call => call.Return(call[0])),
        ("Dropout", call => call.Return(call[0])),
        ("Cast", Cast),
        ("QuantizeLinear", call => call.Return(call[0])),
        ("DequantizeLinear", call => call.Return(call[0])),
        ("Shape", call => Known(call, FoldSources.Shape(call.Known, call[0].Extents))),
        ("Size", call => Known(call, new OnnxConstant([], [call[0].View.Count]))),
        ("Transpose", call => Seen(call, call[0].View.Transpose(FoldViews.Order(call.Known, call[0].Rank)))),
        ("Squeeze", call => Seen(call, call[0].View.Squeeze(FoldViews.SqueezeAxes(call.Known, call[0].Extents)))),
        ("Unsqueeze", call => Seen(call, call[0].View.Unsqueeze(FoldViews.UnsqueezeAxes(call.Known, call[0].Rank)))),
        ("Flatten", call => Reshape(call, FoldViews.FlattenTarget(call.Known, call[0].Extents))),
        ("Reshape", call => Reshape(call, Target(call))),
        ("DepthToSpace", DepthToSpace),
        ("SpaceToDepth", SpaceToDepth),
    ];

    /// <summary>The same numbers under other extents; put in order first where they are not seen so otherwise.</summary>
    public static OnnxActivation Reshaped(OnnxCall call, OnnxActivation x, long[] extents)
    {
        if (x.View.Reshape(extents) is { } view)
        {
            return x with { View = view };
        }

        OnnxActivation dense = call.Dense(x);
        return dense with { View = dense.View.Reshape(extents) ?? throw call.Node.Error("looks across images") };
    }

    private static void Seen(OnnxCall call, OnnxView view) => call.Return(call[0] with { View = view });

    private static void Reshape(OnnxCall call, long[] extents) => call.Return(Reshaped(call, call[0], extents));

    private static void Known(OnnxCall call, OnnxConstant constant) => call.Return(constant);

    private static void Cast(OnnxCall call)
    {
        var to = (OnnxType)call.Node.Int("to", 1);
        call.Return(to.IsReal ? call[0] : throw call.Node.Error($"of an activation to {to.Text} is not run: export the model without it"));
    }

    /// <summary>What a Reshape asks for. A model exported for one image says 1 where it means the images, if all else matches.</summary>
    private static long[] Target(OnnxCall call)
    {
        IReadOnlyList<long> from = call[0].Extents;
        long[] said = call.Known.Integers(1);
        long count = call[0].View.Count;
        if (call.Batch > 1 && said is [1, ..] && from[0] == call.Batch)
        {
            long[] meant = [call.Batch, .. said.Skip(1)];
            long? rest = OnnxView.Product(meant.Where(extent => extent != -1).Select((extent, axis) =>
                extent == 0 && axis < from.Count ? from[axis] : extent));
            bool open = meant.Contains(-1);
            if (rest is > 0 && (open ? count % rest == 0 : count == rest))
            {
                said = meant;
            }
        }

        return FoldViews.ReshapeTarget(call.Known, from, said);
    }

    private static void DepthToSpace(OnnxCall call)
    {
        (long block, IReadOnlyList<long> e) = Block(call);
        bool depthFirst = call.Node.Text("mode", "DCR") == "DCR";
        long depth = e[1] / (block * block);
        OnnxActivation split = Reshaped(
            call, call[0], depthFirst ? [e[0], block, block, depth, e[2], e[3]] : [e[0], depth, block, block, e[2], e[3]]);
        OnnxView moved = split.View.Transpose(depthFirst ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3]);
        call.Return(Reshaped(call, split with { View = moved }, [e[0], depth, e[2] * block, e[3] * block]));
    }

    private static void SpaceToDepth(OnnxCall call)
    {
        (long block, IReadOnlyList<long> e) = Block(call);
        OnnxActivation split = Reshaped(call, call[0], [e[0], e[1], e[2] / block, block, e[3] / block, block]);
        OnnxView moved = split.View.Transpose([0, 3, 5, 1, 2, 4]);
        call.Return(Reshaped(call, split with { View = moved }, [e[0], e[1] * block * block, e[2] / block, e[3] / block]));
    }

    private static (long Block, IReadOnlyList<long> Extents) Block(OnnxCall call)
    {
        long block = call.Node.Int("blocksize", 0);
        IReadOnlyList<long> extents = call[0].Extents;
        bool fits = block is > 0 and < ushort.MaxValue && extents.Count == 4
            && (call.Node.Operator == "DepthToSpace" ? extents[1] % (block * block) == 0
                : extents[2] % block == 0 && extents[3] % block == 0);
        return fits
            ? (block, extents)
            : throw call.Node.Error($"blocks of {block} in [{string.Join(", ", extents)}]: export the model again");
    }
}
