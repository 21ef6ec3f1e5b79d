using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Model;

/// <summary>Gradients of operands that are taken element by element, summed over the axes on which they were repeated.</summary>
internal static class ArithmeticGradients
{
    private static readonly Axis[] s_axes = [Axis.N, Axis.C, Axis.H, Axis.W];

    public static IEnumerable<(Type Kind, GradientRule Rule)> All => [GradientRules.Of<BinaryNode>(Binary)];

    private static string Binary(GradientCall call, BinaryNode node, int input)
    {
        int at = node.Parameters.Count == 0 ? -1 : node.IsParameterFirst ? 0 : 1, which = at == 0 ? 1 : input;
        string gradient = Full(call, node.Function, which, Operand(0), Operand(1));
        Shape own = call.XShape(input), all = call.YShape;
        long[] repeated = [.. s_axes.Where(axis => own.Extent(axis) != all.Extent(axis)).Select(call.Place)];
        return repeated.Length == 0 ? gradient : call.Sum(gradient, repeated);

        // Read only by rules that need it: an operand of a sum may be large.
        Func<string> Operand(int number) => () =>
            at == number ? call.Numbers.Operand(node.Parameters[0], OnnxForm.Picture) : call.X(at < 0 ? number : 0);
    }

    /// <summary>dy times the derivative with respect to the operand, in y's extents.</summary>
    private static string Full(GradientCall call, BinaryFunction function, int which, Func<string> a, Func<string> b)
    {
        string dy = call.DY;
        return (function, which) switch
        {
            (BinaryFunction.Add, _) or (BinaryFunction.Subtract, 0) => dy,
            (BinaryFunction.Subtract, _) => call.Mul(dy, -1),
            (BinaryFunction.Multiply, 0) => call.Mul(dy, b()),
            (BinaryFunction.Multiply, _) => call.Mul(dy, a()),
            (BinaryFunction.Divide, 0) => call.Div(dy, b()),
            (BinaryFunction.Divide, _) => call.Mul(call.Div(call.Mul(dy, call.Y), b()), -1),
            (BinaryFunction.Maximum, 0) => call.Where(call.Greater(b(), a()), call.Number(0), dy),
            (BinaryFunction.Maximum, _) => call.Where(call.Greater(b(), a()), dy, 0),
            (BinaryFunction.Minimum, 0) => call.Where(call.Greater(a(), b()), call.Number(0), dy),
            (BinaryFunction.Minimum, _) => call.Where(call.Greater(a(), b()), dy, 0),
            (_, 0) => call.Mul(call.Mul(dy, b()), call.Op("Pow", a(), call.Add(b(), -1))),
            _ => call.Where(call.Op("Equal", a(), call.Number(0)), call.Number(0), call.Mul(call.Mul(dy, call.Y), call.Op("Log", a()))),
        };
    }
}
