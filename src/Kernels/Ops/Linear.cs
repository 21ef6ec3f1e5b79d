using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Fully connected layer, <c>y[n, o] = sum_i x[n, i] * weight[i, o] + bias[o]</c>. Its gradients are
/// <c>dx[n, i] = sum_o dy[n, o] * weight[i, o]</c>, <c>dWeight[i, o] = sum_n x[n, i] * dy[n, o]</c> and
/// <c>dBias[o] = sum_n dy[n, o]</c>; sums run in index order, or, by groups, in one that the group's size alone decides.
/// </summary>
/// <remarks>Layouts: x, dx <c>[N, in]</c>; y, dy <c>[N, out]</c>; weight, dWeight <c>[in, out]</c>; bias, dBias <c>[out]</c>.</remarks>
public static class Linear
{
    /// <summary>Writes <paramref name="y"/>: <c>y = f(x * weight + bias + residual)</c>.</summary>
    /// <param name="x">Rows of features.</param>
    /// <param name="weight">The weight.</param>
    /// <param name="bias">What every row gets, or null.</param>
    /// <param name="y">Result.</param>
    /// <param name="activation">f.</param>
    /// <param name="residual">What else is added, of the result's shape; null for nothing, and not <paramref name="y"/>.</param>
    public static void Forward(
        Tensor x, Tensor weight, Tensor? bias, Tensor y, Activation activation = default, Tensor? residual = null)
    {
        CheckShapes(x, weight, y);
        int outputs = weight.Shape.C;
        bias?.Expect(Shape.Vector(outputs));
        residual?.Expect(y.Shape);
        if (HostLinear.TryForward(x, weight, bias, y, activation.IsRelu && residual is null))
        {
            if (residual is not null)
            {
                Binary.Forward(BinaryFunction.Add, y, residual, y);
            }

            if (residual is not null || !activation.IsRelu)
            {
                activation.Forward(y, y);
            }

            return;
        }

        var epilogue = new ProductEpilogue(new ProductResult(y, outputs), weight, bias, residual, activation, outputs, 0);
        MatrixProduct.Launch(new MatrixFactors(x, weight, 1, x.Shape.N, weight.Shape.N, outputs, false, false), y, epilogue);
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    public static void BackwardData(Tensor dy, Tensor weight, Tensor dx)
    {
        CheckShapes(dx, weight, dy);
        if (HostLinear.TryBackwardData(dy, weight, dx))
        {
            return;
        }

        Launch(dx, new MatrixFactors(dy, weight, 1, dx.Shape.N, weight.Shape.C, weight.Shape.N, false, true));
    }

    /// <summary>Writes <paramref name="dWeight"/>, summed over the batch.</summary>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight)
    {
        CheckShapes(x, dWeight, dy);
        if (HostLinear.TryBackwardWeight(x, dy, dWeight))
        {
            return;
        }

        Launch(dWeight, new MatrixFactors(x, dy, 1, dWeight.Shape.N, x.Shape.N, dWeight.Shape.C, true, false));
    }

    /// <summary>Writes <paramref name="dBias"/>, summed over the batch.</summary>
    public static void BackwardBias(Tensor dy, Tensor dBias)
    {
        dy.Expect(Shape.Matrix(dy.Shape.N, dy.Shape.C));
        dBias.Expect(Shape.Vector(dy.Shape.C));
        ColumnSum.Bias(dy, dBias, dBias.Count, new LinearBackwardBiasKernel(dy.View, dBias.View, dy.Shape.N, dy.Shape.C));
    }

    private static void Launch(Tensor y, MatrixFactors factors) =>
        MatrixProduct.Launch(factors, y, new ProductEpilogue(new ProductResult(y, factors.N), factors.A));

    private static void CheckShapes(Tensor x, Tensor weight, Tensor y)
    {
        weight.Expect(Shape.Matrix(weight.Shape.N, weight.Shape.C));
        x.Expect(Shape.Matrix(x.Shape.N, weight.Shape.N));
        y.Expect(Shape.Matrix(x.Shape.N, weight.Shape.C));
    }
}

/// <summary>One thread, one element of dBias.</summary>
internal readonly struct LinearBackwardBiasKernel(ArrayView<float> dy, ArrayView<float> dBias, int batch, int outputs) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        float sum = 0;
        for (int n = 0; n < batch; n++)
        {
            sum += dy[(n * outputs) + index];
        }

        dBias[index] = sum;
    }
}
