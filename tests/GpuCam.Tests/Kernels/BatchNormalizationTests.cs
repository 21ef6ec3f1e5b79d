using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Normalisation with known statistics, and the factor and summand that it folds into.</summary>
public class BatchNormalizationTests
{
    private const float Epsilon = 1e-3f;

    private static readonly int[] s_channels = [1, 3, 24, 35, 64];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Forward_takes_off_the_mean_and_scales_by_the_deviation(string device) => ForEachWidth(device, (op, shape, p) =>
    {
        float[] x = OpHarness.Random(shape.Count, 1, -2, 3);
        Tensor y = op.Output("y", shape), input = op.Input("x", shape, x);
        Tensor[] vectors = p.Tensors(op);
        float[] got = OpHarness.RunTwice(
            y, () => BatchNormalization.Forward(input, vectors[0], vectors[1], vectors[2], vectors[3], Epsilon, y));
        OpHarness.Close(p.Normalized(x), got, 1e-6);
        BatchNormalization.Forward(input, vectors[0], vectors[1], vectors[2], vectors[3], Epsilon, input);
        Assert.Equal(got, input.ToArray());
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_scales_by_the_deviation_and_sums_what_was_scaled(string device) => ForEachWidth(device, (op, shape, p) =>
    {
        int c = shape.C;
        float[] x = OpHarness.Random(shape.Count, 1, -2, 3), dy = OpHarness.Random(shape.Count, 2);
        Tensor[] v = p.Tensors(op);
        Tensor dx = op.Output("dx", shape), dScale = op.Output("dScale", Shape.Vector(c)), dBias = op.Output("dBias", Shape.Vector(c)),
            input = op.Input("x", shape, x), gradient = op.Input("dy", shape, dy);
        float[] ofData = OpHarness.RunTwice(dx, () => BatchNormalization.BackwardData(gradient, v[0], v[3], Epsilon, dx));
        OpHarness.Close([.. dy.Select((g, i) => g * p.Scale[i % c] / Math.Sqrt((double)p.Variance[i % c] + Epsilon))], ofData, 1e-6);

        double[] expected = new double[c], sums = new double[c];
        for (int i = 0; i < x.Length; i++)
        {
            expected[i % c] += dy[i] * ((double)x[i] - p.Mean[i % c]) / Math.Sqrt((double)p.Variance[i % c] + Epsilon);
            sums[i % c] += dy[i];
        }

        float[] ofScale = OpHarness.RunTwice(
            dScale, () => BatchNormalization.BackwardParameters(input, gradient, v[2], v[3], Epsilon, dScale, dBias));
        OpHarness.Close(expected, ofScale, 1e-6);
        OpHarness.Close(sums, dBias.ToArray(), 1e-6);
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void An_affine_step_has_a_factor_and_a_summand_per_channel_and_may_end_in_a_ReLU(string device) =>
        ForEachWidth(device, (op, shape, p) =>
    {
        int c = shape.C;
        float[] x = OpHarness.Random(shape.Count, 1, -2, 3);
        Tensor y = op.Output("y", shape), input = op.Input("x", shape, x);
        Tensor[] v = p.Tensors(op);
        foreach (bool relu in (bool[])[false, true])
        {
            double[] expected = [.. x.Select((value, i) => ((double)value * p.Scale[i % c]) + p.Bias[i % c])];
            float[] got = OpHarness.RunTwice(y, () => ChannelAffine.Forward(input, v[0], v[1], y, relu));
            OpHarness.Close([.. expected.Select(value => relu ? Math.Max(0, value) : value)], got, 1e-6);
        }

        Tensor dx = op.Output("dx", shape);
        ChannelAffine.BackwardData(input, v[0], dx);
        OpHarness.Close([.. x.Select((value, i) => (double)value * p.Scale[i % c])], dx.ToArray(), 1e-6);
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_stays_one(string device) => ForEachWidth(device, (op, shape, p) =>
    {
        Tensor[] v = p.Tensors(op);
        Tensor x = op.Output("x", shape), y = op.Input("y", shape, new float[shape.Count]);
        ChannelAffine.Forward(x, v[0], v[1], y, relu: true);
        Assert.All(y.ToArray(), value => Assert.True(float.IsNaN(value)));
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Channels_of_several_tensors_are_normalised_as_one(string device) => ForEachWidth(device, (op, shape, p) =>
    {
        int all = shape.C + 21;
        var whole = new Parameters(all);
        Tensor[] v = whole.Tensors(op);
        float[][] values = [.. ((int[])[shape.C, 16, 5]).Select((c, i) => OpHarness.Random(shape.WithC(c).Count, i, -2, 3))];
        Tensor[] parts = [.. values.Select((part, i) => op.Input($"part {i}", shape.WithC(part.Length / (shape.N * shape.Area)), part))];
        float[] x = [.. Enumerable.Range(0, shape.N * shape.Area).SelectMany(
            pixel => parts.SelectMany((part, i) => values[i].Skip(pixel * part.Shape.C).Take(part.Shape.C)))];
        Tensor y = op.Output("y", shape.WithC(all));
        foreach (bool relu in (bool[])[false, true])
        {
            float[] got = OpHarness.RunTwice(y, () => BatchNormalization.Forward(parts, v[0], v[1], v[2], v[3], Epsilon, y, relu));
            OpHarness.Close([.. whole.Normalized(x).Select(value => relu ? Math.Max(0, value) : value)], got, 1e-6);
        }

        var single = new Parameters(shape.C);
        Tensor[] own = single.Tensors(op);
        BatchNormalization.Forward([parts[0]], own[0], own[1], own[2], own[3], Epsilon, parts[0], relu: true);
        OpHarness.Close([.. single.Normalized(values[0]).Select(value => Math.Max(0, value))], parts[0].ToArray(), 1e-6);
    });

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 5, 7)), mean = op.Output("mean", Shape.Vector(6)), c = op.Output("c", Shape.Vector(7));
        Assert.Equal(
            "tensor 'mean' is 1x1x1x6, expected 1x1x1x7",
            Assert.Throws<ArgumentException>(() => BatchNormalization.Forward(x, c, c, mean, c, Epsilon, x)).Message);
        Assert.Equal(
            "tensor 'mean' is 1x1x1x6, expected 1x1x1x7",
            Assert.Throws<ArgumentException>(() => ChannelAffine.Forward(x, c, mean, x)).Message);
    }

    private static void ForEachWidth(string device, Action<OpHarness, Shape, Parameters> test)
    {
        using var op = new OpHarness(device);
        foreach (int c in s_channels)
        {
            test(op, new Shape(2, 3, 5, c), new Parameters(c));
        }
    }

    private sealed class Parameters(int channels)
    {
        public float[] Scale { get; } = OpHarness.Random(channels, 11, 0.5f, 2);

        public float[] Bias { get; } = OpHarness.Random(channels, 12);

        public float[] Mean { get; } = OpHarness.Random(channels, 13);

        public float[] Variance { get; } = OpHarness.Random(channels, 14, 0.1f, 2);

        public Tensor[] Tensors(OpHarness op) =>
        [
            op.Input("scale", Shape.Vector(channels), Scale), op.Input("bias", Shape.Vector(channels), Bias),
            op.Input("mean", Shape.Vector(channels), Mean), op.Input("variance", Shape.Vector(channels), Variance),
        ];

        public double[] Normalized(float[] x) =>
        [
            .. x.Select((value, i) => i % channels).Select((c, i) =>
                (((double)x[i] - Mean[c]) / Math.Sqrt((double)Variance[c] + Epsilon) * Scale[c]) + Bias[c]),
        ];
    }
}
