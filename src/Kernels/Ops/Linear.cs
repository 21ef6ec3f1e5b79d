using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Fully connected layer, <c>y[n, o] = sum_i x[n, i] * weight[i, o] + bias[o]</c>. Its gradients are
/// <c>dx[n, i] = sum_o dy[n, o] * weight[i, o]</c>, <c>dWeight[i, o] = sum_n x[n, i] * dy[n, o]</c> and
/// <c>dBias[o] = sum_n dy[n, o]</c>; all sums run in index order.
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
            x.Device.Launch(y.Count, new LinearKernel(
                x.View, weight.View, (bias ?? weight).View, bias is null ? 0 : 1, y.View, weight.Shape.N, weight.Shape.C));
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

        dx.Device.Launch(dx.Count, new LinearBackwardDataKernel(dy.View, weight.View, dx.View, weight.Shape.N, weight.Shape.C));
    }

    /// <summary>Writes <paramref name="dWeight"/>, summed over the batch.</summary>
    public static void BackwardWeight(Tensor x, Tensor dy, Tensor dWeight)
    {
        CheckShapes(x, dWeight, dy);
        if (HostLinear.TryBackwardWeight(x, dy, dWeight))
        {
            return;
        }

        x.Device.Launch(dWeight.Count, new LinearBackwardWeightKernel(
            x.View, dy.View, dWeight.View, x.Shape.N, dWeight.Shape.N, dWeight.Shape.C));
    }

    /// <summary>Writes <paramref name="dBias"/>, summed over the batch.</summary>
    public static void BackwardBias(Tensor dy, Tensor dBias)
    {
        dy.Expect(Shape.Matrix(dy.Shape.N, dy.Shape.C));
        dBias.Expect(Shape.Vector(dy.Shape.C));
        ColumnSum.Bias(dy, dBias, dBias.Count, new LinearBackwardBiasKernel(dy.View, dBias.View, dy.Shape.N, dy.Shape.C));
    }

    private static void CheckShapes(Tensor x, Tensor weight, Tensor y)
    {
        weight.Expect(Shape.Matrix(weight.Shape.N, weight.Shape.C));
        x.Expect(Shape.Matrix(x.Shape.N, weight.Shape.N));
        y.Expect(Shape.Matrix(x.Shape.N, weight.Shape.C));
    }
}

/// <summary>One thread, one element of y.</summary>
public readonly struct LinearKernel(
    ArrayView<float> x, ArrayView<float> weight, ArrayView<float> bias, int hasBias, ArrayView<float> y, int inputs, int outputs) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / outputs;
        int o = index % outputs;
        float sum = 0;
        for (int i = 0; i < inputs; i++)
        {
            sum += x[(n * inputs) + i] * weight[(i * outputs) + o];
        }

        if (hasBias != 0)
        {
            sum += bias[o];
        }

        y[index] = sum;
    }
}

/// <summary>One thread, one element of dx.</summary>
public readonly struct LinearBackwardDataKernel(
    ArrayView<float> dy, ArrayView<float> weight, ArrayView<float> dx, int inputs, int outputs) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / inputs;
        int i = index % inputs;
        float sum = 0;
        for (int o = 0; o < outputs; o++)
        {
            sum += dy[(n * outputs) + o] * weight[(i * outputs) + o];
        }

        dx[index] = sum;
    }
}

/// <summary>One thread, one element of dWeight.</summary>
public readonly struct LinearBackwardWeightKernel(
    ArrayView<float> x, ArrayView<float> dy, ArrayView<float> dWeight, int batch, int inputs, int outputs) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int i = index / outputs;
        int o = index % outputs;
        float sum = 0;
        for (int n = 0; n < batch; n++)
        {
            sum += x[(n * inputs) + i] * dy[(n * outputs) + o];
        }

        dWeight[index] = sum;
    }
}

/// <summary>One thread, one element of dBias.</summary>
public readonly struct LinearBackwardBiasKernel(ArrayView<float> dy, ArrayView<float> dBias, int batch, int outputs) : IKernel
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
