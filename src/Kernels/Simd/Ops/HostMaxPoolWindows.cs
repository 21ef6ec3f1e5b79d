using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Max-pooling of any geometry: lanes are channels (see <see cref="VectorDispatch.ForChannels"/>); an item is a line of y or,
/// backward, of dx, which gathers from the windows that see it. For each pixel what it looks at is listed once, then channel after channel
/// passes over the list. The results are the plain kernels', bit by bit.
/// </summary>
internal static unsafe class HostMaxPoolWindows
{
    private const int ListSlot = 0;

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
            int width = horizontal.Input, most = vertical.Size * horizontal.Size;
            float** cells = (float**)Scratch.Get(ListSlot, 3L * most);
            int* pixels = (int*)(cells + most);
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, ihFirst = vertical.First(oh), ihEnd = vertical.End(oh);
                float* image = x + ((long)(line / vertical.Output) * vertical.Input * width * channels);
                long at = (long)line * horizontal.Output * channels;
                for (int ow = 0; ow < horizontal.Output; ow++, at += channels)
                {
                    int iwFirst = horizontal.First(ow), iwEnd = horizontal.End(ow), count = 0;
                    for (int ih = ihFirst; ih < ihEnd; ih += vertical.Dilation)
                    {
                        for (int iw = iwFirst; iw < iwEnd; iw += horizontal.Dilation, count++)
                        {
                            pixels[count] = (ih * width) + iw;
                            cells[count] = image + ((long)pixels[count] * channels);
                        }
                    }

                    Window<TV>(cells, pixels, count, y + at, argmax + at, channels);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Window<TV>(float** cells, int* pixels, int count, float* value, int* winners, int channels)
            where TV : unmanaged, IVector<TV>
        {
            for (int next = 0; next < channels; next += 2 * TV.Lanes)
            {
                // The last vectors overlap their neighbours; where there is one alone, both are it.
                int c = Math.Max(0, Math.Min(next, channels - (2 * TV.Lanes))), d = Math.Min(c + TV.Lanes, channels - TV.Lanes);
                TV best = TV.Load(cells[0] + c), winner = TV.Code(pixels[0]), other = TV.Load(cells[0] + d), otherWinner = winner;
                for (int i = 1; i < count; i++)
                {
                    float* cell = cells[i];
                    TV code = TV.Code(pixels[i]);
                    TV.Challenge(TV.Load(cell + c), code, ref best, ref winner);
                    TV.Challenge(TV.Load(cell + d), code, ref other, ref otherWinner);
                }

                TV.Store(best, value + c);
                TV.Store(other, value + d);
                TV.Store(winner, (float*)(winners + c));
                TV.Store(otherWinner, (float*)(winners + d));
            }
        }
    }

    private readonly struct BackwardLoop(float* dy, int* argmax, float* dx, PoolAxis vertical, PoolAxis horizontal, int channels)
        : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int most = vertical.Size * horizontal.Size;
            long* windows = (long*)Scratch.Get(ListSlot, 2L * most);
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
                        for (int ow = owFirst; ow < owEnd; ow++)
                        {
                            if (vertical.Sees(oh, ih) && horizontal.Sees(ow, iw))
                            {
                                windows[count++] = (image + ((long)oh * horizontal.Output) + ow) * channels;
                            }
                        }
                    }

                    Gather<TV>(windows, count, (ih * horizontal.Input) + iw, target);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Gather<TV>(long* windows, int count, int pixel, float* target)
            where TV : unmanaged, IVector<TV>
        {
            float* gradient = dy, winners = (float*)argmax;
            TV here = TV.Code(pixel);
            for (int next = 0; next < channels; next += TV.Lanes)
            {
                int c = Math.Min(next, channels - TV.Lanes);
                TV sum = default;
                for (int i = 0; i < count; i++)
                {
                    long at = windows[i] + c;
                    sum += TV.WhereCode(TV.Load(winners + at), here, TV.Load(gradient + at));
                }

                TV.Store(sum, target + c);
            }
        }
    }
}
