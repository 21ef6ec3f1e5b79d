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
    /// <summary>
    /// Writes <paramref name="y"/>, with <paramref name="activation"/> of each sum; without <paramref name="bias"/> nothing is added.
    /// </summary>
    public static void Forward(Tensor x, Tensor weight, Tensor? bias, Tensor y, Activation activation = default)
    {
        CheckShapes(x, weight, y);
        bias?.Expect(Shape.Vector(weight.Shape.C));
        bool done = HostLinear.TryForward(x, weight, bias, y, activation.IsRelu);
        if (!done)
        {
            int inputs = weight.Shape.N, outputs = weight.Shape.C;
            Launch(y, new ProductFactors(
                x.View, weight.View, (bias ?? weight).View, bias is null ? 0 : 1, x.Shape.N, inputs, outputs, inputs, 1, outputs, 1));
        }

        if (!done || !activation.IsRelu)
        {
            activation.Forward(y, y);
        }
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    public static void BackwardData(Tensor dy, Tensor weight, Tensor dx)
    {
        CheckShapes(dx, weight, dy);
        if (HostLinear.TryBackwardData(dy, weight, dx))
        {
            return;
        }

        int inputs = weight.Shape.N, outputs = weight.Shape.C;
        Launch(dx, new ProductFactors(
            dy.View, weight.View, weight.View, 0, dx.Shape.N, outputs, inputs, outputs, 1, 1, outputs));
    }

    /// <summary>Writes <paramref name="dWeight"/>, summed over the batch.</summary>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight)
    {
        CheckShapes(x, dWeight, dy);
        if (HostLinear.TryBackwardWeight(x, dy, dWeight))
        {
            return;
        }

        int inputs = dWeight.Shape.N, outputs = dWeight.Shape.C;
        Launch(dWeight, new ProductFactors(
            x.View, dy.View, dy.View, 0, inputs, x.Shape.N, outputs, 1, inputs, outputs, 1));
    }

    /// <summary>Writes <paramref name="dBias"/>, summed over the batch.</summary>
    public static void BackwardBias(Tensor dy, Tensor dBias)
    {
        dy.Expect(Shape.Matrix(dy.Shape.N, dy.Shape.C));
        dBias.Expect(Shape.Vector(dy.Shape.C));
        ColumnSum.Bias(dy, dBias, dBias.Count, new LinearBackwardBiasKernel(dy.View, dBias.View, dy.Shape.N, dy.Shape.C));
    }

    private static void Launch(Tensor y, ProductFactors factors)
    {
        if (!ProductGroup.TryLaunch(y.Device, factors, y.View, 1))
        {
            y.Device.Launch(y.Count, new BatchedMatMulKernel(factors, y.View));
        }
    }

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
