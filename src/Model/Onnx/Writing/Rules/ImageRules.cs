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
}
