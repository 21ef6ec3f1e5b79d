using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="MaxPool2D"/>: lanes are channels, one item is a line of windows. Here is what windows of 2x2 that do
/// not overlap need; all others are <see cref="HostMaxPoolWindows"/>'s.
/// </summary>
internal static unsafe class HostMaxPool2D
{
    /// <summary>Computes y and argmax if the device is a vectorised host and the number of channels one for it.</summary>
    public static bool TryForward(Tensor x, Tensor y, DeviceBuffer<int> argmax, Pool2DGeometry g)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (!g.Halves)
        {
            return HostMaxPoolWindows.TryForward(host, x.HostPointer, y.HostPointer, argmax.HostPointer(), g);
        }

        VectorDispatch.For(host, g.X.N * (g.X.H / 2), x.Count + (2L * y.Count), new ForwardLoop(
            x.HostPointer, y.HostPointer, argmax.HostPointer(), g.X));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host and the number of channels one for it.</summary>
    public static bool TryBackward(Tensor dy, DeviceBuffer<int> argmax, Tensor dx, Pool2DGeometry g)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (!g.Halves)
        {
            return HostMaxPoolWindows.TryBackward(host, dy.HostPointer, argmax.HostPointer(), dx.HostPointer, g);
        }

        VectorDispatch.For(host, g.X.N * ((g.X.H + 1) / 2), dx.Count + (2L * dy.Count), new BackwardLoop(
            dy.HostPointer, argmax.HostPointer(), dx.HostPointer, g.X));
        return true;
    }

    private readonly struct ForwardLoop(float* x, float* y, int* argmax, Shape shape) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C, width = shape.W, windows = width / 2, lines = shape.H / 2;
            for (int line = start; line < end; line++)
            {
                int ih = 2 * (line % lines);
                float* top = x + ((((long)(line / lines) * shape.H) + ih) * width * channels);
                float* value = y + ((long)line * windows * channels);
                int* winner = argmax + ((long)line * windows * channels);
                for (int ow = 0; ow < windows; ow++, top += 2 * channels, value += channels, winner += channels)
                {
                    Window<TV>(top, top + ((long)width * channels), channels, (ih * width) + (2 * ow), width, value, winner);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Window<TV>(float* top, float* bottom, int channels, int pixel, int width, float* y, int* argmax)
            where TV : unmanaged, IVector<TV>
        {
            int c = 0;
            TV first = TV.Code(pixel), second = TV.Code(pixel + 1), third = TV.Code(pixel + width), fourth = TV.Code(pixel + width + 1);
            for (; c <= channels - TV.Lanes; c += TV.Lanes)
            {
                TV best = TV.Load(top + c), winner = first;
                TV.Challenge(TV.Load(top + channels + c), second, ref best, ref winner);
                TV.Challenge(TV.Load(bottom + c), third, ref best, ref winner);
                TV.Challenge(TV.Load(bottom + channels + c), fourth, ref best, ref winner);
                TV.Store(best, y + c);
                TV.Store(winner, (float*)(argmax + c));
            }

            for (; c < channels; c++)
            {
                float best = top[c];
                int winner = pixel;
                Challenge(top[channels + c], pixel + 1, ref best, ref winner);
                Challenge(bottom[c], pixel + width, ref best, ref winner);
                Challenge(bottom[channels + c], pixel + width + 1, ref best, ref winner);
                y[c] = best;
                argmax[c] = winner;
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Challenge(float value, int pixel, ref float best, ref int winner)
        {
            if (value > best || float.IsNaN(value))
            {
                best = value;
                winner = pixel;
            }
        }
    }

    private readonly struct BackwardLoop(float* dy, int* argmax, float* dx, Shape shape) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C, width = shape.W, windows = width / 2, pairs = (shape.H + 1) / 2;
            int row = width * channels;
            for (int pair = start; pair < end; pair++)
            {
                int n = pair / pairs, oh = pair % pairs;
                float* top = dx + ((((long)n * shape.H) + (2 * oh)) * row);
                if ((2 * oh) + 1 == shape.H)
                {
                    // A last row that no window covers.
                    new Span<float>(top, row).Clear();
                    continue;
                }

                long at = (((long)n * (shape.H / 2)) + oh) * windows * channels;
                for (int ow = 0; ow < windows; ow++, at += channels)
                {
                    float* target = top + (2L * ow * channels);
                    Window<TV>(dy + at, argmax + at, channels, (2 * oh * width) + (2 * ow), width, target, target + row);
                }

                if (width % 2 != 0)
                {
                    new Span<float>(top + row - channels, channels).Clear();
                    new Span<float>(top + row + row - channels, channels).Clear();
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Window<TV>(float* dy, int* argmax, int channels, int pixel, int width, float* top, float* bottom)
            where TV : unmanaged, IVector<TV>
        {
            int c = 0;
            TV first = TV.Code(pixel), second = TV.Code(pixel + 1), third = TV.Code(pixel + width), fourth = TV.Code(pixel + width + 1);
            for (; c <= channels - TV.Lanes; c += TV.Lanes)
            {
                TV winner = TV.Load((float*)(argmax + c)), value = TV.Load(dy + c);
                TV.Store(TV.WhereCode(winner, first, value), top + c);
                TV.Store(TV.WhereCode(winner, second, value), top + channels + c);
                TV.Store(TV.WhereCode(winner, third, value), bottom + c);
                TV.Store(TV.WhereCode(winner, fourth, value), bottom + channels + c);
            }

            for (; c < channels; c++)
            {
                int winner = argmax[c];
                float value = dy[c];
                top[c] = winner == pixel ? value : 0;
                top[channels + c] = winner == pixel + 1 ? value : 0;
                bottom[c] = winner == pixel + width ? value : 0;
                bottom[channels + c] = winner == pixel + width + 1 ? value : 0;
            }
        }
    }
}
