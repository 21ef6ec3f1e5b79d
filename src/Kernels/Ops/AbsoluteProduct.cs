using ILGPU;
using ILGPU.Algorithms;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// What each element adds to a sum of products, whatever its sign: <c>y[i] = |a[i] * b[i]|</c>, or with one number per channel
/// <c>y[n, h, w, k] = |a[n, h, w, k] * b[k]|</c>.
/// </summary>
/// <remarks>Layouts: a, y <c>[N, H, W, K]</c>; b <c>[N, H, W, K]</c> or <c>[1, 1, 1, K]</c>.</remarks>
public static class AbsoluteProduct
{
    /// <summary>Writes <paramref name="y"/>; the shape of <paramref name="b"/> says which of the two it is.</summary>
    public static void Forward(Tensor a, Tensor b, Tensor y)
    {
        if (b.Shape != a.Shape)
        {
            b.Expect(Shape.Vector(a.Shape.C));
        }

        y.Expect(a.Shape);
        a.Device.Launch(y.Count, new AbsoluteProductKernel(a.View, b.View, y.View, b.Count));
    }
}

/// <summary>One thread, one element of y; b starts again every <c>period</c> elements.</summary>
internal readonly struct AbsoluteProductKernel(ArrayView<float> a, ArrayView<float> b, ArrayView<float> y, int period) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index) => y[index] = XMath.Abs(a[index] * b[index % period]);
}
