using GpuCam.Kernels.Simd;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Copies a box: <c>y[to + i] = x[from + i]</c> for every place i of a box of some size; all else of y stays as it is. One call per input
/// concatenates along any axis; the backward pass of that is <see cref="Slice.Forward"/>.
/// </summary>
public static class CopyRegion
{
    private static readonly Shape s_dense = new(1, 1, 1, 1);

    /// <summary>Writes the box of <paramref name="y"/>, which must not overlap that of <paramref name="x"/>.</summary>
    /// <param name="x">Where to read.</param>
    /// <param name="y">Where to write.</param>
    /// <param name="from">The box's first place in x.</param>
    /// <param name="size">The box's extents.</param>
    /// <param name="to">Its first place in y.</param>
    public static void Forward(Tensor x, Tensor y, Shape from, Shape size, Shape to)
    {
        Expect(x, from, size);
        Expect(y, to, size);
        var box = new BoxCopy(size, x.Shape, from, s_dense, y.Shape, to, s_dense);
        if (!HostBoxCopy.TryCopy(x, y, box))
        {
            x.Device.Launch(size.Count, new BoxCopyKernel(x.View, y.View, box));
        }
    }

    private static void Expect(Tensor tensor, Shape at, Shape size)
    {
        Shape all = tensor.Shape;
        if (!Fits(all.N, at.N, size.N) || !Fits(all.H, at.H, size.H) || !Fits(all.W, at.W, size.W) || !Fits(all.C, at.C, size.C))
        {
            throw new ArgumentException($"a box of {size} at {at} does not lie within tensor '{tensor.Name}' {all}");
        }

        static bool Fits(int extent, int start, int length) => start >= 0 && length >= 0 && start <= extent - length;
    }
}
