using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>
/// Gradients through poolings. Each channel is an image of its own, so that one small kernel serves all of them, whatever their number.
/// </summary>
internal static class PoolingGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
    [
        GradientRules.Of<MaxPool2DNode>(Largest),
        GradientRules.Of<AveragePool2DNode>(Mean),
        GradientRules.Of<GlobalAveragePoolNode>((call, _) =>
            call.Op("Expand", call.Div(call.DY, call.XShape().Area), call.Longs(1, 1, call.XShape().H, call.XShape().W))),
        GradientRules.Of<GlobalMaxPoolNode>(LargestOfAll),
    ];

    /// <summary>
    /// To the first of a window's largest cells. A convolution with kernels of a single 1 lays the cells of a window along the channels,
    /// which is exact; its transpose sums what overlapping windows send to a cell.
    /// </summary>
    private static string Largest(GradientCall call, MaxPool2DNode node)
    {
        Pool2DGeometry g = node.Geometry(call.XShape());
        (PoolAxis rows, PoolAxis columns) = Axes(g);
        int cells = g.KH * g.KW;
        float[] ones = new float[cells * cells];
        for (int i = 0; i < cells; i++)
        {
            ones[(i * cells) + i] = 1;
        }

        string kernels = call.Constant("cells", ones, cells, 1, g.KH, g.KW);
        long[] pads = [0, 0, g.PadTop, g.PadLeft, 0, 0, OnnxTerms.Behind(rows).Reached, OnnxTerms.Behind(columns).Reached];
        string x = call.Pad(call.Reshape(call.X(), -1, 1, g.X.H, g.X.W), pads, float.MinValue);     // padding never wins
        string seen = call.Op("Conv", [x, kernels],
            ("dilations", new long[] { g.DilationH, g.DilationW }), ("kernel_shape", new long[] { g.KH, g.KW }),
            ("strides", new long[] { g.StrideH, g.StrideW }));
        string sent = call.Mul(First(call, seen, cells), call.Reshape(call.DY, -1, 1, g.Y.H, g.Y.W));
        return call.Reshape(call.Spread(sent, kernels, rows, columns, 1), -1, g.X.C, g.X.H, g.X.W);
    }

    private static string LargestOfAll(GradientCall call, GlobalMaxPoolNode node)
    {
        Shape x = call.XShape();
        string cells = call.Reshape(call.X(), -1, x.Area, 1, 1);
        string sent = call.Mul(First(call, cells, x.Area), call.Reshape(call.DY, -1, 1, 1, 1));
        return call.Reshape(sent, -1, x.C, x.H, x.W);
    }

    /// <summary>1 at the first of the largest along the second axis, else 0.</summary>
    private static string First(GradientCall call, string cells, int count)
    {
        string winner = call.Op("ArgMax", [cells], ("axis", 1L), ("keepdims", 1L));
        return call.ToFloat(call.Op("Equal", winner, call.Count(1, count, 1, 1)));
    }

    private static string Mean(GradientCall call, AveragePool2DNode node)
    {
        Pool2DGeometry g = PoolGeometry.Of(node.Rule, call.XShape());
        (PoolAxis rows, PoolAxis columns) = Axes(g);
        int padding = node.CountsPadding ? 1 : 0;
        float[] counts = new float[rows.Output * columns.Output];
        for (int i = 0; i < counts.Length; i++)
        {
            counts[i] = rows.Cells(i / columns.Output, padding) * columns.Cells(i % columns.Output, padding);
        }

        string dy = call.Reshape(call.DY, -1, 1, rows.Output, columns.Output);
        string shares = counts.All(count => count == counts[0])
            ? call.Div(dy, counts[0])
            : call.Div(dy, call.Constant("cells counted", counts, 1, 1, rows.Output, columns.Output));
        float[] ones = [.. Enumerable.Repeat(1f, g.KH * g.KW)];
        string kernel = call.Constant("window", ones, 1, 1, g.KH, g.KW);
        return call.Reshape(call.Spread(shares, kernel, rows, columns, 1), -1, g.X.C, g.X.H, g.X.W);
    }

    private static (PoolAxis Rows, PoolAxis Columns) Axes(Pool2DGeometry g) => (
        new PoolAxis(g.X.H, g.Y.H, g.KH, g.StrideH, g.PadTop, g.PadBottom, g.DilationH),
        new PoolAxis(g.X.W, g.Y.W, g.KW, g.StrideW, g.PadLeft, g.PadRight, g.DilationW));
}
