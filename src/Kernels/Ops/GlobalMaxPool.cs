using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Maximum of each channel over an image: <c>y[n, c] = max over h, w of x[n, h, w, c]</c>. x is NHWC, y is <c>[N, 1, 1, C]</c>;
/// the winner's pixel <c>h * W + w</c> is kept in <c>argmax</c>, laid out like y. The first pixel, row by row, wins a tie; a NaN
/// wins, so that it is noticed.
/// </summary>
public static class GlobalMaxPool
{
    /// <summary>Writes <paramref name="y"/> and <paramref name="argmax"/>.</summary>
    public static void Forward(Tensor x, Tensor y, DeviceBuffer<int> argmax)
    {
        y.Expect(Shape.Matrix(x.Shape.N, x.Shape.C));
        Argmax.Expect(argmax, y.Shape);
        if (HostGlobalPool.TryMax(x, y, argmax))
        {
            return;
        }

        if (x.Device.PrefersGroups)
        {
            x.Device.LaunchGroups(
                x.Shape.N * ColumnLanes.Groups(x.Shape.C, ColumnLanes.Columns),
                x.Device.Launches.ReductionGroup(int.MaxValue),
                new GlobalMaxPoolGroupKernel(x.View, y.View, argmax.View, x.Shape.Area, x.Shape.C));
            return;
        }

        x.Device.Launch(y.Count, new GlobalMaxPoolKernel(x.View, y.View, argmax.View, x.Shape));
    }

    /// <summary>Writes <paramref name="dx"/>: each dy goes to its channel's winner, every other pixel gets zero.</summary>
    public static void Backward(Tensor dy, DeviceBuffer<int> argmax, Tensor dx)
    {
        dy.Expect(Shape.Matrix(dx.Shape.N, dx.Shape.C));
        Argmax.Expect(argmax, dy.Shape);
        if (HostGlobalPool.TryMaxBackward(dy, argmax, dx))
        {
            return;
        }

        dy.Device.Launch(dx.Count, new GlobalMaxPoolBackwardKernel(dy.View, argmax.View, dx.View, dx.Shape));
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct GlobalMaxPoolKernel(ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, Shape shape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int n = index / shape.C, c = index % shape.C;
        int area = shape.H * shape.W;
        int at = (n * area * shape.C) + c;
        int winner = 0;
        float best = x[at];
        for (int pixel = 0; pixel < area; pixel++, at += shape.C)
        {
            float value = x[at];
            if (value > best || float.IsNaN(value))
            {
                best = value;
                winner = pixel;
            }
        }

        y[index] = best;
        argmax[index] = winner;
    }
}

/// <summary>One thread, one element of dx.</summary>
internal readonly struct GlobalMaxPoolBackwardKernel(ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, Shape shape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int c = index % shape.C, pixel = index / shape.C;
        int area = shape.H * shape.W;
        int at = (pixel / area * shape.C) + c;
        dx[index] = argmax[at] == pixel % area ? dy[at] : 0;
    }
}
