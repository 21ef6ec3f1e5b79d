using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Reductions of every set of axes, against groups in double.</summary>
public class ReduceTests
{
    private static readonly Shape[] s_shapes = [new(2, 3, 5, 7), new(3, 2, 1, 35), new(1, 4, 2, 64), new(1, 1, 1, 1)];

    public static TheoryData<string, string> Cases => TestDevices.With(Enum.GetNames<ReduceFunction>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_and_gradients_are_those_of_the_definition(string device, string name)
    {
        ReduceFunction f = Enum.Parse<ReduceFunction>(name);
        ForEachShape(device, (op, shape, reduced) =>
        {
            float[] x = OpHarness.Random(shape.Count, 1), dy = OpHarness.Random(reduced.Count, 2);
            Tensor input = op.Input("x", shape, x), y = op.Output("y", reduced), dx = op.Output("dx", shape),
                gradient = op.Input("dy", reduced, dy);
            int[] places = [.. Places(shape, reduced)];
            double[][] groups = [.. Enumerable.Range(0, reduced.Count)
                .Select(at => Enumerable.Range(0, x.Length).Where(i => places[i] == at).Select(i => (double)x[i]).ToArray())];
            double[] expected = [.. groups.Select(group => Value(f, group))];
            OpHarness.Close(expected, OpHarness.RunTwice(y, () => Reduce.Forward(f, input, y)), 1e-6, $"{f} of {shape} to {reduced}");
            float[] got = OpHarness.RunTwice(dx, () => Reduce.Backward(f, input, y, gradient, dx));
            OpHarness.Close(
                [.. x.Select((v, i) => dy[places[i]] * Slope(f, v, expected[places[i]], groups[places[i]].Length))], got, 2e-6,
                $"gradient of {f} of {shape} to {reduced}");
        });
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Those_that_are_the_extreme_share_its_gradient_and_zero_has_no_direction(string device)
    {
        using var op = new OpHarness(device);
        Shape shape = new(1, 1, 2, 3), one = Shape.Vector(1);
        Tensor x = op.Input("x", shape, [2, 1, 2, 0, 2, 1]), y = op.Output("y", one), dx = op.Output("dx", shape),
            dy = op.Input("dy", one, [6]);
        Reduce.Forward(ReduceFunction.Maximum, x, y);
        Reduce.Backward(ReduceFunction.Maximum, x, y, dy, dx);
        Assert.Equal([2, 0, 2, 0, 2, 0], dx.ToArray());
        Tensor zeros = op.Input("zeros", shape, new float[6]);
        Reduce.Forward(ReduceFunction.L2, zeros, y);
        Reduce.Backward(ReduceFunction.L2, zeros, y, dy, dx);
        Assert.Equal(new float[6], dx.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_stays_one(string device) => ForEachShape(device, (op, shape, reduced) =>
    {
        float[] x = OpHarness.Random(shape.Count, 1);
        x[shape.Count / 2] = float.NaN;
        int hit = Places(shape, reduced).ElementAt(shape.Count / 2);
        foreach (ReduceFunction f in Enum.GetValues<ReduceFunction>())
        {
            Tensor y = op.Output("y", reduced);
            Reduce.Forward(f, op.Input("x", shape, x), y);
            Assert.All(y.ToArray().Select((v, i) => (v, i)), at => Assert.Equal(at.i == hit, float.IsNaN(at.v)));
        }
    });

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", s_shapes[0]), y = op.Output("y", new Shape(2, 1, 2, 7));
        Assert.Equal(
            "tensor 'y' 2x1x2x7 cannot be broadcast to 2x3x5x7",
            Assert.Throws<ArgumentException>(() => Reduce.Forward(ReduceFunction.Sum, x, y)).Message);
    }

    private static double Value(ReduceFunction f, double[] group) => f switch
    {
        ReduceFunction.Mean => group.Average(),
        ReduceFunction.Sum => group.Sum(),
        ReduceFunction.Maximum => group.Max(),
        ReduceFunction.Minimum => group.Min(),
        ReduceFunction.L1 => group.Sum(v => Math.Abs(v)),
        _ => Math.Sqrt(group.Sum(v => v * v)),
    };

    private static double Slope(ReduceFunction f, double x, double y, int count) => f switch
    {
        ReduceFunction.Mean => 1.0 / count,
        ReduceFunction.Sum => 1,
        ReduceFunction.Maximum or ReduceFunction.Minimum => x == y ? 1 : 0,
        ReduceFunction.L1 => Math.Sign(x),
        _ => x / y,
    };

    /// <summary>For each element of x, which element of y it goes to.</summary>
    private static IEnumerable<int> Places(Shape x, Shape y) =>
        from n in Enumerable.Range(0, x.N)
        from h in Enumerable.Range(0, x.H)
        from w in Enumerable.Range(0, x.W)
        from c in Enumerable.Range(0, x.C)
        select ((((n % y.N * y.H) + (h % y.H)) * y.W + (w % y.W)) * y.C) + (c % y.C);

    private static void ForEachShape(string device, Action<OpHarness, Shape, Shape> test)
    {
        using var op = new OpHarness(device);
        foreach (Shape x in s_shapes)
        {
            for (int axes = 0; axes < 16; axes++)
            {
                test(op, x, new Shape(
                    (axes & 8) != 0 ? 1 : x.N, (axes & 4) != 0 ? 1 : x.H, (axes & 2) != 0 ? 1 : x.W, (axes & 1) != 0 ? 1 : x.C));
            }
        }
    }
}
