using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class LayerNormalizationTests
{
    private const float Epsilon = 1e-4f;

    private static readonly Shape[] s_shapes = [new(2, 3, 5, 7), new(3, 1, 2, 35), new(1, 5, 1, 64), new(2, 2, 1, 1)];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Forward_gives_every_run_its_scale_and_bias(string device) => ForEachRun(device, (op, shape, length) =>
    {
        float[] x = OpHarness.Random(shape.Count, 1, 4, 9), scale = OpHarness.Random(length, 2), bias = OpHarness.Random(length, 3);
        Tensor y = op.Output("y", shape), input = op.Input("x", shape, x), factors = op.Input("scale", Shape.Vector(length), scale),
            summands = op.Input("bias", Shape.Vector(length), bias);
        float[] got = OpHarness.RunTwice(y, () => LayerNormalization.Forward(input, factors, summands, Epsilon, y, length));
        double[] z = Normalized(x, length);
        OpHarness.Close([.. z.Select((v, i) => (v * scale[i % length]) + bias[i % length])], got, 5e-6);
        LayerNormalization.Forward(input, factors, null, Epsilon, y, length);
        OpHarness.Close([.. z.Select((v, i) => v * scale[i % length])], y.ToArray(), 5e-6);
        LayerNormalization.Forward(input, factors, summands, Epsilon, input, length);
        Assert.Equal(got, input.ToArray());
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_is_the_derivative(string device) => ForEachRun(device, (op, shape, length) =>
    {
        float[] x = OpHarness.Random(shape.Count, 1, -2, 2), scale = OpHarness.Random(length, 2), dy = OpHarness.Random(shape.Count, 4);
        Tensor dx = op.Output("dx", shape), input = op.Input("x", shape, x), factors = op.Input("scale", Shape.Vector(length), scale),
            gradient = op.Input("dy", shape, dy);
        float[] got = OpHarness.RunTwice(dx, () => LayerNormalization.BackwardData(input, factors, gradient, Epsilon, dx, length));
        double[] expected = new double[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            const double H = 1e-5;
            double[] row = [.. x.Skip(i / length * length).Take(length).Select(v => (double)v)];
            row[i % length] += H;
            double[] above = Normalized(row, length);
            row[i % length] -= 2 * H;
            double[] below = Normalized(row, length);
            for (int j = 0; j < length; j++)
            {
                expected[i] += dy[(i / length * length) + j] * scale[j] * (above[j] - below[j]) / (2 * H);
            }
        }

        OpHarness.Close(expected, got, 2e-6);
        LayerNormalization.BackwardData(input, factors, gradient, Epsilon, gradient, length);
        Assert.Equal(got, gradient.ToArray());
    });

    [Fact]
    public void Runs_that_do_not_come_out_even_name_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", s_shapes[0]), scale = op.Output("scale", Shape.Vector(8));
        Assert.Equal(
            "tensor 'x' 2x3x5x7 has no whole number of runs of 8 elements",
            Assert.Throws<ArgumentException>(() => LayerNormalization.Forward(x, scale, null, Epsilon, x, 8)).Message);
    }

    private static double[] Normalized(float[] x, int length) => Normalized([.. x.Select(v => (double)v)], length);

    private static double[] Normalized(double[] x, int length)
    {
        double[] z = new double[x.Length];
        for (int start = 0; start < x.Length; start += length)
        {
            double mean = x.Skip(start).Take(length).Average();
            double variance = x.Skip(start).Take(length).Average(v => (v - mean) * (v - mean));
            for (int i = start; i < start + length; i++)
            {
                z[i] = (x[i] - mean) / Math.Sqrt(variance + Epsilon);
            }
        }

        return z;
    }

    /// <summary>The last axis alone, the last two, and all but the images.</summary>
    private static void ForEachRun(string device, Action<OpHarness, Shape, int> test)
    {
        using var op = new OpHarness(device);
        foreach (Shape shape in s_shapes)
        {
            foreach (int length in new[] { shape.C, shape.C * shape.W, shape.C * shape.Area }.Distinct())
            {
                test(op, shape, length);
            }
        }
    }
}
