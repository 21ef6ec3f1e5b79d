using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Windows of which the mean or the largest is taken.</summary>
internal static class PoolingRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
    [
        ForwardRules.For<MaxPool2DNode>(Largest),
        ForwardRules.For<AveragePool2DNode>(Average),
        ForwardRules.For<GlobalAveragePoolNode>((export, node) => Global(export, node, "GlobalAveragePool")),
        ForwardRules.For<GlobalMaxPoolNode>((export, node) => Global(export, node, "GlobalMaxPool")),
    ];

    /// <summary>
    /// Pads that say all: where windows reach past those of the rule, as much more of them. <c>ceil_mode</c> is not written, as runtimes do
    /// not agree on its last window.
    /// </summary>
    public static (int Top, int Left, int Bottom, int Right) Pads(WindowRule rule, Shape x, Shape y)
    {
        (int top, int left, int bottom, int right) = rule.PadsOf(x);
        return (
            top, left, rule.Ceil ? End(x.H, y.H, rule.KH, rule.StrideH, rule.DilationH, top) : bottom,
            rule.Ceil ? End(x.W, y.W, rule.KW, rule.StrideW, rule.DilationW, left) : right);

        static int End(int input, int windows, int size, int stride, int dilation, int before) =>
            Math.Max(0, ((windows - 1) * stride) + ((size - 1) * dilation) + 1 - input - before);
    }

    /// <summary>Runtimes take no padding as wide as the window: then it is written before, as numbers that no cell is below.</summary>
    private static void Largest(ForwardExport export, MaxPool2DNode node)
    {
        WindowRule rule = node.Rule;
        string x = export.NameOf(node.Inputs[0]);
        (int top, int left, int bottom, int right) = Pads(rule, node.Inputs[0].Shape, node.Output.Shape);
        if (Math.Max(top, bottom) < rule.KH && Math.Max(left, right) < rule.KW)
        {
            export.Make(node.Output, OnnxForm.Picture, "MaxPool", [x], Windows(rule, node));
            return;
        }

        string padded = export.Step(node.Output, "padded", "Pad",
            [x, export.Numbers.Longs(0, 0, top, left, 0, 0, bottom, right), export.Numbers.Number(float.MinValue)]);
        WindowRule bare = rule with { Same = SamePadding.No, Ceil = false, Pads = default };
        export.Make(node.Output, OnnxForm.Picture, "MaxPool", [padded], ProductRules.Windows(bare, node.Inputs[0].Shape));
    }

    private static IReadOnlyList<(string Name, object Value)> Windows(WindowRule rule, Node node)
    {
        (Shape x, Shape y) = (node.Inputs[0].Shape, node.Output.Shape);
        return ProductRules.Windows(rule with { Same = SamePadding.No, Ceil = false, Pads = Pads(rule, x, y) }, x);
    }

    private static void Average(ForwardExport export, AveragePool2DNode node)
    {
        WindowRule rule = node.Rule;
        Shape x = node.Inputs[0].Shape, y = node.Output.Shape;
        (int Top, int Left, int Bottom, int Right) said = rule.PadsOf(x), pads = Pads(rule, x, y);
        bool isDilated = rule.DilationH > 1 || rule.DilationW > 1;

        // Cells behind the padding that a rounded up last window reaches into do not count, those of the padding may.
        bool reaches = pads.Bottom > said.Bottom || pads.Right > said.Right;
        if ((isDilated && !export.HasDilatedMean) || (reaches && node.CountsPadding))
        {
            AsConvolution(export, node, pads);
            return;
        }

        IEnumerable<(string Name, object Value)> windows = Windows(rule, node).Where(a => isDilated || a.Name != "dilations");
        export.Make(node.Output, OnnxForm.Picture, "AveragePool", [export.NameOf(node.Inputs[0])],
            [.. windows, ("count_include_pad", node.CountsPadding ? 1L : 0)]);
    }

    /// <summary>The sum of each window, a convolution with ones, over how many cells count in it.</summary>
    private static void AsConvolution(ForwardExport export, AveragePool2DNode node, (int Top, int Left, int Bottom, int Right) pads)
    {
        WindowRule rule = node.Rule;
        Shape x = node.Inputs[0].Shape, y = node.Output.Shape;
        (int top, int left, int bottom, int right) = node.CountsPadding ? rule.PadsOf(x) : default;
        int[] rows = Cells(y.H, rule.KH, rule.StrideH, rule.DilationH, pads.Top, -top, x.H + bottom);
        int[] columns = Cells(y.W, rule.KW, rule.StrideW, rule.DilationW, pads.Left, -left, x.W + right);
        float[] shares = [.. rows.SelectMany(h => columns.Select(w => 1f / (h * w)))], ones = new float[x.C * rule.KH * rule.KW];
        Array.Fill(ones, 1);
        OnnxWriter writer = export.Writer;
        string weight = writer.Floats(writer.Fresh($"{node.Name}/ones"), ones, x.C, 1, rule.KH, rule.KW);
        string share = writer.Floats(writer.Fresh($"{node.Name}/shares"), shares, 1, 1, y.H, y.W);
        string sums = export.Step(node.Output, "sums", "Conv", [export.NameOf(node.Inputs[0]), weight],
            [.. Windows(rule, node), ("group", (long)x.C)]);
        export.Make(node.Output, OnnxForm.Picture, "Mul", [sums, share]);

        static int[] Cells(int windows, int size, int stride, int dilation, int before, int first, int end) =>
            [.. Enumerable.Range(0, windows).Select(o => Enumerable.Range(0, size).Count(k =>
                (o * stride) + (k * dilation) - before is var cell && cell >= first && cell < end))];
    }

    private static void Global(ForwardExport export, Node node, string op) =>
        export.Make(node.Output, OnnxForm.Picture, op, [export.NameOf(node.Inputs[0])]);
}
