using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class PReluTests
{
    private static readonly Shape s_shape = new(2, 3, 5, 7);

    private static readonly Shape[] s_slopes = [Shape.Vector(7), Shape.Vector(1), new(1, 3, 5, 7), s_shape];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Negative_values_and_their_gradients_take_the_slope(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_shape.Count, 1), dy = OpHarness.Random(s_shape.Count, 2);
        x[3] = float.NaN;
        Tensor input = op.Input("x", s_shape, x), gradient = op.Input("dy", s_shape, dy), y = op.Output("y", s_shape),
            dx = op.Output("dx", s_shape);
        foreach (Shape shape in s_slopes)
        {
            float[] slope = OpHarness.Random(shape.Count, 3);
            Tensor slopes = op.Input("slope", shape, slope), dSlope = op.Output("dSlope", shape);
            float[] got = OpHarness.RunTwice(y, () => PRelu.Forward(input, slopes, y));
            float[] back = OpHarness.RunTwice(dx, () => PRelu.BackwardData(input, slopes, gradient, dx));
            float[] ofSlope = OpHarness.RunTwice(dSlope, () => PRelu.BackwardSlope(input, gradient, dSlope));
            double[] expected = new double[slope.Length];
            Assert.True(float.IsNaN(got[3]));
            for (int i = 0; i < x.Length; i++)
            {
                int at = i % slope.Length;      // these slopes are repeated along the slowest axes only
                expected[at] += x[i] > 0 ? 0 : (double)dy[i] * x[i];
                if (i != 3)
                {
                    Assert.Equal(x[i] > 0 ? x[i] : x[i] * slope[at], got[i]);
                    Assert.Equal(x[i] > 0 ? dy[i] : dy[i] * slope[at], back[i]);
                }
            }

            Assert.All(expected.Select((v, i) => (v, i)), sum =>
                Assert.True(double.IsNaN(sum.v) ? float.IsNaN(ofSlope[sum.i]) : Math.Abs(sum.v - ofSlope[sum.i]) <= 2e-5));
        }
    }
}
