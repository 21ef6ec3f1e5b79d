using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients of images that were padded, cut or resized.</summary>
internal static class ImageGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
        [GradientRules.Of<Pad2DNode>(Pad), GradientRules.Of<Resize2DNode>(Resize)];

    private static string Pad(GradientCall call, Pad2DNode node)
    {
        (int top, int left, int front, int bottom, int right, int back) = node.Pads;
        if (node.Mode == PadMode.Constant)
        {
            return call.Pad(call.DY, [0, -front, -top, -left, 0, -back, -bottom, -right]);
        }

        Shape x = call.XShape(), y = call.YShape;
        string columns = call.Along(call.DY, Axis.W, Copies(x.W, y.W, left));
        string rows = call.Along(columns, Axis.H, Copies(x.H, y.H, top));
        return call.Along(rows, Axis.C, Copies(x.C, y.C, front));

        float[,] Copies(int input, int output, int offset)
        {
            var axis = new PadAxis(input, output, offset, (int)node.Mode);
            float[,] share = new float[output, input];
            for (int o = 0; o < output; o++)
            {
                share[o, axis.Source(o)] = 1;
            }

            return share;
        }
    }

    private static string Resize(GradientCall call, Resize2DNode node)
    {
        Shape x = call.XShape(), y = call.YShape;
        ResizeRule rule = node.Rule;
        string columns = call.Along(call.DY, Axis.W, ImageRules.Shares(rule, x.W, y.W, rule.ScaleW));
        return call.Along(columns, Axis.H, ImageRules.Shares(rule, x.H, y.H, rule.ScaleH));
    }
}
