using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Arithmetic with every kind of broadcasting, against loops in double over all four axes.</summary>
public class BinaryTests
{
    private static readonly Shape[] s_results = [new(2, 3, 5, 7), new(3, 2, 1, 35), new(1, 1, 1, 1), new(2, 1, 4, 1)];

    public static TheoryData<string, string> Cases => TestDevices.With(Enum.GetNames<BinaryFunction>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_are_those_of_the_formula_for_every_broadcast(string device, string name)
    {
        BinaryFunction f = Enum.Parse<BinaryFunction>(name);
        ForEachShape(device, f, (op, y, a, b) =>
        {
            Tensor result = op.Output("y", y);
            float[] got = OpHarness.RunTwice(result, () => Binary.Forward(f, a, b, result));
            float[] va = a.ToArray(), vb = b.ToArray();
            double[] expected = [.. Indices(y).Select(at => Value(f, va[Place(at, a.Shape)], vb[Place(at, b.Shape)]))];
            OpHarness.Close(expected, got, 1e-6, $"{f} of {a.Shape} and {b.Shape}");
        });
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_are_summed_over_what_was_repeated(string device, string name)
    {
        BinaryFunction f = Enum.Parse<BinaryFunction>(name);
        ForEachShape(device, f, (op, y, a, b) =>
        {
            float[] va = a.ToArray(), vb = b.ToArray(), dy = OpHarness.Random(y.Count, 3);
            Tensor result = op.Output("y", y), gradient = op.Input("dy", y, dy);
            Binary.Forward(f, a, b, result);
            foreach (int which in (int[])[0, 1])
            {
                Tensor own = which == 0 ? a : b, dOwn = op.Output("gradient", own.Shape);
                float[] got = OpHarness.RunTwice(dOwn, () => Binary.Backward(f, a, b, result, gradient, dOwn, which));
                double[] expected = new double[own.Count];
                int i = 0;
                foreach (Shape at in Indices(y))
                {
                    expected[Place(at, own.Shape)] += dy[i++] * Slope(f, va[Place(at, a.Shape)], vb[Place(at, b.Shape)], which);
                }

                OpHarness.Close(expected, got, 2e-6, $"{f} of {a.Shape} and {b.Shape}, gradient {which}");
            }
        });
    }

    [Theory]
    [InlineData("simd-128")]
    [InlineData("simd-256")]
    [InlineData("simd-512")]
    public void A_product_is_a_normal_number_or_zero(string device)
    {
        using var op = new OpHarness(device);
        var shape = Shape.Vector(37);
        float[] a = [.. Enumerable.Range(0, 37).Select(i => i % 2 == 0 ? 1e-20f : -1e-20f)];
        float[] b = [.. Enumerable.Range(0, 37).Select(i => i % 3 == 0 ? 1e-17f : 1e-19f)];
        Tensor y = op.Output("y", shape);
        Binary.Forward(BinaryFunction.Multiply, op.Input("a", shape, a), op.Input("b", shape, b), y);
        Assert.Equal(a.Zip(b, (v, w) => float.IsSubnormal(v * w) ? 0 : v * w), y.ToArray());
        Assert.Contains(y.ToArray(), v => v == 0);
        Assert.Contains(y.ToArray(), v => v < 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_stays_one_and_ties_go_to_the_first(string device)
    {
        using var op = new OpHarness(device);
        var shape = Shape.Vector(37);
        float[] nan = [.. Enumerable.Repeat(float.NaN, 37)], ones = [.. Enumerable.Repeat(1f, 37)];
        foreach (BinaryFunction f in Enum.GetValues<BinaryFunction>())
        {
            foreach ((float[] a, float[] b) in ((float[], float[])[])[(nan, ones), (ones, nan)])
            {
                Tensor y = op.Input("y", shape, ones);
                Binary.Forward(f, op.Input("a", shape, a), op.Input("b", shape, b), y);
                bool known = f == BinaryFunction.Power;     // 1 to any power may be called 1
                Assert.All(y.ToArray(), v => Assert.True(known || float.IsNaN(v), $"{f}: {v}"));
            }
        }

        foreach (BinaryFunction f in (BinaryFunction[])[BinaryFunction.Maximum, BinaryFunction.Minimum])
        {
            Tensor tie = op.Input("tie", shape, ones), da = op.Output("da", shape), db = op.Output("db", shape);
            Binary.Backward(f, tie, tie, tie, tie, da, 0);
            Binary.Backward(f, tie, tie, tie, tie, db, 1);
            Assert.All(da.ToArray(), v => Assert.Equal(1, v));
            Assert.All(db.ToArray(), v => Assert.Equal(0, v));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_sum_may_be_added_to_an_operand(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_results[0].Count, 1), y = OpHarness.Random(x.Length, 2);
        Tensor sum = op.Input("y", s_results[0], y);
        Accumulate.Forward(op.Input("x", s_results[0], x), sum);
        OpHarness.Close([.. x.Select((v, i) => (double)v + y[i])], sum.ToArray(), 1e-7);
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor y = op.Output("y", s_results[0]), a = op.Output("a", s_results[0].WithC(1)), b = op.Output("b", Shape.Vector(6));
        Assert.Equal(
            "tensor 'b' 1x1x1x6 cannot be broadcast to 2x3x5x7",
            Assert.Throws<ArgumentException>(() => Binary.Forward(BinaryFunction.Add, a, b, y)).Message);
        Assert.Equal(
            "tensor 'y' is 2x3x5x7, expected 2x3x5x1",
            Assert.Throws<ArgumentException>(() => Binary.Backward(BinaryFunction.Add, a, y, y, y, y, 0)).Message);
    }

    private static double Value(BinaryFunction f, double a, double b) => f switch
    {
        BinaryFunction.Add => a + b,
        BinaryFunction.Subtract => a - b,
        BinaryFunction.Multiply => a * b,
        BinaryFunction.Divide => a / b,
        BinaryFunction.Maximum => Math.Max(a, b),
        BinaryFunction.Minimum => Math.Min(a, b),
        BinaryFunction.Power => Math.Pow(a, b),
        _ => throw new ArgumentOutOfRangeException(nameof(f)),
    };

    private static double Slope(BinaryFunction f, double a, double b, int which)
    {
        const double H = 1e-6;
        double da = which == 0 ? H : 0, db = which == 0 ? 0 : H;
        return (Value(f, a + da, b + db) - Value(f, a - da, b - db)) / (2 * H);
    }

    private static IEnumerable<Shape> Indices(Shape s) =>
        from n in Enumerable.Range(0, s.N)
        from h in Enumerable.Range(0, s.H)
        from w in Enumerable.Range(0, s.W)
        from c in Enumerable.Range(0, s.C)
        select new Shape(n, h, w, c);

    /// <summary>Where an operand of this shape has its element for a place of the result.</summary>
    private static int Place(Shape at, Shape operand) =>
        ((((at.N % operand.N * operand.H) + (at.H % operand.H)) * operand.W + (at.W % operand.W)) * operand.C) + (at.C % operand.C);

    /// <summary>Every result with every pair of a full or repeated operand and its opposite; all 16 ways to repeat.</summary>
    private static void ForEachShape(string device, BinaryFunction f, Action<OpHarness, Shape, Tensor, Tensor> test)
    {
        using var op = new OpHarness(device);
        foreach (Shape y in s_results)
        {
            for (int repeated = 0; repeated < 16; repeated++)
            {
                Shape some = Repeated(y, repeated);
                foreach ((Shape a, Shape b) in ((Shape, Shape)[])[(y, some), (some, Repeated(y, 5)), (Repeated(y, 15 - repeated), some)])
                {
                    float low = f is BinaryFunction.Divide or BinaryFunction.Power ? 0.5f : -2;
                    Tensor left = op.Input("a", a, OpHarness.Random(a.Count, 1, low, 2));
                    test(op, y, left, op.Input("b", b, OpHarness.Random(b.Count, 2, low, 2)));
                }
            }
        }
    }

    private static Shape Repeated(Shape y, int axes) => new(
        (axes & 8) != 0 ? 1 : y.N, (axes & 4) != 0 ? 1 : y.H, (axes & 2) != 0 ? 1 : y.W, (axes & 1) != 0 ? 1 : y.C);
}
