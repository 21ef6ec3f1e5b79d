using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The statistics of a batch, and the gradient of what is normalised by them.</summary>
public class BatchStatisticsTests
{
    private const float Epsilon = 1e-3f;

    private static readonly Shape[] s_shapes =
        [new(2, 3, 5, 1), new(3, 5, 2, 3), new(2, 3, 5, 35), new(2, 1, 3, 64), new(7, 1, 1, 24), new(1, 4, 3, 100)];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Mean_and_variance_are_those_of_each_channel(string device) => ForEachShape(device, (op, shape) =>
    {
        foreach (float offset in (float[])[0, 1000])
        {
            float[] x = OpHarness.Random(shape.Count, 1, offset - 2, offset + 3);
            Tensor input = op.Input("x", shape, x), mean = op.Output("mean", Shape.Vector(shape.C)),
                variance = op.Output("variance", Shape.Vector(shape.C));
            float[] got = OpHarness.RunTwice(mean, () => BatchStatistics.Forward(input, mean, variance));
            (double[] means, double[] variances) = Moments(x, shape.C);
            OpHarness.Close(means, got, 1e-6);
            OpHarness.Close(variances, variance.ToArray(), offset == 0 ? 1e-6 : 1e-4, $"variance of {shape}");
        }
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void The_gradient_goes_through_mean_and_variance(string device) => ForEachShape(device, (op, shape) =>
    {
        var channels = Shape.Vector(shape.C);
        float[] x = OpHarness.Random(shape.Count, 1, -2, 3), dy = OpHarness.Random(shape.Count, 2);
        float[] scale = OpHarness.Random(shape.C, 3, 0.5f, 2);
        Tensor input = op.Input("x", shape, x), gradient = op.Input("dy", shape, dy), factor = op.Input("scale", channels, scale);
        Tensor mean = op.Output("mean", channels), variance = op.Output("variance", channels), dScale = op.Output("dScale", channels),
            dBias = op.Output("dBias", channels), dx = op.Output("dx", shape);
        BatchStatistics.Forward(input, mean, variance);
        BatchNormalization.BackwardParameters(input, gradient, mean, variance, Epsilon, dScale, dBias);
        float[] got = OpHarness.RunTwice(
            dx, () => BatchStatistics.BackwardData(input, gradient, factor, mean, variance, dScale, dBias, Epsilon, dx));
        OpHarness.Close(Gradient(x, dy, scale), got, 1e-5, $"dx of {shape}");
        BatchStatistics.BackwardData(input, gradient, factor, mean, variance, dScale, dBias, Epsilon, gradient);
        Assert.Equal(got, gradient.ToArray());
    });

    [Theory]
    [InlineData("plain")]
    [InlineData("simd-256")]
    public void The_gradient_is_the_slope(string device)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(2, 3, 2, 5);
        var channels = Shape.Vector(5);
        float[] x = OpHarness.Random(shape.Count, 1, -2, 3), direction = OpHarness.Random(shape.Count, 2);
        Tensor scale = op.Input("scale", channels, OpHarness.Random(5, 3, 0.5f, 2)), bias = op.Input("bias", channels, new float[5]);
        Tensor mean = op.Output("mean", channels), variance = op.Output("variance", channels), dScale = op.Output("dScale", channels),
            dBias = op.Output("dBias", channels), dx = op.Output("dx", shape), input = op.Input("x", shape, x),
            dy = op.Input("dy", shape, direction), y = op.Output("y", shape);
        Forward(x);
        BatchNormalization.BackwardParameters(input, dy, mean, variance, Epsilon, dScale, dBias);
        BatchStatistics.BackwardData(input, dy, scale, mean, variance, dScale, dBias, Epsilon, dx);
        OpHarness.CloseToFiniteDifferences(x, Forward, direction, dx.ToArray());

        float[] Forward(float[] values)
        {
            input.CopyFrom(values);
            BatchStatistics.Forward(input, mean, variance);
            BatchNormalization.Forward(input, scale, bias, mean, variance, Epsilon, y);
            return y.ToArray();
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Running_statistics_move_a_tenth_of_the_way_to_the_unbiased_ones(string device)
    {
        using var op = new OpHarness(device);
        var channels = Shape.Vector(35);
        float[][] v = [.. Enumerable.Range(0, 4).Select(seed => OpHarness.Random(35, seed, 0.1f, 2))];
        Tensor[] t = [.. v.Select((values, i) => op.Input($"vector {i}", channels, values))];
        BatchStatistics.Update(t[0], t[1], t[2], t[3], 0.1f, 5);
        OpHarness.Close([.. v[2].Select((r, c) => (0.9 * r) + (0.1 * v[0][c]))], t[2].ToArray(), 1e-6);
        OpHarness.Close([.. v[3].Select((r, c) => (0.9 * r) + (0.1 * v[1][c] * 5 / 4))], t[3].ToArray(), 1e-6);
    }

    [Fact]
    public void One_value_of_a_channel_has_no_variance()
    {
        using var op = new OpHarness("plain");
        Tensor v = op.Input("bn.running_var", Shape.Vector(3), [1, 2, 3]);
        Assert.Equal(
            "'bn.running_var': a batch normalisation cannot learn from one value of a channel; train with batches of more than one image",
            Assert.Throws<GpuCamException>(() => BatchStatistics.Update(v, v, v, v, 0.1f, 1)).Message);
        Assert.Equal([1, 2, 3], v.ToArray());
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 5, 7)), mean = op.Output("mean", Shape.Vector(6)), c = op.Output("c", Shape.Vector(7));
        string expected = "tensor 'mean' is 1x1x1x6, expected 1x1x1x7";
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => BatchStatistics.Forward(x, mean, c)).Message);
        Assert.Equal(
            expected, Assert.Throws<ArgumentException>(() => BatchStatistics.BackwardData(x, x, c, mean, c, c, c, Epsilon, x)).Message);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => BatchStatistics.Update(c, c, mean, c, 0.1f, 2)).Message);
    }

    private static (double[] Means, double[] Variances) Moments(float[] x, int channels)
    {
        double[] means = new double[channels], variances = new double[channels];
        int pixels = x.Length / channels;
        for (int i = 0; i < x.Length; i++)
        {
            means[i % channels] += (double)x[i] / pixels;
        }

        for (int i = 0; i < x.Length; i++)
        {
            variances[i % channels] += Math.Pow(x[i] - means[i % channels], 2) / pixels;
        }

        return (means, variances);
    }

    /// <summary>The formula as it is derived step by step: through the variance, then through the mean.</summary>
    private static double[] Gradient(float[] x, float[] dy, float[] scale)
    {
        int channels = scale.Length, pixels = x.Length / channels;
        (double[] means, double[] variances) = Moments(x, channels);
        double[] dVariance = new double[channels], dMean = new double[channels];
        for (int i = 0; i < x.Length; i++)
        {
            int c = i % channels;
            double spread = variances[c] + Epsilon, dz = (double)dy[i] * scale[c];
            dVariance[c] += dz * (x[i] - means[c]) * -0.5 * Math.Pow(spread, -1.5);
            dMean[c] -= dz / Math.Sqrt(spread);
        }

        return
        [
            .. x.Select((value, i) => i % channels).Select((c, i) => ((double)dy[i] * scale[c] / Math.Sqrt(variances[c] + Epsilon))
                + (dVariance[c] * 2 * (x[i] - means[c]) / pixels) + (dMean[c] / pixels)),
        ];
    }

    private static void ForEachShape(string device, Action<OpHarness, Shape> test)
    {
        using var op = new OpHarness(device);
        foreach (Shape shape in s_shapes)
        {
            test(op, shape);
        }
    }
}
