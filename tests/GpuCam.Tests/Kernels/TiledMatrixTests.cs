using GpuCam.Kernels;
using GpuCam.Kernels.Ops;
using GpuCam.Tests.Kernels.Groups;

namespace GpuCam.Tests.Kernels;

/// <summary>
/// Products of matrices on tiles, whatever their size: as they lie and turned, several in one launch, with all that may follow a sum, whole
/// and in parts of their depth.
/// </summary>
public class TiledMatrixTests
{
    private const double Tolerance = 1e-5;

    /// <summary>Parts of a sum; batches, rows, depth and columns: more than a tile, less than one, in fours and not.</summary>
    public static TheoryData<int, int, int, int, int> Sizes => new()
    {
        { 1, 3, 21, 37, 11 }, { 3, 3, 21, 37, 11 }, { 1, 1, 70, 36, 44 }, { 3, 2, 16, 72, 40 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Batches_of_products_are_sums_over_the_depth(int splits, int batches, int m, int k, int n)
    {
        foreach ((bool turnA, bool turnB) in ((bool, bool)[])[(false, false), (false, true), (true, false), (true, true)])
        {
            using OpHarness op = Harness(splits);
            float[] a = OpHarness.Random(batches * m * k, 1), b = OpHarness.Random(batches * k * n, 2);
            double[] expected = new double[batches * m * n];
            for (int i = 0; i < expected.Length; i++)
            {
                int batch = i / n / m, row = i / n % m, column = i % n;
                for (int depth = 0; depth < k; depth++)
                {
                    double left = a[(batch * m * k) + (turnA ? (depth * m) + row : (row * k) + depth)];
                    expected[i] += left * b[(batch * k * n) + (turnB ? (column * k) + depth : (depth * n) + column)];
                }
            }

            Tensor left2 = op.Input("a", Shape.Vector(a.Length), a), right = op.Input("b", Shape.Vector(b.Length), b);
            Tensor y = op.Output("y", Shape.Vector(expected.Length));
            float[] got = OpHarness.RunTwice(y, () => BatchedMatMul.Forward(left2, right, y, batches, m, k, n, turnA, turnB));
            OpHarness.Close(expected, got, Tolerance, $"{turnA}, {turnB}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void A_linear_layer_ends_in_whatever_may_follow(int splits)
    {
        const int Rows = 19, Inputs = 34, Outputs = 23;
        using OpHarness op = Harness(splits);
        float[] x = OpHarness.Random(Rows * Inputs, 1), weight = OpHarness.Random(Inputs * Outputs, 2);
        float[] bias = OpHarness.Random(Outputs, 3), other = OpHarness.Random(Rows * Outputs, 4);
        Tensor input = op.Input("x", Shape.Matrix(Rows, Inputs), x), factor = op.Input("weight", Shape.Matrix(Inputs, Outputs), weight);
        Tensor added = op.Input("bias", Shape.Vector(Outputs), bias), residual = op.Input("residual", Shape.Matrix(Rows, Outputs), other);
        Tensor y = op.Output("y", residual.Shape);
        double[] sums = new double[Rows * Outputs];
        for (int i = 0; i < sums.Length; i++)
        {
            sums[i] = bias[i % Outputs] + (double)other[i];
            for (int k = 0; k < Inputs; k++)
            {
                sums[i] += (double)x[(i / Outputs * Inputs) + k] * weight[(k * Outputs) + (i % Outputs)];
            }
        }

        // Of numbers below 0 there is no root; near 0 a reciprocal is as far away as rounding says.
        foreach (UnaryFunction f in Enum.GetValues<UnaryFunction>().Except(
            [UnaryFunction.Sqrt, UnaryFunction.Log, UnaryFunction.Reciprocal]))
        {
            float alpha = f == UnaryFunction.Power ? 3 : 0.5f;
            float[] got = OpHarness.RunTwice(
                y, () => Linear.Forward(input, factor, added, y, Activation.Of(f, alpha, 2), residual));
            OpHarness.Close([.. sums.Select(sum => UnaryReference.Value(f, sum, alpha, 2))], got, Tolerance, $"{f}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Colours_get_a_fourth_channel_that_adds_nothing(int splits)
    {
        var g = Conv2DGeometry.Create(new Shape(2, 11, 9, 3), 5, 12, stride: 2, padding: 2);
        using OpHarness op = Harness(splits);
        float[] x = OpHarness.Random(g.X.Count, 1), weight = OpHarness.Random(g.Weight.Count, 2), bias = OpHarness.Random(g.OC, 3);
        Tensor image = op.Input("x", g.X, x), taps = op.Input("weight", g.Weight, weight), y = op.Output("y", g.Y);
        Tensor added = op.Input("bias", Shape.Vector(g.OC), bias);
        float[] got = OpHarness.RunTwice(y, () => Conv2D.Forward(image, taps, added, y, g, Activation.Relu));
        OpHarness.Close(Conv2DCases.Forward(g, x, weight, bias, true), got, Tolerance);
    }

    private static OpHarness Harness(int splits) => new(new GroupHostDevice(
        new LaunchTable { LeastTiledWork = 0, PadsChannels = true }.WithAll(new LaunchRow(1, TileSize.Small, splits))));
}
