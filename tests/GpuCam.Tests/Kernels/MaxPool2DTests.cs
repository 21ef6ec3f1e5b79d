using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class MaxPool2DTests
{
    [Theory]
    [MemberData(nameof(PoolCases.OnAllDevices), MemberType = typeof(PoolCases))]
    public void Forward_keeps_the_largest_and_where_it_was(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get(name);
        float[] x = WithTies(g.X.Count);
        (double[] expected, int[] winners) = Reference(g, x);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        Tensor input = op.Input("x", g.X, x), y = op.Output("y", g.Y);
        float[] actual = OpHarness.RunTwice(y, () => MaxPool2D.Forward(input, y, argmax, g));
        OpHarness.Close(expected, actual, 0);
        Assert.Equal(winners, argmax.ToArray().Take(winners.Length));
    }

    [Theory]
    [MemberData(nameof(PoolCases.OnAllDevices), MemberType = typeof(PoolCases))]
    public void Backward_sends_each_gradient_to_the_winner(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get(name);
        int[] winners = Reference(g, WithTies(g.X.Count)).Winners;
        float[] dy = OpHarness.Random(g.Y.Count, 2);
        double[] expected = new double[g.X.Count];
        for (int i = 0; i < dy.Length; i++)
        {
            int n = i / (g.Y.Area * g.Y.C), c = i % g.Y.C;
            expected[(((n * g.X.Area) + winners[i]) * g.X.C) + c] += dy[i];
        }

        Tensor dyTensor = op.Input("dy", g.Y, dy), dx = op.Output("dx", g.X);
        DeviceBuffer<int> argmax = op.Integers(winners);
        float[] actual = OpHarness.RunTwice(dx, () => MaxPool2D.Backward(dyTensor, argmax, dx, g));
        OpHarness.Close(expected, actual, 1e-6);
        Assert.Equal(dy.Sum(v => (double)v), actual.Sum(v => (double)v), 1e-4);
    }

    [Theory]
    [MemberData(nameof(PoolCases.OnAllDevices), MemberType = typeof(PoolCases))]
    public void Backward_through_a_ReLU_sends_nothing_to_what_it_made_zero(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get(name);
        float[] x = [.. WithTies(g.X.Count).Select(v => Math.Max(0, v - 0.5f))];
        (double[] y, int[] winners) = Reference(g, x);
        float[] dy = OpHarness.Random(g.Y.Count, 2);
        double[] expected = new double[g.X.Count], expectedBias = new double[g.X.C];
        for (int i = 0; i < dy.Length; i++)
        {
            int n = i / (g.Y.Area * g.Y.C), c = i % g.Y.C;
            double sent = y[i] > 0 ? dy[i] : 0;
            expected[(((n * g.X.Area) + winners[i]) * g.X.C) + c] += sent;
            expectedBias[c] += sent;
        }

        Tensor yTensor = op.Input("y", g.Y, [.. y.Select(v => (float)v)]), dyTensor = op.Input("dy", g.Y, dy);
        Tensor dx = op.Output("dx", g.X), alone = op.Output("alone", g.X), dBias = op.Output("dBias", Shape.Vector(g.X.C));
        DeviceBuffer<int> argmax = op.Integers(winners);
        float[] bias = OpHarness.RunTwice(dBias, () => MaxPool2D.BackwardRelu(yTensor, dyTensor, argmax, dx, dBias, g));
        MaxPool2D.BackwardRelu(yTensor, dyTensor, argmax, alone, null, g);
        OpHarness.Close(expected, dx.ToArray(), 1e-6, "dx");
        OpHarness.Close(expected, alone.ToArray(), 1e-6, "dx alone");
        OpHarness.Close(expectedBias, bias, 1e-6, "dBias");
        Assert.Equal(dy, dyTensor.ToArray());
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get("overlapping, padded");
        // Distinct values 0.05 apart, shuffled: no step of 0.01 changes a winner.
        float[] x = [.. Enumerable.Range(0, g.X.Count).Select(i => 0.05f * (i * 67 % g.X.Count))];
        float[] dy = OpHarness.Random(g.Y.Count, 3);
        Tensor input = op.Input("x", g.X, x), y = op.Output("y", g.Y), dx = op.Output("dx", g.X);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        MaxPool2D.Forward(input, y, argmax, g);
        MaxPool2D.Backward(op.Input("dy", g.Y, dy), argmax, dx, g);
        OpHarness.CloseToFiniteDifferences(x, Forward, dy, dx.ToArray());

        float[] Forward(float[] changed)
        {
            input.CopyFrom(changed);
            MaxPool2D.Forward(input, y, argmax, g);
            return y.ToArray();
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_is_not_hidden(string device)
    {
        using var op = new OpHarness(device);
        foreach (int channels in new[] { 1, 3, 17, 33 })
        {
            var g = Pool2DGeometry.Square(new Shape(1, 2, 8, channels), 2, 2, 0);
            float[] x = OpHarness.Random(g.X.Count, 1);
            int[] places = new int[g.Y.Count];
            for (int i = 0; i < places.Length; i++)
            {
                int window = i / channels;
                places[i] = (2 * window) + (window % 2) + (window / 2 * 8);
                x[(places[i] * channels) + (i % channels)] = float.NaN;
            }

            Tensor y = op.Output("y", g.Y);
            DeviceBuffer<int> argmax = op.IntegerOutput("argmax", places.Length);
            MaxPool2D.Forward(op.Input("x", g.X, x), y, argmax, g);
            Assert.All(y.ToArray(), v => Assert.True(float.IsNaN(v)));
            Assert.Equal(places, argmax.ToArray()[..places.Length]);
        }
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Pool2DGeometry g = PoolCases.Get("overlapping, padded");
        Tensor x = op.Output("x", g.X), y = op.Output("y", g.Y);
        DeviceBuffer<int> argmax = op.Integers(new int[g.Y.Count]), small = op.Integers(new int[g.Y.Count - 1]);
        Error(() => MaxPool2D.Forward(y, y, argmax, g), "tensor 'y' is 2x3x4x3, expected 2x5x8x3");
        Error(() => MaxPool2D.Forward(x, x, argmax, g), "tensor 'x' is 2x5x8x3, expected 2x3x4x3");
        Error(() => MaxPool2D.Forward(x, y, small, g), "buffer 'argmax' has 71 elements, expected 72 for 2x3x4x3");
        Error(() => MaxPool2D.Backward(x, argmax, x, g), "tensor 'x' is 2x5x8x3, expected 2x3x4x3");
        Error(() => MaxPool2D.Backward(y, argmax, y, g), "tensor 'y' is 2x3x4x3, expected 2x5x8x3");
        Error(() => MaxPool2D.Backward(y, small, x, g), "buffer 'argmax' has 71 elements, expected 72 for 2x3x4x3");

        static void Error(Action act, string message) => Assert.Equal(message, Assert.Throws<ArgumentException>(act).Message);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Padding_never_wins(string device)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get("overlapping, padded, 37 channels");
        Tensor x = op.Input("x", g.X, OpHarness.Random(g.X.Count, 1, -2, -1)), y = op.Output("y", g.Y);
        MaxPool2D.Forward(x, y, op.IntegerOutput("argmax", g.Y.Count), g);
        Assert.All(y.ToArray(), v => Assert.InRange(v, -2, -1));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_is_not_hidden_from_any_window_that_sees_it(string device)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get("overlapping, padded, 37 channels");
        float[] x = OpHarness.Random(g.X.Count, 1);
        x[^1] = float.NaN;
        Tensor y = op.Output("y", g.Y);
        MaxPool2D.Forward(op.Input("x", g.X, x), y, op.IntegerOutput("argmax", g.Y.Count), g);
        Assert.Equal(PoolCases.Windows(g).Select(window => window.Seen.Contains(x.Length - 1)), y.ToArray().Select(float.IsNaN));
    }

    /// <summary>Random values of a coarse grid, so that windows have ties.</summary>
    private static float[] WithTies(int count) => [.. OpHarness.Random(count, 1).Select(v => MathF.Round(v * 4) / 4)];

    /// <summary>Visits the windows in row order and lets only a larger value replace the winner.</summary>
    private static (double[] Y, int[] Winners) Reference(Pool2DGeometry g, float[] x)
    {
        double[] y = new double[g.Y.Count];
        int[] winners = new int[y.Length];
        Array.Fill(y, double.NegativeInfinity);
        foreach ((int i, (int[] seen, _)) in PoolCases.Windows(g).Index())
        {
            foreach (int at in seen)
            {
                if (x[at] > y[i])
                {
                    (y[i], winners[i]) = (x[at], at / g.X.C % g.X.Area);
                }
            }
        }

        return (y, winners);
    }
}
