using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients of elements that were taken together.</summary>
internal static class ReductionGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All => [GradientRules.Of<ReduceNode>(Reduce)];

    private static string Reduce(GradientCall call, ReduceNode node)
    {
        Shape x = call.XShape();
        long[] axes = [.. node.Axes.Select(call.Place)], extents = [1, 1, 1, 1];
        foreach (Axis axis in node.Axes)
        {
            extents[call.Place(axis)] = x.Extent(axis);
        }

        string dy = call.DY;
        switch (node.Function)
        {
            case ReduceFunction.Mean:
                return Repeated(call.Div(dy, x.Count / call.YShape.Count));
            case ReduceFunction.Sum:
                return Repeated(dy);
            case ReduceFunction.L1:
                return call.Mul(call.Op("Sign", call.X()), dy);
            case ReduceFunction.L2:
                return call.Mul(call.X(), call.Where(call.Greater(call.Y, 0), call.Div(dy, call.Y), 0));
            default:
                string those = call.ToFloat(call.Op("Equal", call.X(), call.Y));     // ties share dy evenly
                return call.Mul(those, call.Div(dy, call.Sum(those, axes)));
        }

        string Repeated(string values) => call.Op("Expand", values, call.Longs(extents));
    }
}
