using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class GlobalPoolTests
{
    private static readonly Dictionary<string, Shape> s_cases = new()
    {
        ["one pixel"] = new(1, 1, 1, 1),
        ["one row"] = new(2, 1, 9, 3),
        ["odd and unequal"] = new(3, 5, 7, 11),
        ["17 channels"] = new(2, 3, 5, 17),
        ["33 channels"] = new(1, 7, 2, 33),
        ["67 channels"] = new(2, 5, 3, 67),
        ["one large image"] = new(1, 31, 29, 21),
    };

    public static TheoryData<string, string> OnAllDevices => TestDevices.With(s_cases.Keys);

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Average_forward_is_the_mean(string device, string name)
    {
        using var op = new OpHarness(device);
        Shape shape = s_cases[name];
        float[] x = OpHarness.Random(shape.Count, 1);
        Tensor input = op.Input("x", shape, x), y = op.Output("y", Shape.Matrix(shape.N, shape.C));
        float[] actual = OpHarness.RunTwice(y, () => GlobalAveragePool.Forward(input, y));
        OpHarness.Close([.. Channels(shape, x).Select(channel => channel.Average(v => (double)v))], actual, 1e-6);
    }

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Average_backward_is_its_transpose_and_keeps_the_sum(string device, string name)
    {
        using var op = new OpHarness(device);
        Shape shape = s_cases[name];
        float[] dy = OpHarness.Random(shape.N * shape.C, 2);
        Tensor dyTensor = op.Input("dy", Shape.Matrix(shape.N, shape.C), dy), dx = op.Output("dx", shape);
        float[] actual = OpHarness.RunTwice(dx, () => GlobalAveragePool.Backward(dyTensor, dx));
        OpHarness.Close([.. Enumerable.Range(0, actual.Length).Select(i => (double)dy[Owner(shape, i)] / shape.Area)], actual, 1e-6);
        Assert.Equal(dy.Sum(v => (double)v), actual.Sum(v => (double)v), 1e-4);

        float[] x = OpHarness.Random(shape.Count, 3);
        Tensor y = op.Output("y", Shape.Matrix(shape.N, shape.C));
        GlobalAveragePool.Forward(op.Input("x", shape, x), y);
        Assert.Equal(OpHarness.Dot(y.ToArray(), dy), OpHarness.Dot(x, actual), 1e-4);
    }

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Max_forward_keeps_the_largest_and_the_first_of_equals(string device, string name)
    {
        using var op = new OpHarness(device);
        Shape shape = s_cases[name];
        float[] x = [.. OpHarness.Random(shape.Count, 4).Select(v => MathF.Round(v * 8) / 8)];
        Tensor input = op.Input("x", shape, x), y = op.Output("y", Shape.Matrix(shape.N, shape.C));
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", y.Count);
        float[] actual = OpHarness.RunTwice(y, () => GlobalMaxPool.Forward(input, y, argmax));
        OpHarness.Close([.. Channels(shape, x).Select(channel => (double)channel.Max())], actual, 0);
        Assert.Equal(Channels(shape, x).Select(channel => Array.IndexOf(channel, channel.Max())), argmax.ToArray().Take(y.Count));
    }

    [Theory]
    [MemberData(nameof(OnAllDevices))]
    public void Max_backward_sends_each_gradient_to_the_winner(string device, string name)
    {
        using var op = new OpHarness(device);
        Shape shape = s_cases[name];
        float[] dy = OpHarness.Random(shape.N * shape.C, 5);
        int[] winners = [.. Enumerable.Range(0, dy.Length).Select(i => i * 13 % shape.Area)];
        Tensor dyTensor = op.Input("dy", Shape.Matrix(shape.N, shape.C), dy), dx = op.Output("dx", shape);
        DeviceBuffer<int> argmax = op.Integers(winners);
        float[] actual = OpHarness.RunTwice(dx, () => GlobalMaxPool.Backward(dyTensor, argmax, dx));
        double[] expected = new double[shape.Count];
        for (int i = 0; i < expected.Length; i++)
        {
            expected[i] = winners[Owner(shape, i)] == i / shape.C % shape.Area ? dy[Owner(shape, i)] : 0;
        }

        OpHarness.Close(expected, actual, 0);
        Assert.Equal(dy.Sum(v => (double)v), actual.Sum(v => (double)v), 1e-4);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Shape shape = new(2, 3, 5, 2), small = Shape.Matrix(shape.N, shape.C);
        // Distinct values 0.05 apart, shuffled: no step of 0.01 changes a winner.
        float[] x = [.. Enumerable.Range(0, shape.Count).Select(i => 0.05f * (i * 67 % shape.Count))];
        float[] dy = OpHarness.Random(small.Count, 6);
        Tensor input = op.Input("x", shape, x), dyTensor = op.Input("dy", small, dy);
        Tensor y = op.Output("y", small), dx = op.Output("dx", shape);
        DeviceBuffer<int> argmax = op.IntegerOutput("argmax", small.Count);

        GlobalAveragePool.Backward(dyTensor, dx);
        OpHarness.CloseToFiniteDifferences(x, Run(() => GlobalAveragePool.Forward(input, y)), dy, dx.ToArray());
        input.CopyFrom(x);
        GlobalMaxPool.Forward(input, y, argmax);
        GlobalMaxPool.Backward(dyTensor, argmax, dx);
        OpHarness.CloseToFiniteDifferences(x, Run(() => GlobalMaxPool.Forward(input, y, argmax)), dy, dx.ToArray());

        Func<float[], float[]> Run(Action forward) => changed =>
        {
            input.CopyFrom(changed);
            forward();
            return y.ToArray();
        };
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_is_not_hidden(string device)
    {
        using var op = new OpHarness(device);
        foreach (int channels in new[] { 1, 17 })
        {
            float[] x = OpHarness.Random(3 * channels, 1);
            Array.Fill(x, float.NaN, channels, channels);
            Tensor y = op.Output("y", Shape.Matrix(1, channels));
            DeviceBuffer<int> argmax = op.IntegerOutput("argmax", channels);
            GlobalMaxPool.Forward(op.Input("x", new Shape(1, 1, 3, channels), x), y, argmax);
            Assert.All(y.ToArray(), v => Assert.True(float.IsNaN(v)));
            Assert.All(argmax.ToArray()[..channels], winner => Assert.Equal(1, winner));
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_winner_outside_the_image_gets_nothing(string device)
    {
        using var op = new OpHarness(device);
        Tensor dy = op.Input("dy", Shape.Matrix(1, 3), [1, 2, 3]), dx = op.Output("dx", new Shape(1, 1, 2, 3));
        GlobalMaxPool.Backward(dy, op.Integers(-1, 2, 1), dx);
        Assert.Equal([0f, 0, 0, 0, 0, 3], dx.ToArray());
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Shape shape = s_cases["odd and unequal"];
        Tensor x = op.Output("x", shape), y = op.Output("y", Shape.Matrix(3, 11)), wrong = op.Output("wrong", Shape.Matrix(3, 10));
        DeviceBuffer<int> argmax = op.Integers(new int[33]), few = op.Integers(new int[32]);
        const string Wrong = "tensor 'wrong' is 3x1x1x10, expected 3x1x1x11";
        const string Few = "buffer 'argmax' has 32 elements, expected 33 for 3x1x1x11";
        Error(() => GlobalAveragePool.Forward(x, wrong), Wrong);
        Error(() => GlobalAveragePool.Backward(wrong, x), Wrong);
        Error(() => GlobalMaxPool.Forward(x, wrong, argmax), Wrong);
        Error(() => GlobalMaxPool.Forward(x, y, few), Few);
        Error(() => GlobalMaxPool.Backward(wrong, argmax, x), Wrong);
        Error(() => GlobalMaxPool.Backward(y, few, x), Few);

        static void Error(Action act, string message) => Assert.Equal(message, Assert.Throws<ArgumentException>(act).Message);
    }

    /// <summary>The pixels of every (image, channel), in the order of the pooled tensor.</summary>
    private static IEnumerable<float[]> Channels(Shape shape, float[] x) =>
        Enumerable.Range(0, shape.N * shape.C).Select(i =>
            Enumerable.Range(0, shape.Area).Select(p => x[((((i / shape.C) * shape.Area) + p) * shape.C) + (i % shape.C)]).ToArray());

    /// <summary>Which pooled element the input element <paramref name="i"/> belongs to.</summary>
    private static int Owner(Shape shape, int i) => (i / shape.C / shape.Area * shape.C) + (i % shape.C);
}
