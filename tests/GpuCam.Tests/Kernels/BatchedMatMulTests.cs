using GpuCam.Kernels;
using GpuCam.Kernels.Ops;

namespace GpuCam.Tests.Kernels;

/// <summary>Products of matrices as they lie or turned, against loops in double, and their gradients by the dot product.</summary>
public class BatchedMatMulTests
{
    /// <summary>Batches, rows, depth and columns.</summary>
    private static readonly (int Batches, int M, int K, int N)[] s_sizes =
        [(1, 1, 1, 1), (3, 7, 11, 5), (2, 6, 3, 64), (1, 13, 35, 97), (2, 1, 67, 33), (1, 271, 2, 9), (5, 5, 17, 32)];

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Products_are_sums_over_the_depth(string device) => ForEachProduct(device, (op, s, turnA, turnB) =>
    {
        float[] a = OpHarness.Random(s.Batches * s.M * s.K, 1), b = OpHarness.Random(s.Batches * s.K * s.N, 2);
        double[] expected = new double[s.Batches * s.M * s.N];
        for (int i = 0; i < expected.Length; i++)
        {
            int batch = i / s.N / s.M, row = i / s.N % s.M, column = i % s.N;
            for (int k = 0; k < s.K; k++)
            {
                double left = a[(batch * s.M * s.K) + (turnA ? (k * s.M) + row : (row * s.K) + k)];
                expected[i] += left * b[(batch * s.K * s.N) + (turnB ? (column * s.K) + k : (k * s.N) + column)];
            }
        }

        Tensor left2 = Tensor(op, "a", a), right = Tensor(op, "b", b), y = op.Output("y", Shape.Vector(expected.Length));
        float[] got = OpHarness.RunTwice(
            y, () => BatchedMatMul.Forward(left2, right, y, s.Batches, s.M, s.K, s.N, turnA, turnB));
        OpHarness.Close(expected, got, 2e-6);
    });

    [Theory]
    [MemberData(nameof(TestDevices.All), MemberType = typeof(TestDevices))]
    public void Gradients_are_products_of_the_other_factor(string device) => ForEachProduct(device, (op, s, turnA, turnB) =>
    {
        float[] a = OpHarness.Random(s.Batches * s.M * s.K, 1), b = OpHarness.Random(s.Batches * s.K * s.N, 2),
            dy = OpHarness.Random(s.Batches * s.M * s.N, 3);
        Tensor left = Tensor(op, "a", a), right = Tensor(op, "b", b), gradient = Tensor(op, "dy", dy),
            y = op.Output("y", gradient.Shape), da = op.Output("da", left.Shape), db = op.Output("db", right.Shape);
        BatchedMatMul.Forward(left, right, y, s.Batches, s.M, s.K, s.N, turnA, turnB);
        if (turnA)
        {
            BatchedMatMul.Forward(right, gradient, da, s.Batches, s.K, s.N, s.M, turnB, true);
        }
        else
        {
            BatchedMatMul.Forward(gradient, right, da, s.Batches, s.M, s.N, s.K, false, !turnB);
        }

        if (turnB)
        {
            BatchedMatMul.Forward(gradient, left, db, s.Batches, s.N, s.M, s.K, true, turnA);
        }
        else
        {
            BatchedMatMul.Forward(left, gradient, db, s.Batches, s.K, s.M, s.N, !turnA, false);
        }

        double product = OpHarness.Dot(y.ToArray(), dy);
        Assert.Equal(product, OpHarness.Dot(a, da.ToArray()), 1e-4 * Math.Max(1, Math.Abs(product)));
        Assert.Equal(product, OpHarness.Dot(b, db.ToArray()), 1e-4 * Math.Max(1, Math.Abs(product)));
    });

    [Fact]
    public void A_wrong_size_names_the_tensor()
    {
        using var op = new OpHarness("plain");
        Tensor a = op.Output("a", Shape.Matrix(2, 3)), b = op.Output("b", Shape.Matrix(3, 5));
        Assert.Equal(
            "tensor 'b' 3x1x1x5 has 15 elements, expected 1 matrices of 3x4",
            Assert.Throws<ArgumentException>(() => BatchedMatMul.Forward(a, b, a, 1, 2, 3, 4, false, false)).Message);
    }

    private static Tensor Tensor(OpHarness op, string name, float[] values) => op.Input(name, Shape.Vector(values.Length), values);

    private static void ForEachProduct(string device, Action<OpHarness, (int Batches, int M, int K, int N), bool, bool> test)
    {
        using var op = new OpHarness(device);
        foreach ((int Batches, int M, int K, int N) size in s_sizes)
        {
            foreach (bool turnA in (bool[])[false, true])
            {
                test(op, size, turnA, false);
                test(op, size, turnA, true);
            }
        }
    }
}
