using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients through functions of every element: the derivatives of <see cref="IUnaryFunction.Slope"/>, written out.</summary>
internal static class FunctionGradients
{
    private const float InverseRootTwo = 0.70710678f, TwoOverRootPi = 1.12837917f, InverseRootTwoPi = 0.39894228f;

    /// <summary>Of the approximate GELU, x * sigmoid(x * (first + third * x^2)).</summary>
    private const float First = 1.5957691f, Third = 0.071354816f;

    public static IEnumerable<(Type Kind, GradientRule Rule)> All =>
    [
        GradientRules.Of<ReluNode>((call, _) => call.Where(call.Greater(call.Y, 0), call.DY, 0)),
        GradientRules.Of<PReluNode>((call, node) =>
            call.Where(call.Greater(call.X(), 0), call.DY, call.Mul(call.DY, call.Numbers.Operand(node.Parameters[0], OnnxForm.Picture)))),
        GradientRules.Of<DropoutNode>((call, _) => call.DY),
        GradientRules.Of<UnaryNode>((call, node) => Unary(call, node.Function, node.Settings.Alpha, node.Settings.Beta)),
    ];

    private static string Unary(GradientCall call, UnaryFunction function, float alpha, float beta)
    {
        string dy = call.DY;
        switch (function)
        {
            case UnaryFunction.LeakyRelu:
                return call.Where(call.Greater(call.X(), 0), dy, call.Mul(dy, alpha));
            case UnaryFunction.Clip:
                return Between(call, alpha, beta, dy);
            case UnaryFunction.HardSigmoid:
                return Between(call, 0, 1, call.Mul(dy, alpha));
            case UnaryFunction.Sqrt:
                return call.Div(call.Mul(dy, 0.5f), call.Y);
            case UnaryFunction.Log:
                return call.Div(dy, call.X());
            case UnaryFunction.Negate:
                return call.Mul(dy, -1);
            case UnaryFunction.Affine:
                return call.Mul(dy, alpha);
            default:
                return call.Mul(dy, Slope(call, function, alpha));
        }
    }

    /// <summary>The derivative where there is more to it than a factor.</summary>
    private static string Slope(GradientCall call, UnaryFunction function, float alpha)
    {
        string x = call.X(), y = call.Y;
        return function switch
        {
            UnaryFunction.Elu => call.Where(call.Greater(x, 0), call.Number(1), call.Mul(call.Op("Exp", x), alpha)),
            UnaryFunction.Sigmoid => call.Mul(y, call.OneMinus(y)),
            UnaryFunction.HardSwish => call.Where(
                call.Greater(x, -3), call.Where(call.Op("Less", x, call.Number(3)), call.Add(call.Mul(x, 1f / 3), 0.5f), 1), 0),
            UnaryFunction.Swish => SigmoidProduct(call, x, x),
            UnaryFunction.Mish => Mish(call, x),
            UnaryFunction.Softplus => call.Sigmoid(x),
            UnaryFunction.Tanh => call.OneMinus(call.Mul(y, y)),
            UnaryFunction.Erf => call.Mul(call.Op("Exp", call.Mul(call.Mul(x, x), -1)), TwoOverRootPi),
            UnaryFunction.Gelu => call.Add(
                call.Add(call.Mul(call.Op("Erf", call.Mul(x, InverseRootTwo)), 0.5f), 0.5f),
                call.Mul(x, call.Mul(call.Op("Exp", call.Mul(call.Mul(x, x), -0.5f)), InverseRootTwoPi))),
            UnaryFunction.GeluTanh => SigmoidProduct(call, Cubic(Third), Cubic(3 * Third)),
            UnaryFunction.Exp => y,
            UnaryFunction.Abs => call.Op("Sign", x),
            UnaryFunction.Reciprocal => call.Mul(call.Mul(y, y), -1),
            UnaryFunction.Square => call.Mul(x, 2),
            UnaryFunction.Power when alpha == 2 => call.Mul(x, 2),
            UnaryFunction.Power => call.Mul(call.Op("Pow", x, call.Number(alpha - 1)), alpha),
            _ => throw call.Error("has no rule for this function"),
        };

        string Cubic(float third) => call.Mul(x, call.Add(call.Mul(call.Mul(x, x), third), First));
    }

    /// <summary>dy where y lies between two numbers and is neither of them.</summary>
    private static string Between(GradientCall call, float low, float high, string dy)
    {
        string above = float.IsNegativeInfinity(low) ? dy : call.Where(call.Greater(call.Y, low), dy, 0);
        return float.IsPositiveInfinity(high) ? above : call.Where(call.Op("Less", call.Y, call.Number(high)), above, 0);
    }

    /// <summary>Derivative of x * sigmoid(t), where <paramref name="inner"/> is t' * x.</summary>
    private static string SigmoidProduct(GradientCall call, string t, string inner)
    {
        string sigmoid = call.Sigmoid(t);
        return call.Add(sigmoid, call.Mul(call.Mul(inner, sigmoid), call.OneMinus(sigmoid)));
    }

    /// <summary>With t = tanh(softplus(x)): t + x * (1 - t^2) * sigmoid(x).</summary>
    private static string Mish(GradientCall call, string x)
    {
        string tanh = call.Op("Tanh", call.Op("Softplus", x));
        return call.Add(tanh, call.Mul(call.Mul(x, call.OneMinus(call.Mul(tanh, tanh))), call.Sigmoid(x)));
    }
}
