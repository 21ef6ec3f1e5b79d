using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.SelfTests;
using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

public sealed unsafe class HostConv2DTests
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
        float[] x = OpHarness.Random(g.X.Count, 1), weight = OpHarness.Random(g.Weight.Count, 2);
        float[] bias = OpHarness.Random(g.OC, 3), dy = OpHarness.Random(g.Y.Count, 4);
        float[] y = GuardedTensors.Nan(g.Y.Count), dx = GuardedTensors.Nan(x.Length), dWeight = GuardedTensors.Nan(weight.Length);
        using var team = new HostThreads(3);
        fixed (float* xp = x, wp = weight, bp = bias, dyp = dy, yp = y, dxp = dx, dwp = dWeight)
        {
            HostConv2D.Forward(bits, team, xp, wp, bp, false, yp, g);
            HostConv2D.BackwardData(bits, team, dyp, wp, dxp, g);
            HostConv2D.BackwardWeight(bits, team, xp, dyp, dwp, g);
        }

        (double[] yd, double[] dxd, double[] dwd) = NaiveConv2D.Run(g, Array.ConvertAll(x, v => (double)v), weight, bias,
            Array.ConvertAll(dy, v => (double)v));
        OpHarness.Close(yd, y, Tolerance, "y");
        OpHarness.Close(dxd, dx, Tolerance, "dx");
        OpHarness.Close(dwd, dWeight, Tolerance, "dWeight");
    }

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Fused_relu_is_relu_afterwards(int bits, Conv2DGeometry g)
    {
        float[] x = OpHarness.Random(g.X.Count, 1), weight = OpHarness.Random(g.Weight.Count, 2);
        float[] y = GuardedTensors.Nan(g.Y.Count), positive = GuardedTensors.Nan(g.Y.Count);
        using var team = new HostThreads(2);
        fixed (float* xp = x, wp = weight, yp = y, pp = positive)
        {
            HostConv2D.Forward(bits, team, xp, wp, null, false, yp, g);
            HostConv2D.Forward(bits, team, xp, wp, null, true, pp, g);
        }

        Assert.Equal(Array.ConvertAll(y, v => MathF.Max(v, 0)), positive);
    }
}
