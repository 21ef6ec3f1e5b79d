using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class AveragePool2DTests
{
    [Theory]
    [MemberData(nameof(PoolCases.OnAllDevices), MemberType = typeof(PoolCases))]
    public void Forward_is_the_mean_of_what_counts(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get(name);
        float[] x = OpHarness.Random(g.X.Count, 1);
        Tensor input = op.Input("x", g.X, x), y = op.Output("y", g.Y);
        foreach (bool countPadding in new[] { false, true })
        {
            double[] expected = [.. PoolCases.Windows(g).Select(window =>
                window.Seen.Sum(i => (double)x[i]) / (countPadding ? window.Padded : window.Seen.Length))];
            float[] actual = OpHarness.RunTwice(y, () => AveragePool2D.Forward(input, y, g, countPadding));
            OpHarness.Close(expected, actual, 1e-6, $"y, padding {countPadding}");
        }
    }

    [Theory]
    [MemberData(nameof(PoolCases.OnAllDevices), MemberType = typeof(PoolCases))]
    public void Backward_gives_each_cell_its_share(string device, string name)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get(name);
        float[] x = OpHarness.Random(g.X.Count, 1), dy = OpHarness.Random(g.Y.Count, 2);
        Tensor dyTensor = op.Input("dy", g.Y, dy), dx = op.Output("dx", g.X), y = op.Output("y", g.Y);
        foreach (bool countPadding in new[] { false, true })
        {
            double[] expected = new double[g.X.Count];
            foreach (((int[] seen, int padded), float gradient) in PoolCases.Windows(g).Zip(dy))
            {
                Array.ForEach(seen, i => expected[i] += (double)gradient / (countPadding ? padded : seen.Length));
            }

            float[] actual = OpHarness.RunTwice(dx, () => AveragePool2D.Backward(dyTensor, dx, g, countPadding));
            OpHarness.Close(expected, actual, 1e-6, $"dx, padding {countPadding}");
            AveragePool2D.Forward(op.Input("x", g.X, x), y, g, countPadding);
            Assert.Equal(OpHarness.Dot(y.ToArray(), dy), OpHarness.Dot(x, actual), 1e-5 * g.Y.Count);
        }
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Padding_counts_or_not_and_what_rounding_up_adds_never_does(string device)
    {
        // The corner windows of a 4x4 image of ones: 1 pixel of 2x2 padded cells; and 1 pixel and its padding, cut off at 2x2 of 3x3.
        using var op = new OpHarness(device);
        var padded = Pool2DGeometry.Square(new Shape(1, 4, 4, 1), 2, 2, 1);
        var cut = new Pool2DGeometry(new Shape(1, 4, 4, 1), 3, 3, 3, 3, 0, 0, 1, 1, 1, 1, true);
        Tensor x = op.Input("x", padded.X, [.. Enumerable.Repeat(1f, 16)]), y = op.Output("y", padded.Y), yCut = op.Output("yCut", cut.Y);
        AveragePool2D.Forward(x, y, padded, countPadding: true);
        Assert.Equal([0.25f, 0.5f, 0.25f, 0.5f, 1, 0.5f, 0.25f, 0.5f, 0.25f], y.ToArray());
        AveragePool2D.Forward(x, y, padded, countPadding: false);
        Assert.All(y.ToArray(), v => Assert.Equal(1, v));
        AveragePool2D.Forward(x, yCut, cut, countPadding: true);
        Assert.Equal([1, 0.5f, 0.5f, 0.25f], yCut.ToArray());
        AveragePool2D.Forward(x, yCut, cut, countPadding: false);
        Assert.All(yCut.ToArray(), v => Assert.Equal(1, v));
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_agrees_with_finite_differences(string device)
    {
        using var op = new OpHarness(device);
        Pool2DGeometry g = PoolCases.Get("every side its own");
        float[] x = OpHarness.Random(g.X.Count, 1), dy = OpHarness.Random(g.Y.Count, 3);
        Tensor input = op.Input("x", g.X, x), y = op.Output("y", g.Y), dx = op.Output("dx", g.X);
        AveragePool2D.Backward(op.Input("dy", g.Y, dy), dx, g, countPadding: true);
        OpHarness.CloseToFiniteDifferences(x, Forward, dy, dx.ToArray());

        float[] Forward(float[] changed)
        {
            input.CopyFrom(changed);
            AveragePool2D.Forward(input, y, g, countPadding: true);
            return y.ToArray();
        }
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Pool2DGeometry g = PoolCases.Get("overlapping, padded");
        Tensor x = op.Output("x", g.X), y = op.Output("y", g.Y);
        Error(() => AveragePool2D.Forward(y, y, g, false), "tensor 'y' is 2x3x4x3, expected 2x5x8x3");
        Error(() => AveragePool2D.Forward(x, x, g, false), "tensor 'x' is 2x5x8x3, expected 2x3x4x3");
        Error(() => AveragePool2D.Backward(x, x, g, false), "tensor 'x' is 2x5x8x3, expected 2x3x4x3");
        Error(() => AveragePool2D.Backward(y, y, g, false), "tensor 'y' is 2x3x4x3, expected 2x5x8x3");

        static void Error(Action act, string message) => Assert.Equal(message, Assert.Throws<ArgumentException>(act).Message);
    }
}
