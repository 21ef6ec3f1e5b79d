using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class MaxPool2DTests
{
    private static readonly Dictionary<string, Pool2DGeometry> s_cases = new()
    {
        ["one pixel"] = new(new Shape(1, 1, 1, 1), 1, 1, 0),
        ["halves"] = new(new Shape(2, 6, 8, 5), 2, 2, 0),
        ["halves, a row and a column left over"] = new(new Shape(3, 7, 5, 4), 2, 2, 0),
        ["halves of 1 channel"] = new(new Shape(2, 5, 6, 1), 2, 2, 0),
        ["halves of 17 channels"] = new(new Shape(2, 4, 7, 17), 2, 2, 0),
        ["halves of 33 channels"] = new(new Shape(3, 5, 4, 33), 2, 2, 0),
        ["halves of a row"] = new(new Shape(2, 3, 2, 64), 2, 2, 0),
        ["overlapping"] = new(new Shape(2, 7, 6, 3), 3, 1, 0),
        ["overlapping, padded"] = new(new Shape(2, 5, 8, 3), 3, 2, 1),
        ["gaps between windows"] = new(new Shape(1, 9, 11, 2), 2, 3, 1),
        ["as large as the image"] = new(new Shape(2, 4, 4, 6), 4, 1, 0),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Forward_keeps_the_largest_and_where_it_was(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = s_cases[name];
        float[] x = WithTies(g.X.Count);
        (double[] expected, int[] winners) = Reference(g, x);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", g.Y.Count);
        Tensor input = op.Input("x", g.X, x), y = op.Output("y", g.Y);
        float[] actual = OpHarness.RunTwice(y, () => MaxPool2D.Forward(input, y, argmax, g));
        OpHarness.Close(expected, actual, 0);
        Assert.Equal(winners, argmax.ToArray().Take(winners.Length));
    }

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Backward_sends_each_gradient_to_the_winner(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = s_cases[name];
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
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = s_cases["overlapping, padded"];
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
            var g = new Pool2DGeometry(new Shape(1, 2, 8, channels), 2, 2, 0);
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
        Pool2DGeometry g = s_cases["overlapping, padded"];
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
    [InlineData(6, 1, 0, "larger than the padded input")]
    [InlineData(2, 0, 0, "at least 1")]
    [InlineData(0, 1, 0, "at least 1")]
    [InlineData(2, 2, 2, "half the size")]
    [InlineData(2, 2, -1, "half the size")]
    public void An_impossible_pooling_says_why(int size, int stride, int padding, string why)
    {
        var g = new Pool2DGeometry(new Shape(1, 5, 8, 3), size, stride, padding);
        Assert.Contains(why, Assert.Throws<GpuCamException>(() => g.Y).Message, StringComparison.Ordinal);
    }

    /// <summary>Random values of a coarse grid, so that windows have ties.</summary>
    private static float[] WithTies(int count) => [.. OpHarness.Random(count, 1).Select(v => MathF.Round(v * 4) / 4)];

    /// <summary>Visits the windows in row order and lets only a larger value replace the winner.</summary>
    private static (double[] Y, int[] Winners) Reference(Pool2DGeometry g, float[] x)
    {
        Shape shape = g.Y;
        double[] y = new double[shape.Count];
        int[] winners = new int[shape.Count];
        Array.Fill(y, double.NegativeInfinity);
        for (int i = 0; i < y.Length; i++)
        {
            int c = i % shape.C, ow = i / shape.C % shape.W, oh = i / shape.C / shape.W % shape.H, n = i / shape.C / shape.Area;
            for (int k = 0; k < g.Size * g.Size; k++)
            {
                int ih = (oh * g.Stride) - g.Padding + (k / g.Size), iw = (ow * g.Stride) - g.Padding + (k % g.Size);
                if (ih < 0 || ih >= g.X.H || iw < 0 || iw >= g.X.W)
                {
                    continue;
                }

                float value = x[(((((n * g.X.H) + ih) * g.X.W) + iw) * g.X.C) + c];
                if (value > y[i])
                {
                    (y[i], winners[i]) = (value, (ih * g.X.W) + iw);
                }
            }
        }

        return (y, winners);
    }
}
