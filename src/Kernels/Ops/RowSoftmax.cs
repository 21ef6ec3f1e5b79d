using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// <see cref="Softmax"/> of every run of <c>length</c> neighbouring elements, the last axis or the last few, or its logarithm
/// <c>y[i] = x[i] - m - log(sum_j exp(x[j] - m))</c>, <c>m = max_j x[j]</c>, with the gradient
/// <c>dx[i] = dy[i] - exp(y[i]) * sum_j dy[j]</c>.
/// </summary>
/// <remarks>All tensors have one shape, of whole runs.</remarks>
public static class RowSoftmax
{
    /// <summary>Writes <paramref name="y"/>, which may be <paramref name="x"/>.</summary>
    public static void Forward(Tensor x, Tensor y, int length, bool log)
    {
        y.Expect(x.Shape);
        int rows = LayerNormalization.RowsOf(x, length);
        if (log)
        {
            x.Device.Launch(rows, new LogSoftmaxKernel(x.View, y.View, length));
            return;
        }

        var matrix = Shape.Matrix(rows, length);
        Softmax.Forward(x.Reshape(matrix), y.Reshape(matrix));
    }

    /// <summary>Writes <paramref name="dx"/> from the forward result; <paramref name="dx"/> may be <paramref name="dy"/>.</summary>
    public static void Backward(Tensor y, Tensor dy, Tensor dx, int length, bool log)
    {
        dy.Expect(y.Shape);
        dx.Expect(y.Shape);
        int rows = LayerNormalization.RowsOf(y, length);
        if (log)
        {
            dx.Device.Launch(rows, new LogSoftmaxBackwardKernel(y.View, dy.View, dx.View, length));
            return;
        }

        var matrix = Shape.Matrix(rows, length);
        Softmax.Backward(y.Reshape(matrix), dy.Reshape(matrix), dx.Reshape(matrix));
    }
}

/// <summary>One thread, one run of y.</summary>
internal readonly struct LogSoftmaxKernel(ArrayView<float> x, ArrayView<float> y, int length) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * length;
        float max = x[start], sum = 0;
        for (int i = start + 1; i < start + length; i++)
        {
            max = x[i] > max ? x[i] : max;
        }

        for (int i = start; i < start + length; i++)
        {
            sum += XMath.Exp(x[i] - max);
        }

        float log = XMath.Log(sum);
        for (int i = start; i < start + length; i++)
        {
            y[i] = x[i] - max - log;
        }
    }
}

/// <summary>One thread, one run of dx.</summary>
internal readonly struct LogSoftmaxBackwardKernel(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx, int length) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int start = index * length;
        float sum = 0;
        for (int i = start; i < start + length; i++)
        {
            sum += dy[i];
        }

        for (int i = start; i < start + length; i++)
        {
            dx[i] = dy[i] - (XMath.Exp(y[i]) * sum);
        }
    }
}
