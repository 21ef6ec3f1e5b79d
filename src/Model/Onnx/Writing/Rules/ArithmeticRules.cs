using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Arithmetic of two operands.</summary>
internal static class ArithmeticRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All => [ForwardRules.For<BinaryNode>(Combine)];

    /// <summary>What ONNX calls the function.</summary>
    public static string Operator(BinaryFunction function) => function switch
    {
        BinaryFunction.Add => "Add",
        BinaryFunction.Subtract => "Sub",
        BinaryFunction.Multiply => "Mul",
        BinaryFunction.Divide => "Div",
        BinaryFunction.Maximum => "Max",
        BinaryFunction.Minimum => "Min",
        _ => "Pow",
    };

    private static void Combine(ForwardExport export, BinaryNode node)
    {
        OnnxForm form = FormFor(export, node);
        string[] operands = [.. node.Inputs.Select(input => export.In(input, form))];
        if (node.Parameters is [var parameter])
        {
            string operand = export.Numbers.Operand(parameter, form);
            operands = node.IsParameterFirst ? [operand, .. operands] : [.. operands, operand];
        }

        export.Make(node.Output, form, Operator(node.Function), operands);
    }

    /// <summary>The first operand's form, if all are of as many cells as the result; pictures go with any.</summary>
    private static OnnxForm FormFor(ForwardExport export, BinaryNode node)
    {
        OnnxForm form = export.FormOf(node.Inputs[0]);
        bool alike = node.Inputs.All(input => input.Shape.Area == node.Output.Shape.Area)
            && (form != OnnxForm.Rows || node.Parameters.All(parameter => parameter.Shape.Area == 1));
        return alike || (form == OnnxForm.Last && node.Inputs.Count == 1) ? form : OnnxForm.Picture;
    }
}
