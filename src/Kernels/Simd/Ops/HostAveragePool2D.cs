using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="AveragePool2D"/>: lanes are channels (see <see cref="VectorDispatch.ForChannels"/>); an item is a line of y
/// or, backward, of dx, which gathers from the windows that see it. For each pixel what it looks at is listed once, then channel after
/// channel passes over the list.
/// </summary>
internal static unsafe class HostAveragePool2D
{
    private const int ListSlot = 0;

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
            float** cells = (float**)Scratch.Get(ListSlot, 2L * vertical.Size * horizontal.Size);
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, ihFirst = vertical.First(oh), ihEnd = vertical.End(oh);
                float* image = x + ((long)(line / vertical.Output) * vertical.Input * horizontal.Input * channels);
                float* target = y + ((long)line * horizontal.Output * channels);
                for (int ow = 0; ow < horizontal.Output; ow++, target += channels)
                {
                    int iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow), count = 0;
                    for (int ih = ihFirst; ih < ihEnd; ih += vertical.Dilation)
                    {
                        for (int iw = iwFirst; iw < iwEnd; iw += horizontal.Dilation)
                        {
                            cells[count++] = image + ((((long)ih * horizontal.Input) + iw) * channels);
                        }
                    }

                    Window<TV>(cells, count, 1f / (vertical.Cells(oh, padding) * horizontal.Cells(ow, padding)), target, channels);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Window<TV>(float** cells, int count, float share, float* target, int channels)
            where TV : unmanaged, IVector<TV>
        {
            TV factor = TV.Broadcast(share);
            for (int next = 0; next < channels; next += 2 * TV.Lanes)
            {
                // The last vectors overlap their neighbours; where there is one alone, both are it.
                int c = Math.Max(0, Math.Min(next, channels - (2 * TV.Lanes))), d = Math.Min(c + TV.Lanes, channels - TV.Lanes);
                TV sum = default, other = default;
                for (int i = 0; i < count; i++)
                {
                    sum += TV.Load(cells[i] + c);
                    other += TV.Load(cells[i] + d);
                }

                TV.Store(sum * factor, target + c);
                TV.Store(other * factor, target + d);
            }
        }
    }

    private readonly struct BackwardLoop(float* dy, float* dx, PoolAxis vertical, PoolAxis horizontal, int channels, int padding)
        : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int most = vertical.Size * horizontal.Size;
            float** windows = (float**)Scratch.Get(ListSlot, 3L * most);
            float* shares = (float*)(windows + most);
            for (int line = start; line < end; line++)
            {
                int ih = line % vertical.Input, ohFirst = vertical.FirstWindow(ih), ohEnd = vertical.EndWindow(ih);
                long image = (long)(line / vertical.Input) * vertical.Output * horizontal.Output;
                float* target = dx + ((long)line * horizontal.Input * channels);
                for (int iw = 0; iw < horizontal.Input; iw++, target += channels)
                {
                    int owFirst = horizontal.FirstWindow(iw), owEnd = horizontal.EndWindow(iw), count = 0;
                    for (int oh = ohFirst; oh < ohEnd; oh++)
                    {
                        int rows = vertical.Cells(oh, padding);
                        for (int ow = owFirst; ow < owEnd; ow++)
                        {
                            if (vertical.Sees(oh, ih) && horizontal.Sees(ow, iw))
                            {
                                shares[count] = 1f / (rows * horizontal.Cells(ow, padding));
                                windows[count++] = dy + ((image + ((long)oh * horizontal.Output) + ow) * channels);
                            }
                        }
                    }

                    Gather<TV>(windows, shares, count, target);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gather<TV>(float** windows, float* shares, int count, float* target)
            where TV : unmanaged, IVector<TV>
        {
            for (int next = 0; next < channels; next += TV.Lanes)
            {
                int c = Math.Min(next, channels - TV.Lanes);
                TV sum = default;
                for (int i = 0; i < count; i++)
                {
                    TV.AddProduct(TV.Load(windows[i] + c), TV.Broadcast(shares[i]), ref sum);
                }

                TV.Store(sum, target + c);
            }
        }
    }
}
