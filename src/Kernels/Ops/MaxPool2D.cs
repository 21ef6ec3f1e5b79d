using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Maximum of each window, channel by channel: <c>y[n, oh, ow, c] = max of x[n, ih, iw, c]</c> over the window that
/// <see cref="Pool2DGeometry"/> describes. The winner's pixel <c>ih * W + iw</c> is kept in <c>argmax</c>, laid out like y; the
/// first pixel, row by row, wins a tie. A NaN in the window wins, so that it is noticed. Padding never wins.
/// </summary>
public static class MaxPool2D
{
    /// <summary>Writes <paramref name="y"/> and <paramref name="argmax"/>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Forward(Tensor x, Tensor y, DeviceBuffer<int> argmax, Pool2DGeometry g)
    {
        Shape yShape = g.Y;
        x.Expect(g.X);
        y.Expect(yShape);
        Argmax.Expect(argmax, yShape);
        if (HostMaxPool2D.TryForward(x, y, argmax, g))
        {
            return;
        }

        x.Device.Launch(y.Count, new MaxPool2DKernel(x.View, y.View, argmax.View, g.Vertical, g.Horizontal, g.X.C));
    }

    /// <summary>Writes <paramref name="dx"/>: each dy goes to its window's winner, every other pixel gets zero.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Backward(Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Pool2DGeometry g)
    {
        Expect(dy, argmax, dx, g);
        if (HostMaxPool2D.TryBackward(dy, argmax, dx, g))
        {
            return;
        }

        LaunchBackward(dy, dy, argmax, dx, g, 0);
    }

    /// <summary>
    /// The gradient through a pool, the <see cref="Relu"/> before it and a bias before that, whose gradient <paramref name="dBias"/> is
    /// the sum of <paramref name="dx"/> over images and pixels. A winner that the ReLU has made zero sends nothing back.
    /// </summary>
    /// <param name="y">What the pool made.</param>
    /// <param name="dy">Its gradient.</param>
    /// <param name="argmax">The winners.</param>
    /// <param name="dx">Gradient of what went into the ReLU.</param>
    /// <param name="dBias">A vector of the channels, or null.</param>
    /// <param name="g">The pool's windows.</param>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void BackwardRelu(Tensor y, Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Tensor? dBias, Pool2DGeometry g)
    {
        Expect(dy, argmax, dx, g);
        y.Expect(dy.Shape);
        dBias?.Expect(Shape.Vector(g.X.C));
        IDevice device = dy.Device;
        if (dBias is null || !device.PrefersGroups || !AreCells(g, y, dy, dx))
        {
            LaunchBackward(y, dy, argmax, dx, g, 1);
            if (dBias is not null)
            {
                Conv2D.BackwardBias(dx, dBias);
            }

            return;
        }

        var cells = new PoolCells(y.View, dy.View, argmax.View, dx.View, g.X, 1);
        int tiles = PoolCellsGroupKernel.Tiles(cells.Words), wanted = device.Launches.ReductionParts(cells.Count, tiles);
        int perPart = (cells.Count + wanted - 1) / wanted, parts = (cells.Count + perPart - 1) / perPart;
        ArrayView<float> sums = device.Scratch(checked(parts * g.X.C)).View;
        device.LaunchGroups(
            parts * tiles, device.Launches.ReductionGroup(int.MaxValue), new PoolCellsGroupKernel(cells, sums, perPart));
        ColumnSum.AddUp(device, sums, dBias.View, g.X.C, parts);
    }

    private static void LaunchBackward(Tensor y, Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Pool2DGeometry g, int rectified)
    {
        if (AreCells(g, y, dy, dx))
        {
            var cells = new PoolCells(y.View, dy.View, argmax.View, dx.View, g.X, rectified);
            dy.Device.Launch(cells.Count * cells.Words, new PoolCellsKernel(cells));
            return;
        }

        dy.Device.Launch(dx.Count, new MaxPool2DBackwardKernel(
            y.View, dy.View, argmax.View, dx.View, g.Vertical, g.Horizontal, g.X.C, rectified));
    }

    private static bool AreCells(Pool2DGeometry g, Tensor y, Tensor dy, Tensor dx) => g.Halves && Quads.Fit(g.X.C, y, dy, dx);

    private static void Expect(Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Pool2DGeometry g)
    {
        Shape yShape = g.Y;
        dy.Expect(yShape);
        dx.Expect(g.X);
        Argmax.Expect(argmax, yShape);
    }
}

/// <summary>One thread, one element of y.</summary>
internal readonly struct MaxPool2DKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, PoolAxis vertical, PoolAxis horizontal, int channels) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int outPixel = index / channels, c = index % channels;
        int line = outPixel / horizontal.Output, ow = outPixel % horizontal.Output;
        int n = line / vertical.Output, oh = line % vertical.Output;
        int ihFirst = vertical.First(oh), ihEnd = vertical.End(oh);
        int iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow);
        int width = horizontal.Input, image = n * vertical.Input * width;

        int winner = (ihFirst * width) + iwFirst;
        float best = x[((image + winner) * channels) + c];
        for (int ih = ihFirst; ih < ihEnd; ih += vertical.Dilation)
        {
            for (int iw = iwFirst; iw < iwEnd; iw += horizontal.Dilation)
            {
                int pixel = (ih * width) + iw;
                float value = x[((image + pixel) * channels) + c];
                if (value > best || float.IsNaN(value))
                {
                    best = value;
                    winner = pixel;
                }
            }
        }

        y[index] = best;
        argmax[index] = winner;
    }
}

/// <summary>
/// One thread, one element of dx: looks at the windows that cover it, so that overlapping windows need no atomics. With
/// <paramref name="rectified"/> 1 a window whose <paramref name="y"/> is zero sends nothing.
/// </summary>
internal readonly struct MaxPool2DBackwardKernel(
    ArrayView<float> y, ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, PoolAxis vertical, PoolAxis horizontal,
    int channels, int rectified) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int inPixel = index / channels, c = index % channels;
        int line = inPixel / horizontal.Input, iw = inPixel % horizontal.Input;
        int n = line / vertical.Input, ih = line % vertical.Input;
        int pixel = (ih * horizontal.Input) + iw;
        int ohEnd = vertical.EndWindow(ih), owFirst = horizontal.FirstWindow(iw), owEnd = horizontal.EndWindow(iw);

        float sum = 0;
        for (int oh = vertical.FirstWindow(ih); oh < ohEnd; oh++)
        {
            for (int ow = owFirst; ow < owEnd; ow++)
            {
                int at = (((((n * vertical.Output) + oh) * horizontal.Output) + ow) * channels) + c;
                if (argmax[at] == pixel && (rectified == 0 || y[at] > 0))
                {
                    sum += dy[at];
                }
            }
        }

        dx[index] = sum;
    }
}
