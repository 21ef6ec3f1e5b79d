using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Kernels.Simd;

namespace GpuCam.Tests.Kernels.Simd;

public sealed unsafe class Winograd3x3Tests
{
    private const double Tolerance = 5e-6;

    public static TheoryData<int, Conv2DGeometry> Geometries => SimdWidths.With(
        Conv2DGeometry.Same(new Shape(2, 8, 8, 16), 3, 32),
        Conv2DGeometry.Same(new Shape(3, 7, 7, 64), 3, 100),
        Conv2DGeometry.Same(new Shape(1, 13, 6, 19), 3, 17),
        Conv2DGeometry.Create(new Shape(1, 5, 9, 24), 3, 40, padding: 2),
        Conv2DGeometry.Create(new Shape(2, 3, 4, 33), 3, 16),
        new Conv2DGeometry(new Shape(1, 20, 33, 16), 3, 3, 48, 1, 1, 0, 2, 1, 0, 1, 1),
        Conv2DGeometry.Same(new Shape(5, 23, 22, 20), 3, 24),
        new Conv2DGeometry(new Shape(2, 11, 5, 40), 3, 3, 20, 1, 1, 2, 0, 0, 2, 1, 1));

    [Theory]
    [MemberData(nameof(Geometries))]
    public void Both_tiles_give_the_sums_in_double(int bits, Conv2DGeometry g) => VectorDispatch.Run(bits, new Case(bits, g));

    [Fact]
    public void The_rule_wants_large_tiles_for_large_images_and_none_where_the_weight_is_all_that_counts()
    {
        Assert.Equal(4, WinogradRule.Tile(1, 56, 56, 64, 64));
        Assert.Equal(2, WinogradRule.Tile(1, 14, 14, 256, 256));
        Assert.Equal(0, WinogradRule.Tile(1, 4, 4, 1024, 1024));
    }

    private readonly struct Case(int bits, Conv2DGeometry g) : IVectorJob
    {
        public void Run<TV>()
            where TV : unmanaged, IVector<TV>
        {
            Check<TV, WinogradTwo>();
            Check<TV, WinogradFour>();
            CheckGradient<TV>();
        }

        private void Check<TV, TForm>()
            where TV : unmanaged, IVector<TV>
            where TForm : struct, IWinogradForm
        {
            Conv2DGeometry geometry = g;
            var host = new HostDevice(Backend.Simd, 3, bits);
            using var op = new OpHarness(host);
            Tensor x = Random(op, g.X, 1), weight = Random(op, g.Weight, 2), bias = Random(op, Shape.Vector(g.OC), 3);
            Tensor dy = Random(op, g.Y, 4), y = op.Output("y", g.Y), dx = op.Output("dx", g.X);
            (double[] yd, double[] dxd, _) = NaiveConv2D.Run(
                g, Array.ConvertAll(x.ToArray(), v => (double)v), weight.ToArray(), bias.ToArray(),
                Array.ConvertAll(dy.ToArray(), v => (double)v));
            var epilogue = new HostEpilogue(bias.HostPointer, null, 0, default);
            float[] made = OpHarness.RunTwice(y, () => Winograd3x3.Forward<TV, TForm>(
                host, x.HostPointer, weight, geometry, epilogue, y.HostPointer, geometry.OC));
            OpHarness.Close(yd, made, Tolerance, "y");
            made = OpHarness.RunTwice(
                dx, () => Winograd3x3.BackwardData<TV, TForm>(host, dy.HostPointer, weight, dx.HostPointer, geometry));
            OpHarness.Close(dxd, made, Tolerance, "dx");
        }

        private void CheckGradient<TV>()
            where TV : unmanaged, IVector<TV>
        {
            Conv2DGeometry geometry = g;
            var host = new HostDevice(Backend.Simd, 3, bits);
            using var op = new OpHarness(host);
            Tensor x = Random(op, g.X, 1), dy = Random(op, g.Y, 4), dWeight = op.Output("dWeight", g.Weight);
            (_, _, double[] expected) = NaiveConv2D.Run(
                g, Array.ConvertAll(x.ToArray(), v => (double)v), new float[g.Weight.Count], new float[g.OC],
                Array.ConvertAll(dy.ToArray(), v => (double)v));
            float[] made = OpHarness.RunTwice(dWeight, () => WinogradGradient.Run<TV>(
                host.Threads, x.HostPointer, dy.HostPointer, dWeight.HostPointer, geometry));
            OpHarness.Close(expected, made, Tolerance, "dWeight");
        }

        private static Tensor Random(OpHarness op, Shape shape, int seed) =>
            op.Input("random", shape, OpHarness.Random(shape.Count, seed));
    }
}
