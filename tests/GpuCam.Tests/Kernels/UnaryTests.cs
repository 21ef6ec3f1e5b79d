using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Values against formulas in double, derivatives against central differences of the same formulas.</summary>
public class UnaryTests
{
    private static readonly Shape s_shape = new(2, 3, 5, 7);

    public static TheoryData<string, string> Cases => TestDevices.With(Enum.GetNames<UnaryFunction>());

    [Theory]
    [MemberData(nameof(Cases))]
    public void Values_are_those_of_the_formula(string device, string name)
    {
        using var op = new OpHarness(device);
        UnaryFunction f = Enum.Parse<UnaryFunction>(name);
        foreach ((float alpha, float beta) in Parameters(f))
        {
            float[] x = Inputs(f, alpha);
            Tensor input = op.Input("x", s_shape, x), y = op.Output("y", s_shape);
            float[] got = OpHarness.RunTwice(y, () => Unary.Forward(f, input, y, alpha, beta));
            Near([.. x.Select(v => UnaryReference.Value(f, v, alpha, beta))], got, 1e-6, 1);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Gradients_are_the_derivatives_of_what_the_backward_pass_says_it_reads(string device, string name)
    {
        using var op = new OpHarness(device);
        UnaryFunction f = Enum.Parse<UnaryFunction>(name);
        foreach ((float alpha, float beta) in Parameters(f))
        {
            float[] x = Inputs(f, alpha), dy = OpHarness.Random(x.Length, 2);
            float[] y = [.. x.Select(v => (float)UnaryReference.Value(f, v, alpha, beta))];
            float[] nan = [.. x.Select(_ => float.NaN)];
            bool reads = Unary.BackwardReadsInput(f);
            Tensor dx = op.Output("dx", s_shape), input = op.Input("x", s_shape, reads ? x : nan),
                result = op.Input("y", s_shape, reads ? nan : y), gradient = op.Input("dy", s_shape, dy);
            float[] got = OpHarness.RunTwice(dx, () => Unary.Backward(f, input, result, gradient, dx, alpha, beta));
            Near([.. x.Select((v, i) => dy[i] * UnaryReference.Slope(f, v, alpha, beta))], got, 2e-6, 1);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Small_results_keep_their_relative_precision(string device)
    {
        using var op = new OpHarness(device);
        float[] small = [.. OpHarness.Random(s_shape.Count, 3, -1e-3f, 1e-3f)], low = OpHarness.Random(s_shape.Count, 4, -60, -10);
        foreach ((UnaryFunction f, float[] x) in ((UnaryFunction, float[])[])
            [(UnaryFunction.Tanh, small), (UnaryFunction.Elu, small), (UnaryFunction.Erf, small), (UnaryFunction.Gelu, small),
            (UnaryFunction.Sigmoid, low), (UnaryFunction.Softplus, low), (UnaryFunction.Swish, low), (UnaryFunction.Exp, low)])
        {
            Tensor y = op.Output("y", s_shape);
            Unary.Forward(f, op.Input("x", s_shape, x), y, 1);
            Near([.. x.Select(v => UnaryReference.Value(f, v, 1, 0))], y.ToArray(), 1e-6, 0);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Extreme_inputs_give_the_limits(string device)
    {
        using var op = new OpHarness(device);
        float[] x = [.. Enumerable.Range(0, s_shape.Count).Select(i => i % 2 == 0 ? 1e4f : -1e4f)];
        Tensor input = op.Input("x", s_shape, x), ones = op.Input("dy", s_shape, [.. x.Select(_ => 1f)]);
        foreach (UnaryFunction f in Enum.GetValues<UnaryFunction>().Where(f => !Positive(f, 3)))
        {
            (float alpha, float beta) = Parameters(f)[0];
            Tensor y = op.Output("y", s_shape), dx = op.Output("dx", s_shape);
            Unary.Forward(f, input, y, alpha, beta);
            Unary.Backward(f, input, y, ones, dx, alpha, beta);
            float[] got = y.ToArray(), slope = dx.ToArray();
            for (int i = 0; i < x.Length; i++)
            {
                float expected = (float)UnaryReference.Value(f, x[i], alpha, beta);
                Assert.True(got[i] == expected || Math.Abs(got[i] - expected) <= 1e-6 * Math.Abs(expected), $"{f}({x[i]}) is {got[i]}");
                Assert.False(float.IsNaN(slope[i]), $"slope of {f} at {x[i]}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_stays_one(string device)
    {
        using var op = new OpHarness(device);
        float[] nan = [.. Enumerable.Range(0, s_shape.Count).Select(i => BitConverter.Int32BitsToSingle(0x7FC00000 + (i * 12345)))];
        Tensor x = op.Input("x", s_shape, nan);
        foreach (UnaryFunction f in Enum.GetValues<UnaryFunction>())
        {
            (float alpha, float beta) = Parameters(f)[0];
            Tensor y = op.Output("y", s_shape);
            y.CopyFrom(new float[s_shape.Count]);
            Unary.Forward(f, x, y, alpha, beta);
            Assert.True(Array.TrueForAll(y.ToArray(), float.IsNaN), $"{f} of NaN");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Both_directions_may_run_in_place(string device)
    {
        using var op = new OpHarness(device);
        foreach (UnaryFunction f in (UnaryFunction[])[UnaryFunction.HardSwish, UnaryFunction.Sigmoid, UnaryFunction.Softplus])
        {
            float[] x = Inputs(f, 0), dy = OpHarness.Random(x.Length, 5);
            Tensor input = op.Input("x", s_shape, x), y = op.Output("y", s_shape), dx = op.Output("dx", s_shape),
                own = op.Input("own", s_shape, x), gradient = op.Input("dy", s_shape, dy);
            Unary.Forward(f, input, y);
            Unary.Forward(f, own, own);
            Assert.Equal(y.ToArray(), own.ToArray());
            Unary.Backward(f, input, y, gradient, dx);
            Unary.Backward(f, input, y, gradient, gradient);
            Assert.Equal(dx.ToArray(), gradient.ToArray());
        }
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", s_shape), y = op.Output("y", s_shape.WithC(8));
        Assert.Equal(
            "tensor 'y' is 2x3x5x8, expected 2x3x5x7",
            Assert.Throws<ArgumentException>(() => Unary.Forward(UnaryFunction.Tanh, x, y)).Message);
        Assert.Equal(
            "tensor 'y' is 2x3x5x8, expected 2x3x5x7",
            Assert.Throws<ArgumentException>(() => Unary.Backward(UnaryFunction.Tanh, x, x, x, y)).Message);
    }

    private static (float Alpha, float Beta)[] Parameters(UnaryFunction f) => f switch
    {
        UnaryFunction.LeakyRelu => [(0.1f, 0)],
        UnaryFunction.Elu => [(1.3f, 0)],
        UnaryFunction.Clip => [(-1, 2.5f), (0, 6), (float.NegativeInfinity, 0.5f)],
        UnaryFunction.HardSigmoid => [(0.2f, 0.5f)],
        UnaryFunction.Affine => [(-1.7f, 0.3f)],
        UnaryFunction.Power => [(3, 0), (2, 0), (-1, 0), (0, 0), (0.5f, 0), (-0.5f, 0), (2.3f, 0)],
        _ => [(0, 0)],
    };

    /// <summary>Whether only positive arguments are tried.</summary>
    private static bool Positive(UnaryFunction f, float alpha) =>
        f is UnaryFunction.Sqrt or UnaryFunction.Log || (f is UnaryFunction.Power && alpha != Math.Floor(alpha));

    /// <summary>Arguments away from zero where there is a pole or a kink, and from the other kinks.</summary>
    private static float[] Inputs(UnaryFunction f, float alpha)
    {
        float[] x = Positive(f, alpha) ? OpHarness.Random(s_shape.Count, 1, 0.1f, 6) : OpHarness.Random(s_shape.Count, 1, -6, 6);
        bool pole = f is UnaryFunction.Reciprocal or UnaryFunction.Power;
        return [.. x.Select(v => pole && Math.Abs(v) < 0.5 ? v + Math.Sign(v) : UnaryReference.NearKink(f, v) ? v + 0.01f : v)];
    }

    private static void Near(double[] expected, float[] actual, double relative, double floor)
    {
        for (int i = 0; i < expected.Length; i++)
        {
            double allowed = relative * Math.Max(Math.Abs(expected[i]), floor);
            Assert.True(Math.Abs(actual[i] - expected[i]) <= allowed, $"[{i}]: expected {expected[i]:R}, got {actual[i]:R}");
        }
    }
}
