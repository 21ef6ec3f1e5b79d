using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

public class ReluTests
{
    private static readonly Shape s_shape = new(2, 3, 5, 7);

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Forward_keeps_what_is_positive(string device)
    {
        using var op = new OpHarness(device);
        float[] x = OpHarness.Random(s_shape.Count, 1);
        Tensor y = op.Output("y", s_shape);
        Relu.Forward(op.Input("x", s_shape, x), y);
        OpHarness.Close([.. x.Select(v => Math.Max(0.0, v))], y.ToArray(), 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Backward_is_the_derivative(string device)
    {
        using var op = new OpHarness(device);
        float[] y = OpHarness.Random(s_shape.Count, 2);
        float[] dy = OpHarness.Random(s_shape.Count, 3);
        Tensor dx = op.Output("dx", s_shape);
        Relu.Backward(op.Input("y", s_shape, y), op.Input("dy", s_shape, dy), dx);
        OpHarness.Close([.. dy.Select((v, i) => y[i] > 0 ? (double)v : 0)], dx.ToArray(), 0);
    }

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void A_NaN_stays_one_and_passes_no_gradient(string device)
    {
        using var op = new OpHarness(device);
        float[] nan = [.. Enumerable.Repeat(float.NaN, s_shape.Count)];
        Tensor y = op.Output("y", s_shape), dx = op.Output("dx", s_shape);
        Relu.Forward(op.Input("x", s_shape, nan), y);
        Relu.Backward(y, op.Input("dy", s_shape, OpHarness.Random(s_shape.Count, 4)), dx);
        Assert.All(y.ToArray(), v => Assert.True(float.IsNaN(v)));
        Assert.All(dx.ToArray(), v => Assert.Equal(0, v));
    }

    [Fact]
    public void A_wrong_shape_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor x = op.Output("x", s_shape);
        Tensor y = op.Output("y", s_shape.WithC(8));
        ArgumentException error = Assert.Throws<ArgumentException>(() => Relu.Forward(x, y));
        Assert.Equal("tensor 'y' is 2x3x5x8, expected 2x3x5x7", error.Message);
    }
}
