using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class AdamTests
{
    private static readonly Shape s_shape = new(3, 1, 5, 7);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Ten_steps_follow_the_formula(string device)
    {
        foreach (double decay in new[] { 0, 0.1 })
        {
            using var op = new OpHarness(device);
            float[] start = OpHarness.Random(s_shape.Count, 1);
            double[] p = [.. start.Select(v => (double)v)];
            double[] m = new double[p.Length];
            double[] v = new double[p.Length];
            for (int step = 1; step <= 10; step++)
            {
                float[] gradient = OpHarness.Random(p.Length, 10 + step);
                for (int i = 0; i < p.Length; i++)
                {
                    double g = gradient[i] + (decay * p[i]);
                    m[i] = (0.9 * m[i]) + (0.1 * g);
                    v[i] = (0.999 * v[i]) + (0.001 * g * g);
                    double mHat = m[i] / (1 - Math.Pow(0.9, step));
                    double vHat = v[i] / (1 - Math.Pow(0.999, step));
                    p[i] -= 0.01 * mHat / (Math.Sqrt(vHat) + 1e-8);
                }
            }

            OpHarness.Close(p, Repeat.SameBits(() => TenSteps(op, start, decay)), 1e-6, $"decay {decay}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_first_step_is_the_learning_rate_whatever_the_gradient(string device)
    {
        using var op = new OpHarness(device);
        var shape = Shape.Vector(5);
        Tensor parameter = op.Input("parameter", shape, new float[5]);
        Tensor m = op.Input("m", shape, new float[5]);
        Tensor v = op.Input("v", shape, new float[5]);
        Adam.Step(parameter, op.Input("gradient", shape, [1e-3f, -1, 1e4f, -1e-6f, 0]), m, v, 1, 0.1, 0.9, 0.999, 1e-8, 0);
        OpHarness.Close([-0.1 / (1 + 1e-5), 0.1, -0.1, 0.1 / 1.01, 0], parameter.ToArray(), 1e-6);
    }

    [Fact]
    public void Step_zero_and_wrong_shapes_are_errors()
    {
        using var op = new OpHarness("plain");
        Tensor a = op.Output("a", s_shape);
        Tensor wrong = op.Output("v", s_shape.WithC(6));
        Assert.Throws<ArgumentOutOfRangeException>(() => Adam.Step(a, a, a, a, 0, 0.1, 0.9, 0.999, 1e-8, 0));
        ArgumentException error = Assert.Throws<ArgumentException>(() => Adam.Step(a, a, a, wrong, 1, 0.1, 0.9, 0.999, 1e-8, 0));
        Assert.Equal("tensor 'v' is 3x1x5x6, expected 3x1x5x7", error.Message);
    }

    private static float[] TenSteps(OpHarness op, float[] start, double decay)
    {
        Tensor parameter = op.Input("parameter", s_shape, start);
        Tensor m = op.Input("m", s_shape, new float[start.Length]);
        Tensor v = op.Input("v", s_shape, new float[start.Length]);
        for (int step = 1; step <= 10; step++)
        {
            Tensor gradient = op.Input("gradient", s_shape, OpHarness.Random(start.Length, 10 + step));
            Adam.Step(parameter, gradient, m, v, step, 0.01, 0.9, 0.999, 1e-8, decay);
        }

        return parameter.ToArray();
    }
}
