using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients of the inputs of products.</summary>
internal static class ProductGradients
{
    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
    [
        GradientRules.Of<Conv2DNode>(Convolution),
        GradientRules.Of<LinearNode>(Linear),
        GradientRules.Of<MatMulNode>(MatMul),
    ];

    /// <summary>With the weight of the forward pass: a transposed convolution takes [outputs, inputs / groups, KH, KW] too.</summary>
    private static string Convolution(GradientCall call, Conv2DNode node)
    {
        Conv2DGeometry g = node.Geometry(call.XShape());
        return call.Spread(
            call.DY, call.Numbers.Convolution(node.Weight), new PoolAxis(g.X.H, g.OH, g.KH, g.StrideH, g.PadTop, g.PadBottom, g.DilationH),
            new PoolAxis(g.X.W, g.OW, g.KW, g.StrideW, g.PadLeft, g.PadRight, g.DilationW), node.Groups);
    }

    /// <summary>With the weight as the forward pass has it.</summary>
    private static string Linear(GradientCall call, LinearNode node)
    {
        (int inputs, int outputs) = (node.Weight.Shape.N, node.Weight.Shape.C);
        Shape x = call.XShape();
        if (x.Area == 1)
        {
            string rows = call.Reshape(call.DY, -1, outputs);
            return call.Reshape(call.Op("MatMul", rows, call.Numbers.Matrix(node.Weight)), -1, inputs, 1, 1);
        }

        if (call.FormOf() == OnnxForm.Picture)
        {
            return call.Spread(call.DY, call.Numbers.Convolution(node.Weight),
                new PoolAxis(x.H, x.H, 1, 1, 0, 0, 1), new PoolAxis(x.W, x.W, 1, 1, 0, 0, 1), 1);
        }

        string pixels = call.Reshape(call.ToMemory(call.DY), -1, outputs);
        string product = call.Op("Gemm", [pixels, call.Numbers.Columns(node.Weight)], ("transB", 1L));
        return call.FromMemory(call.Reshape(product, -1, x.H, x.W, inputs));
    }

    /// <summary>Matrices lie [N, H, W, C], one for each N and H.</summary>
    private static string MatMul(GradientCall call, MatMulNode node, int input)
    {
        string dy = call.ToMemory(call.DY);
        return call.FromMemory((input, node.TransposesB) switch
        {
            (0, false) => call.Op("MatMul", dy, Turned(1)),
            (0, true) => call.Op("MatMul", dy, call.ToMemory(call.X(1))),
            (_, false) => call.Op("MatMul", Turned(0), dy),
            (_, true) => call.Op("MatMul", call.Transpose(dy, 0, 1, 3, 2), call.ToMemory(call.X())),
        });

        string Turned(int operand) => call.Transpose(call.X(operand), 0, 2, 1, 3);     // [N, C, H, W] as [N, H, C, W]
    }
}
