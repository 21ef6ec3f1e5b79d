using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class MinMaxNormalizeTests
{
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Every_map_is_stretched_by_its_own_range(string device)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(4, 5, 7, 1);
        float[] x = OpHarness.Random(shape.Count, 1);
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = (x[i] * (1 + (i / 35 * 100))) - (i / 35);
        }

        double[] expected = new double[x.Length];
        for (int n = 0; n < 4; n++)
        {
            double min = x.Skip(n * 35).Take(35).Min();
            double max = x.Skip(n * 35).Take(35).Max();
            for (int i = n * 35; i < (n + 1) * 35; i++)
            {
                expected[i] = (x[i] - min) / (max - min);
            }
        }

        float[] y = Repeat.SameBits(() => Run(op, shape, x));
        OpHarness.Close(expected, y, 1e-6);
        for (int n = 0; n < 4; n++)
        {
            Assert.Equal(0, y.Skip(n * 35).Take(35).Min());
            Assert.Equal(1, y.Skip(n * 35).Take(35).Max());
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_map_without_a_usable_range_becomes_zeros_and_leaves_the_others_alone(string device)
    {
        using var op = new OpHarness(device);
        float nan = float.NaN;
        float inf = float.PositiveInfinity;
        float[] x =
        [
            7, 7, 7,
            nan, 1, 2,
            1, nan, 2,
            1, 2, nan,
            1, inf, 2,
            -inf, 0, 2,
            nan, nan, nan,
            -3e38f, 0, 3e38f,
            -2, 0, 2,
            0, 0, 0,
        ];
        float[] expected = new float[x.Length];
        expected[25] = 0.5f;
        expected[26] = 1;
        Assert.Equal(expected, Run(op, new Shape(10, 1, 3, 1), x));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void One_bad_pixel_anywhere_makes_its_map_zeros(string device)
    {
        using var op = new OpHarness(device);
        const int Area = 37;
        foreach (float bad in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            float[] x = OpHarness.Random((Area + 1) * Area, 3);
            for (int n = 0; n < Area; n++)
            {
                x[(n * Area) + n] = bad;
            }

            float[] y = Run(op, new Shape(Area + 1, 1, Area, 1), x);
            Assert.All(y[..(Area * Area)], v => Assert.Equal(0, v));
            Assert.Equal(1, y[(Area * Area)..].Max());
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void It_may_run_in_place(string device)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(2, 3, 5, 1);
        float[] x = OpHarness.Random(shape.Count, 2);
        Tensor map = op.Input("map", shape, x);
        MinMaxNormalize.Forward(map, map);
        Assert.Equal(Run(op, shape, x), map.ToArray());
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 5, 2));
        ArgumentException error = Assert.Throws<ArgumentException>(() => MinMaxNormalize.Forward(x, x));
        Assert.Equal("tensor 'x' is 2x3x5x2, expected 2x3x5x1", error.Message);
    }

    private static float[] Run(OpHarness op, Shape shape, float[] x)
    {
        Tensor y = op.Output("y", shape);
        MinMaxNormalize.Forward(op.Input("x", shape, x), y);
        return y.ToArray();
    }
}
