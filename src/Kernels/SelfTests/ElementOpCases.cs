using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.SelfTests;

/// <summary>The ops on single elements that imported networks need: functions, and arithmetic with broadcasting.</summary>
internal static class ElementOpCases
{
    public static IEnumerable<OpCase> Functions(Shape shape)
    {
        foreach (UnaryFunction f in Enum.GetValues<UnaryFunction>())
        {
            (float low, float high) = f switch
            {
                UnaryFunction.Sqrt or UnaryFunction.Log or UnaryFunction.Power or UnaryFunction.Reciprocal => (0.5f, 3f),
                _ => (-4f, 4f),
            };
            yield return new OpCase($"{f} forward", $"{shape}", OpCases.Rounding, t =>
            {
                Tensor x = t.Input("x", shape, low, high), y = t.Output("y", shape);
                return () => Unary.Forward(f, x, y, 0.3f, 0.7f);
            });
            yield return new OpCase($"{f} backward", $"{shape}", OpCases.Rounding, t =>
            {
                Tensor x = t.Input("x", shape, low, high), y = t.Input("y", shape, 0.1f, 1), dy = t.Input("dy", shape),
                    dx = t.Output("dx", shape);
                return () => Unary.Backward(f, x, y, dy, dx, 0.3f, 0.7f);
            });
        }
    }

    /// <summary>Two operands of which one or both are repeated.</summary>
    public static IEnumerable<OpCase> Arithmetic(Shape y)
    {
        Shape channels = Shape.Vector(y.C), images = Shape.Matrix(y.N, y.C), plane = new(1, y.H, 1, y.C), column = new(y.N, 1, y.W, 1);
        foreach (BinaryFunction f in Enum.GetValues<BinaryFunction>())
        {
            foreach ((Shape a, Shape b) in ((Shape, Shape)[])[(y, y), (y, channels), (y, images), (Shape.Vector(1), y), (plane, column)])
            {
                yield return new OpCase($"{f} forward", $"{a} by {b}", OpCases.Rounding, t =>
                {
                    Tensor left = t.Input("a", a, 0.5f, 2), right = t.Input("b", b, 0.5f, 2), result = t.Output("y", y);
                    return () => Binary.Forward(f, left, right, result);
                });
                foreach (int which in (int[])[0, 1])
                {
                    yield return new OpCase($"{f} backward {which}", $"{a} by {b}", OpCases.Rounding, t =>
                    {
                        Tensor left = t.Input("a", a, 0.5f, 2), right = t.Input("b", b, 0.5f, 2), result = t.Input("y", y),
                            dy = t.Input("dy", y), gradient = t.Output("gradient", which == 0 ? a : b);
                        return () => Binary.Backward(f, left, right, result, dy, gradient, which);
                    });
                }
            }
        }

        yield return new OpCase("accumulate", $"{y}", OpCases.Rounding, t =>
        {
            Tensor x = t.Input("x", y), sum = t.State("y", y);
            return () => Accumulate.Forward(x, sum);
        });
    }
}
