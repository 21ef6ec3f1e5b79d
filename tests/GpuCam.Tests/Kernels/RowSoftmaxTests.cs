using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class RowSoftmaxTests
{
    private static readonly Shape s_shape = new(2, 3, 5, 7);

    private static readonly int[] s_lengths = [7, 35, 105, 1];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_run_is_normalised_by_itself(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_shape.Count, 1, -5, 5);
        Tensor input = op.Input("x", s_shape, x), y = op.Output("y", s_shape);
        foreach (int length in s_lengths)
        {
            double[] p = SoftmaxTests.Reference(x, length);
            OpHarness.Close(p, OpHarness.RunTwice(y, () => RowSoftmax.Forward(input, y, length, log: false)), 1e-6);
            OpHarness.Close(
                [.. p.Select(v => Math.Log(v))], OpHarness.RunTwice(y, () => RowSoftmax.Forward(input, y, length, log: true)), 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_is_the_derivative_of_both(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_shape.Count, 1), dy = OpHarness.Random(s_shape.Count, 2);
        Tensor gradient = op.Input("dy", s_shape, dy), y = op.Output("y", s_shape), dx = op.Output("dx", s_shape),
            input = op.Input("x", s_shape, x);
        foreach (int length in s_lengths)
        {
            double[] p = SoftmaxTests.Reference(x, length), ofPlain = new double[x.Length], ofLog = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                for (int j = i / length * length; j < (i / length * length) + length; j++)
                {
                    double same = i == j ? 1 : 0;
                    ofPlain[i] += dy[j] * p[j] * (same - p[i]);
                    ofLog[i] += dy[j] * (same - p[i]);
                }
            }

            RowSoftmax.Forward(input, y, length, log: false);
            OpHarness.Close(ofPlain, OpHarness.RunTwice(dx, () => RowSoftmax.Backward(y, gradient, dx, length, log: false)), 1e-6);
            RowSoftmax.Forward(input, y, length, log: true);
            OpHarness.Close(ofLog, OpHarness.RunTwice(dx, () => RowSoftmax.Backward(y, gradient, dx, length, log: true)), 2e-6);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_logarithm_of_what_vanishes_is_finite(string device)
    {
        using var op = new OpHarness(device);
        Tensor y = op.Output("y", Shape.Vector(3));
        RowSoftmax.Forward(op.Input("x", Shape.Vector(3), [1e4f, -1e4f, 0]), y, 3, log: true);
        Assert.Equal([0, -2e4f, -1e4f], y.ToArray());
    }
}
