using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class LocalResponseNormalizationTests
{
    private static readonly Dictionary<string, Case> s_cases = new()
    {
        ["one element"] = new(new Shape(1, 1, 1, 1), 5, 1e-4f, 0.75f, 1),
        ["AlexNet's"] = new(new Shape(2, 3, 5, 37), 5, 2, 0.75f, 1),
        ["an even size, another power"] = new(new Shape(2, 3, 2, 19), 4, 3, 0.6f, 0.5f),
        ["over one channel"] = new(new Shape(1, 2, 5, 8), 1, 0.7f, 1, 2),
        ["wider than the channels"] = new(new Shape(2, 1, 3, 5), 13, 2, 0.75f, 1),
        ["far wider than the channels"] = new(new Shape(1, 2, 2, 3), int.MaxValue, 1e9f, 0.75f, 1),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Both_directions_are_the_definition(string device, string name)
    {
        using var op = new OpHarness(device);
        Case one = s_cases[name];
        float[] x = OpHarness.Random(one.Shape.Count, 1), dy = OpHarness.Random(one.Shape.Count, 2);
        Tensor input = op.Input("x", one.Shape, x), y = op.Output("y", one.Shape), dx = op.Output("dx", one.Shape);
        Tensor dyTensor = op.Input("dy", one.Shape, dy);
        float[] actual = OpHarness.RunTwice(
            y, () => LocalResponseNormalization.Forward(input, y, one.Size, one.Alpha, one.Beta, one.Bias));
        OpHarness.Close(one.Forward(x), actual, 1e-6, "y");
        float[] gradient = OpHarness.RunTwice(
            dx, () => LocalResponseNormalization.Backward(input, y, dyTensor, dx, one.Size, one.Alpha, one.Beta, one.Bias));
        OpHarness.Close(one.Backward(x, dy), gradient, 5e-6, "dx");
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Case one = s_cases["an even size, another power"];
        float[] x = OpHarness.Random(one.Shape.Count, 1), dy = OpHarness.Random(one.Shape.Count, 2);
        Tensor input = op.Input("x", one.Shape, x), y = op.Output("y", one.Shape), dx = op.Output("dx", one.Shape);
        LocalResponseNormalization.Forward(input, y, one.Size, one.Alpha, one.Beta, one.Bias);
        LocalResponseNormalization.Backward(input, y, op.Input("dy", one.Shape, dy), dx, one.Size, one.Alpha, one.Beta, one.Bias);
        OpHarness.CloseToFiniteDifferences(x, Forward, dy, dx.ToArray());

        float[] Forward(float[] changed)
        {
            input.CopyFrom(changed);
            LocalResponseNormalization.Forward(input, y, one.Size, one.Alpha, one.Beta, one.Bias);
            return y.ToArray();
        }
    }

    /// <summary>Four channels: one below, its own and two above (floor and ceil of 3 / 2).</summary>
    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void An_even_window_reaches_further_up(string device)
    {
        using var op = new OpHarness(device);
        var shape = new Shape(1, 1, 1, 5);
        Tensor y = op.Output("y", shape);
        LocalResponseNormalization.Forward(op.Input("x", shape, [1, 2, 3, 4, 5]), y, 4, 4, 1, 0);
        OpHarness.Close([1 / 14.0, 2 / 30.0, 3 / 54.0, 4 / 50.0, 5 / 41.0], y.ToArray(), 1e-6);
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        using var op = new OpHarness("plain");
        var shape = new Shape(1, 2, 3, 5);
        Tensor x = op.Output("x", shape), wrong = op.Output("wrong", shape.WithC(4));
        Error(() => LocalResponseNormalization.Forward(x, wrong, 5, 1, 0.75f, 1));
        Error(() => LocalResponseNormalization.Backward(x, wrong, x, x, 5, 1, 0.75f, 1));
        Error(() => LocalResponseNormalization.Backward(x, x, wrong, x, 5, 1, 0.75f, 1));
        Error(() => LocalResponseNormalization.Backward(x, x, x, wrong, 5, 1, 0.75f, 1));
        Assert.Equal(
            "local response normalization of 'x' over 0 channels: the size must be at least 1",
            Assert.Throws<GpuCamException>(() => LocalResponseNormalization.Forward(x, x, 0, 1, 0.75f, 1)).Message);

        static void Error(Action act) =>
            Assert.Equal("tensor 'wrong' is 1x2x3x4, expected 1x2x3x5", Assert.Throws<ArgumentException>(act).Message);
    }

    /// <summary>A normalization, and its reference in double.</summary>
    private sealed record Case(Shape Shape, int Size, float Alpha, float Beta, float Bias)
    {
        public double[] Forward(float[] x) => [.. x.Select((value, i) => value * Math.Pow(Sum(x, i), -Beta))];

        /// <summary>By the chain rule: every channel j of a pixel with c in its window, c itself included.</summary>
        public double[] Backward(float[] x, float[] dy)
        {
            double[] dx = new double[x.Length];
            for (int i = 0; i < x.Length; i++)
            {
                double sum = Sum(x, i);
                dx[i] += dy[i] * Math.Pow(sum, -Beta);
                foreach (int j in Window(i))
                {
                    dx[j] -= dy[i] * x[i] * Beta * Math.Pow(sum, -Beta - 1) * 2 * Alpha / Size * x[j];
                }
            }

            return dx;
        }

        private double Sum(float[] x, int i) => Bias + (Alpha / (double)Size * Window(i).Sum(j => (double)x[j] * x[j]));

        private IEnumerable<int> Window(int i)
        {
            int c = i % Shape.C;
            long first = c - (long)Math.Floor((Size - 1) / 2.0), last = c + (long)Math.Ceiling((Size - 1) / 2.0);
            return Enumerable.Range(0, Shape.C).Where(j => j >= first && j <= last).Select(j => i - c + j);
        }
    }
}
