using GpuCam.Kernels;

namespace GpuCam.Model;

/// <summary>Convolutions and products with matrices.</summary>
internal static class ProductRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
    [
        ForwardRules.For<Conv2DNode>(Convolve),
        ForwardRules.For<LinearNode>(Linear),
        ForwardRules.For<MatMulNode>(Multiply),
    ];

    /// <summary>The attributes of windows that move over an image; all but the kind of rounding.</summary>
    public static IReadOnlyList<(string Name, object Value)> Windows(WindowRule rule, Shape x)
    {
        (int top, int left, int bottom, int right) = rule.PadsOf(x);
        return
        [
            ("kernel_shape", new long[] { rule.KH, rule.KW }), ("strides", new long[] { rule.StrideH, rule.StrideW }),
            ("pads", new long[] { top, left, bottom, right }), ("dilations", new long[] { rule.DilationH, rule.DilationW }),
        ];
    }

    private static void Convolve(ForwardExport export, Conv2DNode node)
    {
        string x = export.NameOf(node.Inputs[0]), weight = export.Numbers.Convolution(node.Weight);
        string[] inputs = node.AddsBias ? [x, weight, export.Numbers.Vector(node.Parameters[1])] : [x, weight];
        export.Make(node.Output, OnnxForm.Picture, "Conv", inputs,
            [.. Windows(node.Rule, node.Inputs[0].Shape), ("group", (long)node.Groups)]);
    }

    private static void Linear(ForwardExport export, LinearNode node)
    {
        Value x = node.Inputs[0];
        ExportedNumbers numbers = export.Numbers;
        string[] bias = node.HasBias ? [numbers.Vector(node.Parameters[1])] : [];
        if (x.Shape.Area == 1)
        {
            export.Make(node.Output, OnnxForm.Rows, "Gemm", [export.In(x, OnnxForm.Rows), numbers.Matrix(node.Weight), .. bias],
                ("transB", 1L));
        }
        else if (export.FormOf(x) == OnnxForm.Picture)
        {
            export.Make(node.Output, OnnxForm.Picture, "Conv", [export.NameOf(x), numbers.Convolution(node.Weight), .. bias],
                ("kernel_shape", new long[] { 1, 1 }));
        }
        else
        {
            string[] factors = [export.In(x, OnnxForm.Last), numbers.Columns(node.Weight)];
            if (!node.HasBias)
            {
                export.Make(node.Output, OnnxForm.Last, "MatMul", factors);
                return;
            }

            string product = export.Step(node.Output, "product", "MatMul", factors);
            export.Make(node.Output, OnnxForm.Last, "Add", [product, .. bias]);
        }
    }

    private static void Multiply(ForwardExport export, MatMulNode node)
    {
        Value b = node.Inputs[1];
        string left = export.In(node.Inputs[0], OnnxForm.Last), right;
        if (node.TransposesB)
        {
            OnnxForm form = export.FormOf(b);
            right = export.Move(export.In(b, form), form.Extents(export.ExtentsOf(b)), export.SeenFrom(b, form).Transpose([0, 1, 3, 2]),
                export.Writer.Fresh($"{b.Name}/transposed"));
        }
        else
        {
            right = export.In(b, OnnxForm.Last);
        }

        export.Make(node.Output, OnnxForm.Last, "MatMul", [left, right]);
    }
}
