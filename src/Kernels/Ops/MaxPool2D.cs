using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Maximum of each window, channel by channel: <c>y[n, oh, ow, c] = max of x[n, ih, iw, c]</c> over the window that
/// <see cref="Pool2DGeometry"/> describes. The winner's pixel <c>ih * W + iw</c> is kept in <c>argmax</c>, laid out like y; the
/// first pixel, row by row, wins a tie. A NaN in the window wins, so that it is noticed.
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

        x.Device.Launch(y.Count, new MaxPool2DKernel(x.View, y.View, argmax.View, g, yShape));
    }

    /// <summary>Writes <paramref name="dx"/>: each dy goes to its window's winner, every other pixel gets zero.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Backward(Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Pool2DGeometry g)
    {
        Shape yShape = g.Y;
        dy.Expect(yShape);
        dx.Expect(g.X);
        Argmax.Expect(argmax, yShape);
        if (HostMaxPool2D.TryBackward(dy, argmax, dx, g))
        {
            return;
        }

        dy.Device.Launch(dx.Count, new MaxPool2DBackwardKernel(dy.View, argmax.View, dx.View, g, yShape));
    }
}

/// <summary>One thread, one element of y.</summary>
public readonly struct MaxPool2DKernel(
    ArrayView<float> x, ArrayView<float> y, ArrayView<int> argmax, Pool2DGeometry g, Shape yShape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int channels = g.X.C;
        int outPixel = index / channels, c = index % channels;
        int line = outPixel / yShape.W, ow = outPixel % yShape.W;
        int n = line / yShape.H, oh = line % yShape.H;
        int top = (oh * g.Stride) - g.Padding, left = (ow * g.Stride) - g.Padding;
        int ihFirst = Math.Max(0, top), ihEnd = Math.Min(g.X.H, top + g.Size);
        int iwFirst = Math.Max(0, left), iwEnd = Math.Min(g.X.W, left + g.Size);
        int image = n * g.X.H * g.X.W;

        int winner = (ihFirst * g.X.W) + iwFirst;
        float best = x[((image + winner) * channels) + c];
        for (int ih = ihFirst; ih < ihEnd; ih++)
        {
            for (int iw = iwFirst; iw < iwEnd; iw++)
            {
                int pixel = (ih * g.X.W) + iw;
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

/// <summary>One thread, one element of dx: looks at the windows that cover it, so that overlapping windows need no atomics.</summary>
public readonly struct MaxPool2DBackwardKernel(
    ArrayView<float> dy, ArrayView<int> argmax, ArrayView<float> dx, Pool2DGeometry g, Shape yShape) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int channels = g.X.C;
        int inPixel = index / channels, c = index % channels;
        int line = inPixel / g.X.W, iw = inPixel % g.X.W;
        int n = line / g.X.H, ih = line % g.X.H;
        int pixel = (ih * g.X.W) + iw;
        int ohFirst = First(ih), ohEnd = Math.Min(yShape.H, ((ih + g.Padding) / g.Stride) + 1);
        int owFirst = First(iw), owEnd = Math.Min(yShape.W, ((iw + g.Padding) / g.Stride) + 1);

        float sum = 0;
        for (int oh = ohFirst; oh < ohEnd; oh++)
        {
            for (int ow = owFirst; ow < owEnd; ow++)
            {
                int at = (((((n * yShape.H) + oh) * yShape.W) + ow) * channels) + c;
                if (argmax[at] == pixel)
                {
                    sum += dy[at];
                }
            }
        }

        dx[index] = sum;
    }

    /// <summary>The first window that reaches as far as row or column <paramref name="i"/>.</summary>
    private int First(int i) => Math.Max(0, i + g.Padding - g.Size + g.Stride) / g.Stride;
}
