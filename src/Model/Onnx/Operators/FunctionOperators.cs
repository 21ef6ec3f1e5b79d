using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Functions of every element: they work on memory as it lies.</summary>
internal static class FunctionOperators
{
    public static IEnumerable<(string Name, OnnxOperator Take)> All =>
    [
        ("Relu", call => call.Return(call.Add(call[0], x => new ReluNode(x)))),
        ("LeakyRelu", call => Apply(call, UnaryFunction.LeakyRelu, call.Node.Float("alpha", 0.01f))),
        ("Elu", call => Apply(call, UnaryFunction.Elu, call.Node.Float("alpha", 1))),
        ("Selu", Selu),
        ("Celu", Celu),
        ("PRelu", PRelu),
        ("Clip", Clip),
        ("Sigmoid", call => Apply(call, UnaryFunction.Sigmoid)),
        ("HardSigmoid", call => Apply(call, UnaryFunction.HardSigmoid, call.Node.Float("alpha", 0.2f), call.Node.Float("beta", 0.5f))),
        ("HardSwish", call => Apply(call, UnaryFunction.HardSwish)),
        ("Swish", Swish),
        ("Mish", call => Apply(call, UnaryFunction.Mish)),
        ("Softplus", call => Apply(call, UnaryFunction.Softplus)),
        ("Softsign", Softsign),
        ("Tanh", call => Apply(call, UnaryFunction.Tanh)),
        ("Erf", call => Apply(call, UnaryFunction.Erf)),
        ("Gelu", call => Apply(call, call.Node.Text("approximate", "none") == "tanh" ? UnaryFunction.GeluTanh : UnaryFunction.Gelu)),
        ("Sqrt", call => Apply(call, UnaryFunction.Sqrt)),
        ("Exp", call => Apply(call, UnaryFunction.Exp)),
        ("Log", call => Apply(call, UnaryFunction.Log)),
        ("Abs", call => Apply(call, UnaryFunction.Abs)),
        ("Neg", call => Apply(call, UnaryFunction.Negate)),
        ("Reciprocal", call => Apply(call, UnaryFunction.Reciprocal)),
    ];

    private static void Apply(OnnxCall call, UnaryFunction function, float alpha = 0, float beta = 0) =>
        call.Return(call.Add(call[0], x => new UnaryNode(x, function, alpha, beta)));

    private static void Selu(OnnxCall call)
    {
        float alpha = call.Node.Float("alpha", 1.67326319f), gamma = call.Node.Float("gamma", 1.05070102f);
        OnnxActivation elu = call.Add(call[0], x => new UnaryNode(x, UnaryFunction.Elu, alpha), "elu");
        call.Return(call.Add(elu, x => new UnaryNode(x, UnaryFunction.Affine, gamma)));
    }

    /// <summary>alpha * elu(x / alpha).</summary>
    private static void Celu(OnnxCall call)
    {
        float alpha = call.Node.Float("alpha", 1);
        OnnxActivation inner = call.Add(call[0], x => new UnaryNode(x, UnaryFunction.Affine, 1 / alpha), "scaled");
        OnnxActivation elu = call.Add(inner, x => new UnaryNode(x, UnaryFunction.Elu, 1), "elu");
        call.Return(call.Add(elu, x => new UnaryNode(x, UnaryFunction.Affine, alpha)));
    }

    private static void Swish(OnnxCall call)
    {
        float alpha = call.Node.Float("alpha", 1);
        if (alpha == 1)
        {
            Apply(call, UnaryFunction.Swish);
            return;
        }

        OnnxActivation inner = call.Add(call[0], x => new UnaryNode(x, UnaryFunction.Affine, alpha), "scaled");
        OnnxActivation gate = call.Add(inner, x => new UnaryNode(x, UnaryFunction.Sigmoid), "gate");
        call.Return(call.Add(call[0], x => new BinaryNode(x, gate.Value, BinaryFunction.Multiply)));
    }

    /// <summary>x / (1 + |x|).</summary>
    private static void Softsign(OnnxCall call)
    {
        OnnxActivation size = call.Add(call[0], x => new UnaryNode(x, UnaryFunction.Abs), "size");
        OnnxActivation over = call.Add(size, x => new UnaryNode(x, UnaryFunction.Affine, 1, 1), "over");
        call.Return(call.Add(call[0], x => new BinaryNode(x, over.Value, BinaryFunction.Divide)));
    }

    private static void Clip(OnnxCall call)
    {
        float low = call.Number(1, "min", 11) ?? float.NegativeInfinity, high = call.Number(2, "max", 11) ?? float.PositiveInfinity;
        if (float.IsNegativeInfinity(low) && float.IsPositiveInfinity(high))
        {
            call.Return(call[0]);
        }
        else if (low == 0 && high >= float.MaxValue)
        {
            call.Return(call.Add(call[0], x => new ReluNode(x)));
        }
        else
        {
            Apply(call, UnaryFunction.Clip, low, high);
        }
    }

    private static void PRelu(OnnxCall call)
    {
        OnnxActivation x = call[0];
        OnnxConstant slope = call.Weights(1);
        (OnnxLayout layout, Shape shape, OnnxConstant moved) = ArithmeticOperators.Broadcast(call, ref x, slope);
        GraphParameter parameter = call.Parameter("slope", moved, ParameterKind.Bias, shape);
        call.Return(call.Add(new PReluNode(call.Arrange(x, layout), parameter)), x.Extents, layout);
    }
}
