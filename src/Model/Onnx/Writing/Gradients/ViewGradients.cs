using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients of what was only moved: they are moved back.</summary>
internal static class ViewGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
    [
        GradientRules.Of<ReshapeNode>((call, _) => call.Moved(view => view) ?? Laid(call, call.ToMemory(call.DY))),
        GradientRules.Of<PermuteNode>(Permuted),
        GradientRules.Of<ConcatNode>(Part),
        GradientRules.Of<SliceNode>(Whole),
    ];

    /// <summary>Numbers in the order of memory as [N, C, H, W] of the input.</summary>
    private static string Laid(GradientCall call, string numbers)
    {
        Shape x = call.XShape();
        return call.FromMemory(call.Reshape(numbers, -1, x.H, x.W, x.C));
    }

    private static string Permuted(GradientCall call, PermuteNode node)
    {
        int[] order = [.. node.Order], back = Permute.Inverse(order);
        long known = node.Extents.Aggregate(1L, (product, extent) => product * extent);
        long[] all = [0, .. node.Extents];
        if (call.Moved(view => view.Reshape(Turned(view.Count / known))?.Transpose(back)) is { } moved)
        {
            return moved;
        }

        string seen = call.Reshape(call.ToMemory(call.DY), Turned(call.OneByOne ? call.XShape().Count / known : -1));
        return Laid(call, call.Transpose(seen, [.. back.Select(axis => (long)axis)]));

        long[] Turned(long first)
        {
            all[0] = first;     // holds the images
            return [.. order.Select(axis => all[axis])];
        }
    }

    private static string Part(GradientCall call, ConcatNode node, int input)
    {
        long start = node.Inputs.Take(input).Sum(value => (long)value.Shape.Extent(node.Along));
        return call.Slice(call.DY, call.Place(node.Along), start, start + call.XShape(input).Extent(node.Along));
    }

    /// <summary>Zeros around what was taken and, where that was not every element, between.</summary>
    private static string Whole(GradientCall call, SliceNode node)
    {
        long axis = call.Place(node.Along), extent = call.XShape().Extent(node.Along), count = call.YShape.Extent(node.Along);
        (int start, _, int step) = node.Range;
        string dy = call.DY;
        if (step > 1)
        {
            Shape y = call.YShape;
            long[] extents = [call.OneByOne ? y.N : -1, y.C, y.H, y.W];
            string apart = call.Reshape(dy, [.. extents[..((int)axis + 1)], 1, .. extents[((int)axis + 1)..]]);
            long[] between = new long[10];
            between[5 + axis + 1] = step - 1;
            extents[axis] = count *= step;
            dy = call.Reshape(call.Pad(apart, between), extents);
        }

        long[] around = new long[8];
        (around[axis], around[4 + axis]) = (start, extent - start - count);
        return call.Pad(dy, around);
    }
}
