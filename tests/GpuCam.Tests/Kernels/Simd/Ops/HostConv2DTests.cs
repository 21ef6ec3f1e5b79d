using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels.Simd;

public sealed class HostConv2DTests
{
    private const double Tolerance = 5e-6;

    public static TheoryData<int, Conv2DGeometry> Geometries => SimdWidths.With(
        Conv2DGeometry.Same(new Shape(3, 9, 7, 1), 5, 32),
        Conv2DGeometry.Same(new Shape(2, 11, 13, 3), 3, 10),
        Conv2DGeometry.Same(new Shape(1, 10, 9, 32), 5, 64),
        Conv2DGeometry.Create(new Shape(2, 5, 6, 40), 1, 33),
        Conv2DGeometry.Create(new Shape(1, 8, 9, 4), 3, 16, stride: 2, padding: 2),
        new Conv2DGeometry(new Shape(2, 12, 9, 5), 3, 2, 70, 2, 3, 1, 0, 2, 1, 1, 2),
        new Conv2DGeometry(new Shape(1, 7, 8, 2), 3, 3, 5, 1, 1, 4, 5, 3, 4, 1, 1));

    [Theory]
    [MemberData(nameof(Geometries))]
    public void All_three_products_equal_the_sums_in_double(int bits, Conv2DGeometry g)
    {
        using var host = new HostDevice(Backend.Simd, 3, bits);
        using Tensor x = Random(host, g.X, 1), weight = Random(host, g.Weight, 2), bias = Random(host, Shape.Vector(g.OC), 3);
        using Tensor dy = Random(host, g.Y, 4), y = new(host, "y", g.Y), dx = new(host, "dx", g.X);
        using var dWeight = new Tensor(host, "dWeight", g.Weight);
        Conv2D.Forward(x, weight, bias, y, g);
        Conv2D.BackwardData(dy, weight, dx, g);
        Conv2D.BackwardWeight(x, dy, dWeight, g);
        (double[] yd, double[] dxd, double[] dwd) = NaiveConv2D.Run(
            g, Array.ConvertAll(x.ToArray(), v => (double)v), weight.ToArray(), bias.ToArray(),
            Array.ConvertAll(dy.ToArray(), v => (double)v));
        OpHarness.Close(yd, y.ToArray(), Tolerance, "y");
        OpHarness.Close(dxd, dx.ToArray(), Tolerance, "dx");
        OpHarness.Close(dwd, dWeight.ToArray(), Tolerance, "dWeight");
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Fused_relu_is_relu_afterwards(int bits, Conv2DGeometry g)
    {
        using var host = new HostDevice(Backend.Simd, 2, bits);
        using Tensor x = Random(host, g.X, 1), weight = Random(host, g.Weight, 2), y = new(host, "y", g.Y), positive = new(host, "y", g.Y);
        Conv2D.Forward(x, weight, null, y, g);
        Conv2D.Forward(x, weight, null, positive, g, Activation.Relu);
        Assert.Equal(Array.ConvertAll(y.ToArray(), v => MathF.Max(v, 0)), positive.ToArray());
    }

    private static Tensor Random(HostDevice host, Shape shape, int seed)
    {
        var tensor = new Tensor(host, "random", shape);
        tensor.CopyFrom(OpHarness.Random(shape.Count, seed));
        return tensor;
    }
}
