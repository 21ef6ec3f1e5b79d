using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Takes every so many elements on each axis, <c>y[i] = x[start + step * i]</c> for every place i of y; backward
/// <c>dx[start + step * i] = dy[i]</c>, zero where nothing was taken.
/// </summary>
/// <remarks>start and step are shapes: an offset ≥ 0 and a distance ≥ 1 on each axis. Layouts: any four extents.</remarks>
public static class Slice
{
    private static readonly Shape s_origin = new(0, 0, 0, 0), s_dense = new(1, 1, 1, 1);

    /// <summary>Writes <paramref name="y"/>.</summary>
    public static void Forward(Tensor x, Tensor y, Shape start, Shape step)
    {
        Expect(x, y, start, step);
        var box = new BoxCopy(y.Shape, x.Shape, start, step, y.Shape, s_origin, s_dense);
        if (!HostBoxCopy.TryCopy(x, y, box))
        {
            x.Device.Launch(y.Count, new BoxCopyKernel(x.View, y.View, box));
        }
    }

    /// <summary>Writes all of <paramref name="dx"/>.</summary>
    public static void Backward(Tensor dy, Tensor dx, Shape start, Shape step)
    {
        Expect(dx, dy, start, step);
        var box = new BoxCopy(dy.Shape, dy.Shape, s_origin, s_dense, dx.Shape, start, step);
        if (!HostBoxCopy.TrySpread(dy, dx, box))
        {
            dx.Device.Launch(dx.Count, new SliceBackwardKernel(dy.View, dx.View, dy.Shape, dx.Shape, start, step));
        }
    }

    private static void Expect(Tensor whole, Tensor part, Shape start, Shape step)
    {
        Shape all = whole.Shape, some = part.Shape;
        if (!Fits(all.N, some.N, start.N, step.N) || !Fits(all.H, some.H, start.H, step.H)
            || !Fits(all.W, some.W, start.W, step.W) || !Fits(all.C, some.C, start.C, step.C))
        {
            throw new ArgumentException(
                $"tensor '{part.Name}' {some} from {start} on in steps of {step} does not lie within tensor '{whole.Name}' {all}");
        }

        static bool Fits(int extent, int count, int start, int step) =>
            start >= 0 && step >= 1 && (count == 0 || start + ((count - 1L) * step) < extent);
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct SliceBackwardKernel(
    ArrayView<float> dy, ArrayView<float> dx, Shape part, Shape whole, Shape start, Shape step) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int row = index / whole.C, plane = row / whole.W;
        int c = (index % whole.C) - start.C, w = (row % whole.W) - start.W;
        int h = (plane % whole.H) - start.H, n = (plane / whole.H) - start.N;
        bool taken = Taken(c, step.C, part.C) && Taken(w, step.W, part.W) && Taken(h, step.H, part.H) && Taken(n, step.N, part.N);
        int source = (((((n / step.N) * part.H) + (h / step.H)) * part.W) + (w / step.W)) * part.C + (c / step.C);
        dx[index] = taken ? dy[taken ? source : 0] : 0;
    }

    private static bool Taken(int offset, int step, int count) => offset >= 0 && offset % step == 0 && offset / step < count;
}
