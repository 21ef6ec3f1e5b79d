using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>More or other rows and columns.</summary>
internal static class ImageRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
        [ForwardRules.For<Pad2DNode>(Pad), ForwardRules.For<Resize2DNode>(Resize)];

    private static void Pad(ForwardExport export, Pad2DNode node)
    {
        (int top, int left, int front, int bottom, int right, int back) = node.Pads;
        string x = export.NameOf(node.Inputs[0]), pads = export.Numbers.Longs(0, front, top, left, 0, back, bottom, right);
        string mode = node.Mode.ToString().ToLowerInvariant();
        export.Make(node.Output, OnnxForm.Picture, "Pad",
            node.Mode == PadMode.Constant ? [x, pads, export.Numbers.Number(node.Fill)] : [x, pads], ("mode", mode));
    }

    private static void Resize(ForwardExport export, Resize2DNode node)
    {
        ResizeRule rule = node.Rule;
        Shape from = node.Inputs[0].Shape, to = node.Output.Shape;
        string x = export.NameOf(node.Inputs[0]), y = export.Claim(node.Output, OnnxForm.Picture);
        if (rule.Coordinates == ResizeCoordinates.AlignCorners && (from.H * rule.ScaleH % 1 != 0 || from.W * rule.ScaleW % 1 != 0))
        {
            export.Set(node.Output, OnnxForm.Picture, Products(export, node, x, y));
            return;
        }

        (string Name, object Value)[] attributes =
        [
            ("mode", rule.Interpolation == Interpolation.Linear ? "linear" : "nearest"),
            ("coordinate_transformation_mode", rule.Coordinates switch
            {
                ResizeCoordinates.HalfPixel => "half_pixel",
                ResizeCoordinates.PyTorchHalfPixel => "pytorch_half_pixel",
                ResizeCoordinates.AlignCorners => "align_corners",
                _ => "asymmetric",
            }),
            ("nearest_mode", rule.Rounding switch
            {
                ResizeRounding.PreferFloor => "round_prefer_floor",
                ResizeRounding.PreferCeil => "round_prefer_ceil",
                ResizeRounding.Floor => "floor",
                _ => "ceil",
            }),
        ];
        export.Set(node.Output, OnnxForm.Picture, node.Size is null
            ? export.Scale(y, x, rule.ScaleH, rule.ScaleW, attributes)
            : export.Resize(y, x, (from.H, from.W), (to.H, to.W), attributes));
    }

    /// <summary>
    /// What each pixel of a side has of each original one, [output, input]: <c>y = share x</c>, which says all that there is to a resize.
    /// </summary>
    public static float[,] Shares(ResizeRule rule, int input, int output, float scale)
    {
        float[,] share = new float[output, input];
        for (int o = 0; o < output; o++)
        {
            (int lower, float upperShare) = rule.Tap(o, input, output, scale);
            share[o, lower] += 1 - upperShare;
            share[o, Math.Min(lower + 1, input - 1)] += upperShare;
        }

        return share;
    }

    /// <summary>As products with matrices: runtimes do not agree on where corners lie between pixels.</summary>
    private static string Products(ForwardExport export, Resize2DNode node, string x, string y)
    {
        (Shape from, Shape to) = (node.Inputs[0].Shape, node.Output.Shape);
        OnnxWriter writer = export.Writer;
        float[,] rows = Shares(node.Rule, from.H, to.H, node.Rule.ScaleH), columns = Shares(node.Rule, from.W, to.W, node.Rule.ScaleW);
        float[] turned = [.. Enumerable.Range(0, from.W).SelectMany(i => Enumerable.Range(0, to.W).Select(o => columns[o, i]))];
        string horizontal = writer.Floats(writer.Fresh($"{y}/columns"), turned, from.W, to.W);
        string vertical = writer.Floats(writer.Fresh($"{y}/rows"), [.. rows.Cast<float>()], to.H, from.H);
        return writer.Add("MatMul", y, [vertical, export.Step(node.Output, "wide", "MatMul", [x, horizontal])]);
    }
}
