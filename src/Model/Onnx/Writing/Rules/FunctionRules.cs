using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Functions of every element: they leave the form as it is.</summary>
internal static class FunctionRules
{
    public static IEnumerable<(Type Kind, ForwardRule Write)> All =>
    [
        ForwardRules.For<ReluNode>((export, node) => Apply(export, node, "Relu")),
        ForwardRules.For<PReluNode>(Slopes),
        ForwardRules.For<UnaryNode>(Function),
    ];

    private static void Slopes(ForwardExport export, PReluNode node)
    {
        Value x = node.Inputs[0];
        OnnxForm form = export.FormOf(x);
        export.Make(node.Output, form, "PRelu", [export.In(x, form), export.Numbers.Operand(node.Parameters[0], form)]);
    }

    private static void Function(ForwardExport export, UnaryNode node)
    {
        (float alpha, float beta) = node.Settings;
        switch (node.Function)
        {
            case UnaryFunction.LeakyRelu: Apply(export, node, "LeakyRelu", ("alpha", alpha)); break;
            case UnaryFunction.Elu: Apply(export, node, "Elu", ("alpha", alpha)); break;
            case UnaryFunction.HardSigmoid: Apply(export, node, "HardSigmoid", ("alpha", alpha), ("beta", beta)); break;
            case UnaryFunction.Negate: Apply(export, node, "Neg"); break;
            case UnaryFunction.Sigmoid or UnaryFunction.Softplus or UnaryFunction.Tanh or UnaryFunction.Erf or UnaryFunction.Sqrt
                or UnaryFunction.Exp or UnaryFunction.Log or UnaryFunction.Abs or UnaryFunction.Reciprocal:
                Apply(export, node, node.Function.ToString());
                break;
            default: Parts(export, node, alpha, beta); break;
        }
    }

    private static void Apply(
        ForwardExport export, Node node, string op, params IReadOnlyList<(string Name, object Value)> attributes)
    {
        Value x = node.Inputs[0];
        export.Make(node.Output, export.FormOf(x), op, [export.In(x, export.FormOf(x))], attributes);
    }

    private static void Parts(ForwardExport export, UnaryNode node, float alpha, float beta)
    {
        OnnxForm form = export.FormOf(node.Inputs[0]);
        string x = export.In(node.Inputs[0], form), y = export.Claim(node.Output, form);
        OnnxWriter writer = export.Writer;
        export.Set(node.Output, form, node.Function switch
        {
            UnaryFunction.Clip => writer.Add("Clip", y, [x, Limit(alpha), Limit(beta)]),
            UnaryFunction.HardSwish => export.HardSwish(y, x),
            UnaryFunction.Swish => writer.Add("Mul", y, [x, Step("gate", "Sigmoid", x)]),
            UnaryFunction.Mish => writer.Add("Mul", y, [x, Step("gate", "Tanh", Step("softplus", "Softplus", x))]),
            UnaryFunction.Gelu => export.Gelu(y, x, tanh: false),
            UnaryFunction.GeluTanh => export.Gelu(y, x, tanh: true),
            UnaryFunction.Square => writer.Add("Mul", y, [x, x]),
            UnaryFunction.Power when alpha == 2 => writer.Add("Mul", y, [x, x]),
            UnaryFunction.Power => writer.Add("Pow", y, [x, export.Numbers.Number(alpha)]),
            UnaryFunction.Affine when beta == 0 => writer.Add("Mul", y, [x, export.Numbers.Number(alpha)]),
            UnaryFunction.Affine when alpha == 1 => writer.Add("Add", y, [x, export.Numbers.Number(beta)]),
            UnaryFunction.Affine =>
                writer.Add("Add", y, [Step("scaled", "Mul", x, export.Numbers.Number(alpha)), export.Numbers.Number(beta)]),
            _ => throw new ArgumentOutOfRangeException(nameof(node), node.Function, "no such function"),
        });

        string Step(string name, string op, params string[] inputs) => export.Step(node.Output, name, op, inputs);

        string Limit(float value) => float.IsInfinity(value) ? "" : export.Numbers.Number(value);
    }
}
