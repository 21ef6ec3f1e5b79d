using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Products of as many pairs of matrices: <c>y[i] = a[i] * b[i]</c>, each factor as it lies or turned. Its gradients are such products
/// too, of dy and the other factor:
/// <code>
/// a as it lies:  da [m, k] = dy * turned b        a turned:  da [k, m] = b * turned dy
/// b as it lies:  db [k, n] = turned a * dy        b turned:  db [n, k] = turned dy * a
/// </code>
/// where "turned b" of a b that was turned already is b as it lies, and so for a.
/// </summary>
/// <remarks>
/// Layouts, dense and row after row: a <c>[batches, m, k]</c>, turned <c>[batches, k, m]</c>; b <c>[batches, k, n]</c>, turned
/// <c>[batches, n, k]</c>; y <c>[batches, m, n]</c>. The shapes of the tensors do not matter, only their elements.
/// </remarks>
public static class BatchedMatMul
{
    /// <summary>Writes <paramref name="y"/>; sums run in the order of k.</summary>
    /// <param name="a">Left factors.</param>
    /// <param name="b">Right factors.</param>
    /// <param name="y">Products.</param>
    /// <param name="batches">How many.</param>
    /// <param name="m">Rows of a product.</param>
    /// <param name="k">Columns of a left factor, rows of a right one.</param>
    /// <param name="n">Columns of a product.</param>
    /// <param name="transposeA">Whether the left factors lie turned.</param>
    /// <param name="transposeB">Whether the right factors lie turned.</param>
    public static void Forward(
        Tensor a, Tensor b, Tensor y, int batches, int m, int k, int n, bool transposeA, bool transposeB)
    {
        Expect(a, batches, transposeA ? k : m, transposeA ? m : k);
        Expect(b, batches, transposeB ? n : k, transposeB ? k : n);
        Expect(y, batches, m, n);
        if (HostMatMul.TryForward(a, b, y, batches, m, k, n, transposeA, transposeB))
        {
            return;
        }

        var result = new ProductResult(y, n, n, 0, m * n, 0);
        MatrixProduct.Launch(new MatrixFactors(a, b, batches, m, k, n, transposeA, transposeB), y, new ProductEpilogue(result, a));
    }

    private static void Expect(Tensor tensor, int batches, int rows, int columns)
    {
        if (tensor.Count != (long)batches * rows * columns)
        {
            throw new ArgumentException(
                $"tensor '{tensor.Name}' {tensor.Shape} has {tensor.Count} elements, expected {batches} matrices of {rows}x{columns}");
        }
    }
}

/// <summary>One thread, one element of y; the factors have a step per row and per column.</summary>
internal readonly struct BatchedMatMulKernel(ProductFactors factors, ProductEpilogue epilogue) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        ProductFactors f = factors;
        int column = index % f.N, line = index / f.N, batch = line / f.M;
        int atA = (batch * f.M * f.K) + (line % f.M * f.RowA), atB = (batch * f.K * f.N) + (column * f.ColumnB);
        float sum = 0;
        for (int i = 0; i < f.K; i++, atA += f.DepthA, atB += f.DepthB)
        {
            sum += f.A[atA] * f.B[atB];
        }

        epilogue.Store(batch, line - (batch * f.M), column, sum);
    }
}
