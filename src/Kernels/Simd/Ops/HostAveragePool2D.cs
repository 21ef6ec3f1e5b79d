using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="AveragePool2D"/>: lanes are channels (see <see cref="VectorDispatch.ForChannels"/>); an item is a line of y
/// or, backward, of dx, which gathers from the windows that see it. The results are the plain kernels', bit by bit.
/// </summary>
internal static unsafe class HostAveragePool2D
{
    /// <summary>Computes y if its device is a vectorised host and there are channels for a vector.</summary>
    public static bool TryForward(Tensor x, Tensor y, Pool2DGeometry g, int padding) =>
        y.Device is HostDevice { Vectorized: true } host && VectorDispatch.ForChannels(
            host, g.X.C, y.Shape.N * y.Shape.H, (long)y.Count * g.KH * g.KW,
            new ForwardLoop(x.HostPointer, y.HostPointer, g.Vertical, g.Horizontal, g.X.C, padding));

    /// <summary>Computes dx if its device is a vectorised host and there are channels for a vector.</summary>
    public static bool TryBackward(Tensor dy, Tensor dx, Pool2DGeometry g, int padding) =>
        dx.Device is HostDevice { Vectorized: true } host && VectorDispatch.ForChannels(
            host, g.X.C, g.X.N * g.X.H, (long)dy.Count * g.KH * g.KW,
            new BackwardLoop(dy.HostPointer, dx.HostPointer, g.Vertical, g.Horizontal, g.X.C, padding));

    private readonly struct ForwardLoop(float* x, float* y, PoolAxis vertical, PoolAxis horizontal, int channels, int padding) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, ihFirst = vertical.First(oh), ihEnd = vertical.End(oh);
                float* image = x + ((long)(line / vertical.Output) * vertical.Input * horizontal.Input * channels);
                float* target = y + ((long)line * horizontal.Output * channels);
                for (int ow = 0; ow < horizontal.Output; ow++, target += channels)
                {
                    int iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow);
                    float cells = vertical.Cells(oh, padding) * horizontal.Cells(ow, padding);
                    for (int next = 0; next < channels; next += TV.Lanes)
                    {
                        int c = Math.Min(next, channels - TV.Lanes);
                        Window<TV>(image + c, ihFirst, ihEnd, iwFirst, iwEnd, cells, target + c);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Window<TV>(float* image, int ihFirst, int ihEnd, int iwFirst, int iwEnd, float cells, float* target)
            where TV : unmanaged, IVector<TV>
        {
            int stepH = vertical.Dilation, stepW = horizontal.Dilation;
            long step = (long)stepW * channels;
            TV sum = default;
            for (int ih = ihFirst; ih < ihEnd; ih += stepH)
            {
                float* cell = image + ((((long)ih * horizontal.Input) + iwFirst) * channels);
                TV lineSum = default;
                for (int iw = iwFirst; iw < iwEnd; iw += stepW, cell += step)
                {
                    lineSum += TV.Load(cell);
                }

                sum += lineSum;
            }

            TV.Store(sum / TV.Broadcast(cells), target);
        }
    }

    private readonly struct BackwardLoop(float* dy, float* dx, PoolAxis vertical, PoolAxis horizontal, int channels, int padding)
        : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int line = start; line < end; line++)
            {
                int ih = line % vertical.Input, ohEnd = vertical.EndWindow(ih);
                float* target = dx + ((long)line * horizontal.Input * channels);
                new Span<float>(target, horizontal.Input * channels).Clear();
                for (int oh = vertical.FirstWindow(ih); oh < ohEnd; oh++)
                {
                    if (vertical.Sees(oh, ih))
                    {
                        long row = (((long)(line / vertical.Input) * vertical.Output) + oh) * horizontal.Output;
                        AddLine<TV>(dy + (row * channels), vertical.Cells(oh, padding), target);
                    }
                }
            }
        }

        /// <summary>What a line of windows gives to the line of dx at target; they share <paramref name="rows"/> rows of cells.</summary>
        private void AddLine<TV>(float* source, int rows, float* target)
            where TV : unmanaged, IVector<TV>
        {
            for (int iw = 0; iw < horizontal.Input; iw++)
            {
                int owEnd = horizontal.EndWindow(iw);
                for (int ow = horizontal.FirstWindow(iw); ow < owEnd; ow++)
                {
                    if (horizontal.Sees(ow, iw))
                    {
                        Add<TV>(source + ((long)ow * channels), rows * horizontal.Cells(ow, padding), target + ((long)iw * channels));
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Add<TV>(float* source, float cells, float* target)
            where TV : unmanaged, IVector<TV>
        {
            TV divisor = TV.Broadcast(cells);
            int c = 0;
            for (; c <= channels - TV.Lanes; c += TV.Lanes)
            {
                TV.Store(TV.Load(target + c) + (TV.Load(source + c) / divisor), target + c);
            }

            for (; c < channels; c++)
            {
                target[c] += source[c] / cells;
            }
        }
    }
}
