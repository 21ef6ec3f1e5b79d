using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>The small ops that maps are made of, against loops in double; shapes are odd and fill no register.</summary>
public class ChannelOpsTests
{
    private const int Area = 15;

    private static readonly int[] s_channels = [1, 7, 35, 64];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Weighted_sums_take_weights_per_channel_or_per_pixel(string device) => ForEachWidth(device, (op, shape, x, k) =>
    {
        foreach (Shape weights in (Shape[])[Shape.Matrix(2, k), shape])
        {
            float[] weight = OpHarness.Random(weights.Count, 2);
            double[] expected = new double[2 * Area];
            for (int i = 0; i < x.Length; i++)
            {
                expected[i / k] += (double)x[i] * weight[WeightOf(i, k, weights)];
            }

            Tensor map = op.Output("map", shape.WithC(1));
            ChannelWeightedSum.Forward(op.Input("x", shape, x), op.Input("weight", weights, weight), map);
            OpHarness.Close(expected, map.ToArray(), 1e-6);
        }
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Channels_are_scaled_and_shifted(string device) => ForEachWidth(device, (op, shape, x, k) =>
    {
        Tensor input = op.Input("x", shape, x), y = op.Output("y", shape);
        foreach (Shape weights in (Shape[])[Shape.Matrix(2, k), shape])
        {
            float[] weight = OpHarness.Random(weights.Count, 2);
            ChannelScale.Forward(input, op.Input("weight", weights, weight), y);
            OpHarness.Close([.. x.Select((v, i) => (double)v * weight[WeightOf(i, k, weights)])], y.ToArray(), 1e-7);
        }

        float[] shift = OpHarness.Random(2 * k, 3);
        ChannelShift.Forward(input, op.Input("shift", Shape.Matrix(2, k), shift), y);
        OpHarness.Close([.. x.Select((v, i) => (double)v - shift[WeightOf(i, k, Shape.Matrix(2, k))])], y.ToArray(), 1e-6);
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Gradients_become_the_weights_of_XGrad_CAM_and_Grad_CAM_plus_plus(string device) =>
        ForEachWidth(device, (op, shape, values, k) =>
    {
        float[] x = [.. values.Select(v => (float)Math.Max(0, v + 0.5))], g = OpHarness.Random(x.Length, 4);
        for (int p = 0; p < Area; p++)
        {
            (x[p * k], g[p * k]) = (0, p % 2);      // a channel that is off
        }

        double[] xGrad = new double[2 * k], plusPlus = new double[2 * k];
        for (int i = 0; i < 2 * k; i++)
        {
            int[] own = [.. Enumerable.Range(0, Area).Select(p => (((i / k * Area) + p) * k) + (i % k))];
            double sum = own.Sum(at => (double)x[at]);
            xGrad[i] = own.Sum(at => (double)g[at] * x[at]) / (sum + XGradCamWeights.Epsilon);
            plusPlus[i] = own.Sum(at => g[at] > 0 ? Math.Pow(g[at], 3) / ((2 * Math.Pow(g[at], 2)) + (Math.Pow(g[at], 3) * sum)) : 0);
        }

        Tensor input = op.Input("x", shape, x), gradient = op.Input("gradient", shape, g), weight = op.Output("weight", Shape.Matrix(2, k));
        OpHarness.Close(xGrad, OpHarness.RunTwice(weight, () => XGradCamWeights.Forward(input, gradient, weight)), 1e-5, "xgradcam");
        OpHarness.Close(
            plusPlus, OpHarness.RunTwice(weight, () => GradCamPlusPlusWeights.Forward(input, gradient, weight)), 1e-5, "gradcam++");
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_divisor_of_zero_in_Grad_CAM_plus_plus_counts_for_nothing_and_a_NaN_stays(string device) =>
        ForEachWidth(device, (op, _, _, k) =>
    {
        var pair = new Shape(1, 1, 2, k);
        float[] x = [.. Enumerable.Repeat(-1f, 2 * k)], g = [.. Enumerable.Repeat(1f, k), .. Enumerable.Repeat(2f, k)];
        Tensor weight = op.Output("weight", Shape.Matrix(1, k)), input = op.Input("x", pair, x);
        GradCamPlusPlusWeights.Forward(input, op.Input("gradient", pair, g), weight);
        Assert.All(weight.ToArray(), v => Assert.Equal(-1, v));     // 1 / (2 - 2) is left out, 2 / (2 - 4) is not
        GradCamPlusPlusWeights.Forward(input, op.Input("gradient", pair, [.. g.Select(_ => float.NaN)]), weight);
        Assert.All(weight.ToArray(), v => Assert.True(float.IsNaN(v)));
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Absolute_products_take_a_factor_per_element_or_per_channel(string device) => ForEachWidth(device, (op, shape, a, k) =>
    {
        foreach (Shape factors in (Shape[])[Shape.Vector(k), shape])
        {
            float[] b = OpHarness.Random(factors.Count, 2);
            Tensor y = op.Output("y", shape);
            AbsoluteProduct.Forward(op.Input("a", shape, a), op.Input("b", factors, b), y);
            OpHarness.Close([.. a.Select((v, i) => Math.Abs((double)v * b[i % b.Length]))], y.ToArray(), 1e-7);
        }
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Selected_channels_are_taken_out_or_switched_off(string device) => ForEachWidth(device, (op, shape, x, k) =>
    {
        int[] images = [1, 0, 1], chosen = [0, k - 1, k / 2];
        Tensor input = op.Input("x", shape, x), planes = op.Output("planes", shape.WithC(1).WithN(3)),
            dropped = op.Output("dropped", shape.WithN(3));
        ChannelPlanes.Forward(input, op.Integers(images), op.Integers(chosen), planes);
        ChannelDrop.Forward(input, op.Integers(images), op.Integers(chosen), dropped);
        Assert.Equal(Enumerable.Range(0, 3 * Area).Select(i => x[(((images[i / Area] * Area) + (i % Area)) * k) + chosen[i / Area]]),
            planes.ToArray());
        Assert.Equal(
            Enumerable.Range(0, 3 * Area * k)
            .Select(i => i % k == chosen[i / k / Area] ? 0 : x[(images[i / k / Area] * Area * k) + (i % (Area * k))]),
            dropped.ToArray());
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Images_are_masked_with_and_without_noise(string device) => ForEachWidth(device, (op, shape, x, k) =>
    {
        int[] images = [1, 1, 0];
        float[] masks = OpHarness.Random(3 * Area, 5), noise = OpHarness.Random(Area, 6);
        Tensor y = op.Output("y", shape.WithN(3));
        foreach (bool noisy in (bool[])[false, true])
        {
            MaskedImages.Forward(
                op.Input("x", shape, x), op.Integers(images), op.Input("masks", new Shape(3, 3, 5, 1), masks),
                noisy ? op.Input("noise", new Shape(1, 3, 5, 1), noise) : null, 0.5f, y);
            OpHarness.Close(
                [.. Enumerable.Range(0, 3 * Area * k).Select(i => 0.5 * x[(images[i / k / Area] * Area * k) + (i % (Area * k))]
                    * (masks[i / k] + (noisy ? noise[i / k % Area] : 0.0)))],
                y.ToArray(), 1e-6);
        }
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Copies_are_scaled_mirrored_and_added(string device) => ForEachWidth(device, (op, shape, x, k) =>
    {
        Tensor input = op.Input("x", shape, x), y = op.Output("y", shape);
        double[] mirrored = [.. x.Select((_, i) => 2.0 * x[i + ((4 - (2 * (i / k % 5))) * k)])];
        ScaledCopy.Forward(input, y, 2, mirror: true);
        OpHarness.Close(mirrored, y.ToArray(), 0);
        ScaledCopy.Add(input, y, -1, mirror: false);
        OpHarness.Close([.. mirrored.Zip(x, (a, b) => a - b)], y.ToArray(), 1e-6);
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Tanh_lifts_small_values_and_leaves_maps_without_a_positive_one(string device)
    {
        using var op = new OpHarness(device);
        float[] x = [.. OpHarness.Random(Area, 1), .. OpHarness.Random(Area, 2, -1, 0)];
        double max = x.Max();
        Tensor y = op.Output("y", new Shape(2, 3, 5, 1));
        TanhScale.Forward(op.Input("x", y.Shape, x), y);
        OpHarness.Close([.. x.Select((v, i) => i < Area ? Math.Tanh(2 * v / max) : v)], y.ToArray(), 1e-6);
    }

    [Fact]
    public void Wrong_shapes_and_short_buffers_are_named()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", new Shape(2, 3, 5, 4)), y = op.Output("y", new Shape(3, 3, 5, 4)),
            weight = op.Output("weight", Shape.Matrix(2, 3));
        Assert.Equal(
            "tensor 'weight' is 2x1x1x3, expected 2x1x1x4",
            Assert.Throws<ArgumentException>(() => ChannelScale.Forward(x, weight, x)).Message);
        Assert.Equal(
            "buffer 'channels' holds 2 elements, expected 3",
            Assert.Throws<ArgumentException>(() => ChannelDrop.Forward(x, op.Integers(0, 1, 1), op.Integers(0, 0), y)).Message);
    }

    private static int WeightOf(int i, int k, Shape weights) => weights.Area > 1 ? i : (i / k / Area * k) + (i % k);

    /// <summary>Runs a test on two images of 3x5 pixels for every number of channels.</summary>
    private static void ForEachWidth(string device, Action<OpHarness, Shape, float[], int> test)
    {
        using var op = new OpHarness(device);
        foreach (int k in s_channels)
        {
            var shape = new Shape(2, 3, 5, k);
            test(op, shape, OpHarness.Random(shape.Count, 1), k);
        }
    }
}
