using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Max-pooling of any geometry: lanes are channels (see <see cref="VectorDispatch.ForChannels"/>); an item is a line of y or,
/// backward, of dx, which gathers from the windows that see it. The results are the plain kernels', bit by bit.
/// </summary>
internal static unsafe class HostMaxPoolWindows
{
    /// <summary>Computes y and argmax if there are channels for a vector.</summary>
    public static bool TryForward(HostDevice host, float* x, float* y, int* argmax, Pool2DGeometry g) =>
        VectorDispatch.ForChannels(host, g.X.C, g.Y.N * g.Y.H, Work(g), new ForwardLoop(x, y, argmax, g.Vertical, g.Horizontal, g.X.C));

    /// <summary>Computes dx if there are channels for a vector.</summary>
    public static bool TryBackward(HostDevice host, float* dy, int* argmax, float* dx, Pool2DGeometry g) =>
        VectorDispatch.ForChannels(host, g.X.C, g.X.N * g.X.H, Work(g), new BackwardLoop(dy, argmax, dx, g.Vertical, g.Horizontal, g.X.C));

    private static long Work(Pool2DGeometry g) => (long)g.Y.Count * g.KH * g.KW;

    private readonly struct ForwardLoop(float* x, float* y, int* argmax, PoolAxis vertical, PoolAxis horizontal, int channels) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int width = horizontal.Input;
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, ihFirst = vertical.First(oh), ihEnd = vertical.End(oh);
                float* image = x + ((long)(line / vertical.Output) * vertical.Input * width * channels);
                long at = (long)line * horizontal.Output * channels;
                for (int ow = 0; ow < horizontal.Output; ow++, at += channels)
                {
                    int iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow);
                    for (int next = 0; next < channels; next += TV.Lanes)
                    {
                        int c = Math.Min(next, channels - TV.Lanes);
                        Window<TV>(image + c, ihFirst, ihEnd, iwFirst, iwEnd, y + at + c, argmax + at + c);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Window<TV>(float* image, int ihFirst, int ihEnd, int iwFirst, int iwEnd, float* value, int* winners)
            where TV : unmanaged, IVector<TV>
        {
            int width = horizontal.Input, stepH = vertical.Dilation, stepW = horizontal.Dilation;
            long step = (long)stepW * channels;
            int pixel = (ihFirst * width) + iwFirst;
            TV best = TV.Load(image + ((long)pixel * channels)), winner = TV.Code(pixel);
            for (int ih = ihFirst; ih < ihEnd; ih += stepH)
            {
                pixel = (ih * width) + iwFirst;
                float* cell = image + ((long)pixel * channels);
                for (int iw = iwFirst; iw < iwEnd; iw += stepW, pixel += stepW, cell += step)
                {
                    TV challenger = TV.Load(cell);
                    winner = TV.SelectGreaterOrNaN(challenger, best, TV.Code(pixel), winner);
                    best = TV.SelectGreaterOrNaN(challenger, best, challenger, best);
                }
            }

            TV.Store(best, value);
            TV.Store(winner, (float*)winners);
        }
    }

    private readonly struct BackwardLoop(float* dy, int* argmax, float* dx, PoolAxis vertical, PoolAxis horizontal, int channels)
        : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int line = start; line < end; line++)
            {
                int ih = line % vertical.Input, ohFirst = vertical.FirstWindow(ih), ohEnd = vertical.EndWindow(ih);
                long image = (long)(line / vertical.Input) * vertical.Output * horizontal.Output * channels;
                float* target = dx + ((long)line * horizontal.Input * channels);
                for (int iw = 0; iw < horizontal.Input; iw++, target += channels)
                {
                    int owFirst = horizontal.FirstWindow(iw), owEnd = horizontal.EndWindow(iw);
                    for (int next = 0; next < channels; next += TV.Lanes)
                    {
                        int c = Math.Min(next, channels - TV.Lanes);
                        Gather<TV>(image + c, ohFirst, ohEnd, owFirst, owEnd, (ih * horizontal.Input) + iw, target + c);
                    }
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gather<TV>(long image, int ohFirst, int ohEnd, int owFirst, int owEnd, int pixel, float* target)
            where TV : unmanaged, IVector<TV>
        {
            TV sum = default, here = TV.Code(pixel);
            for (int oh = ohFirst; oh < ohEnd; oh++)
            {
                long at = image + ((((long)oh * horizontal.Output) + owFirst) * channels);
                for (int ow = owFirst; ow < owEnd; ow++, at += channels)
                {
                    sum += TV.WhereCode(TV.Load((float*)(argmax + at)), here, TV.Load(dy + at));
                }
            }

            TV.Store(sum, target);
        }
    }
}
