using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class SgdTests
{
    private static readonly Shape s_shape = new(3, 1, 5, 7);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Three_steps_follow_the_formula(string device)
    {
        foreach ((float momentum, float decay) in new[] { (0f, 0f), (0f, 0.1f), (0.9f, 0f), (0.9f, 0.1f) })
        {
            using var op = new OpHarness(device);
            float[] start = OpHarness.Random(s_shape.Count, 1);
            double[] expected = [.. start.Select(v => (double)v)];
            double[] velocity = new double[start.Length];
            for (int step = 0; step < 3; step++)
            {
                float[] gradient = OpHarness.Random(start.Length, 10 + step);
                for (int i = 0; i < start.Length; i++)
                {
                    velocity[i] = (momentum * velocity[i]) + gradient[i] + (decay * expected[i]);
                    expected[i] -= 0.5 * velocity[i];
                }
            }

            OpHarness.Close(
                expected, Repeat.SameBits(() => ThreeSteps(op, start, momentum, decay)), 1e-6, $"momentum {momentum} decay {decay}");
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_step_worked_out_by_hand(string device)
    {
        using var op = new OpHarness(device);
        var shape = Shape.Vector(1);
        Tensor parameter = op.Input("parameter", shape, [2]);
        Tensor velocity = op.Input("velocity", shape, [4]);
        Sgd.Step(parameter, op.Input("gradient", shape, [1]), velocity, 0.25f, 0.5f, 0.5f);
        Assert.Equal([4f], velocity.ToArray());   // 0.5 * 4 + (1 + 0.5 * 2)
        Assert.Equal([1f], parameter.ToArray());  // 2 - 0.25 * 4
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Without_momentum_the_velocity_is_not_touched(string device)
    {
        using var op = new OpHarness(device);
        var shape = Shape.Vector(2);
        Tensor parameter = op.Input("parameter", shape, [1, 2]);
        Tensor velocity = op.Output("velocity", shape);
        Sgd.Step(parameter, op.Input("gradient", shape, [1, -1]), velocity, 0.5f, 0, 0);
        Assert.Equal([0.5f, 2.5f], parameter.ToArray());
        Assert.Equal([float.NaN, float.NaN], velocity.ToArray());
    }

    [Fact]
    public void Momentum_without_velocity_and_wrong_shapes_are_errors()
    {
        using var op = new OpHarness("plain");
        Tensor parameter = op.Output("conv1.weight", s_shape);
        Tensor gradient = op.Output("gradient", s_shape);
        ArgumentException error = Assert.Throws<ArgumentException>(() => Sgd.Step(parameter, gradient, null, 0.1f, 0.9f, 0));
        Assert.StartsWith("tensor 'conv1.weight': momentum 0.9 needs a velocity tensor", error.Message, StringComparison.Ordinal);
        error = Assert.Throws<ArgumentException>(() => Sgd.Step(parameter, op.Output("gradient", s_shape.WithC(6)), null, 0.1f, 0, 0));
        Assert.Equal("tensor 'gradient' is 3x1x5x6, expected 3x1x5x7", error.Message);
    }

    private static float[] ThreeSteps(OpHarness op, float[] start, float momentum, float decay)
    {
        Tensor parameter = op.Input("parameter", s_shape, start);
        Tensor? velocity = momentum == 0 ? null : op.Input("velocity", s_shape, new float[start.Length]);
        for (int step = 0; step < 3; step++)
        {
            Sgd.Step(parameter, op.Input("gradient", s_shape, OpHarness.Random(start.Length, 10 + step)), velocity, 0.5f, momentum, decay);
        }

        return parameter.ToArray();
    }
}
