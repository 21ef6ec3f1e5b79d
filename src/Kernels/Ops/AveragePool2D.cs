using GpuCam.Kernels.Simd;
using ILGPU;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// Mean of each window, channel by channel: <c>y[n, oh, ow, c] = sum of x[n, ih, iw, c] / cells</c> over the window that
/// <see cref="Pool2DGeometry"/> describes. The cells are those on the input or, where padding counts, those on the input and on its
/// padding, which is zero; what ceil mode lets a window reach beyond both is never one (ONNX's and PyTorch's
/// <c>count_include_pad</c>). Backward <c>dx[n, ih, iw, c] = sum of dy[n, oh, ow, c] / cells</c> over the windows that see the pixel.
/// </summary>
public static class AveragePool2D
{
    /// <summary>Writes <paramref name="y"/>; <paramref name="countPadding"/> says whether padding counts.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Forward(Tensor x, Tensor y, Pool2DGeometry g, bool countPadding)
    {
        Shape yShape = g.Y;
        x.Expect(g.X);
        y.Expect(yShape);
        int padding = countPadding ? 1 : 0;
        if (HostAveragePool2D.TryForward(x, y, g, padding))
        {
            return;
        }

        x.Device.Launch(y.Count, new AveragePool2DKernel(x.View, y.View, g.Vertical, g.Horizontal, g.X.C, padding));
    }

    /// <summary>Writes <paramref name="dx"/>.</summary>
    /// <exception cref="GpuCamException">The geometry is impossible.</exception>
    public static void Backward(Tensor dy, Tensor dx, Pool2DGeometry g, bool countPadding)
    {
        dy.Expect(g.Y);
        dx.Expect(g.X);
        int padding = countPadding ? 1 : 0;
        if (HostAveragePool2D.TryBackward(dy, dx, g, padding))
        {
            return;
        }

        dy.Device.Launch(dx.Count, new AveragePool2DBackwardKernel(dy.View, dx.View, g.Vertical, g.Horizontal, g.X.C, padding));
    }
}

/// <summary>One thread, one element of y; sums line by line, because short sums round less than one long sum.</summary>
internal readonly struct AveragePool2DKernel(
    ArrayView<float> x, ArrayView<float> y, PoolAxis vertical, PoolAxis horizontal, int channels, int padding) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int outPixel = index / channels, c = index % channels;
        int line = outPixel / horizontal.Output, ow = outPixel % horizontal.Output;
        int n = line / vertical.Output, oh = line % vertical.Output;
        int ihEnd = vertical.End(oh), iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow);

        float sum = 0;
        for (int ih = vertical.First(oh); ih < ihEnd; ih += vertical.Dilation)
        {
            int row = ((n * vertical.Input) + ih) * horizontal.Input;
            float lineSum = 0;
            for (int iw = iwFirst; iw < iwEnd; iw += horizontal.Dilation)
            {
                lineSum += x[((row + iw) * channels) + c];
            }

            sum += lineSum;
        }

        y[index] = sum / (vertical.Cells(oh, padding) * horizontal.Cells(ow, padding));
    }
}

/// <summary>One thread, one element of dx: gathers from the windows that see it, so that overlapping windows need no atomics.</summary>
internal readonly struct AveragePool2DBackwardKernel(
    ArrayView<float> dy, ArrayView<float> dx, PoolAxis vertical, PoolAxis horizontal, int channels, int padding) : IKernel
{
    /// <inheritdoc/>
    public void Execute(int index)
    {
        int inPixel = index / channels, c = index % channels;
        int line = inPixel / horizontal.Input, iw = inPixel % horizontal.Input;
        int n = line / vertical.Input, ih = line % vertical.Input;
        int ohEnd = vertical.EndWindow(ih), owFirst = horizontal.FirstWindow(iw), owEnd = horizontal.EndWindow(iw);

        float sum = 0;
        for (int oh = vertical.FirstWindow(ih); oh < ohEnd; oh++)
        {
            if (!vertical.Sees(oh, ih))
            {
                continue;
            }

            int row = ((n * vertical.Output) + oh) * horizontal.Output, rows = vertical.Cells(oh, padding);
            for (int ow = owFirst; ow < owEnd; ow++)
            {
                if (horizontal.Sees(ow, iw))
                {
                    sum += dy[((row + ow) * channels) + c] / (rows * horizontal.Cells(ow, padding));
                }
            }
        }

        dx[index] = sum;
    }
}
