using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Rectified linear unit, element by element: <c>y = max(x, 0)</c>; backward <c>dx = y &gt; 0 ? dy : 0</c>.
/// All tensors have one shape. A NaN stays one, so that it is noticed.
/// </summary>
public static class Relu
{
    /// <summary>Writes <paramref name="y"/>. <paramref name="x"/> and <paramref name="y"/> may be the same tensor.</summary>
    public static void Forward(Tensor x, Tensor y)
    {
        y.Expect(x.Shape);
        if (HostRelu.TryForward(x, y))
        {
            return;
        }

        x.Device.Launch(x.Count, new ReluKernel(x.View, y.View));
    }

    /// <summary>
    /// Writes <paramref name="dx"/> from the forward result <paramref name="y"/>; <paramref name="dx"/> may be <paramref name="dy"/>.
    /// </summary>
    public static void Backward(Tensor y, Tensor dy, Tensor dx)
    {
        dy.Expect(y.Shape);
        dx.Expect(y.Shape);
        if (HostRelu.TryBackward(y, dy, dx))
        {
            return;
        }

        y.Device.Launch(y.Count, new ReluBackwardKernel(y.View, dy.View, dx.View));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct ReluKernel(ArrayView<float> x, ArrayView<float> y) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => y[index] = x[index] <= 0 ? 0 : x[index];
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct ReluBackwardKernel(ArrayView<float> y, ArrayView<float> dy, ArrayView<float> dx) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => dx[index] = y[index] > 0 ? dy[index] : 0;
}
