using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="BilinearResize"/>: an item is a line of y. Lines of x are resized along w once, into scratch, and
/// two of them are mixed along a whole line of y, whatever the number of channels; taps are worked out once for all lines.
/// The arithmetic, and so the bits, are the plain kernel's.
/// </summary>
internal static unsafe class HostBilinearResize
{
    private const int TapSlot = 0;
    private const int UpperSlot = 1;
    private const int LowerSlot = 2;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, ResizeAxis vertical, ResizeAxis horizontal)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int columns = horizontal.Output;
        float* shares = Scratch.Get(TapSlot, 2L * columns);
        int* lefts = (int*)(shares + columns);
        for (int ow = 0; ow < columns; ow++)
        {
            lefts[ow] = horizontal.Lower(ow);
            shares[ow] = horizontal.UpperShare(ow);
        }

        VectorDispatch.For(host, x.Shape.N * vertical.Output, 2L * y.Count, new LineLoop(
            x.HostPointer, y.HostPointer, vertical, horizontal, x.Shape.C, lefts, shares));
        return true;
    }

    private readonly struct LineLoop(
        float* x, float* y, ResizeAxis vertical, ResizeAxis horizontal, int channels, int* lefts, float* shares) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = horizontal.Output * channels, aboveLine = -1, belowLine = -1;
            float* above = Scratch.Get(UpperSlot, length), below = Scratch.Get(LowerSlot, length);
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, image = line / vertical.Output * vertical.Input;
                int top = vertical.Lower(oh), bottom = image + vertical.Upper(top);
                top += image;
                if (top == belowLine)
                {
                    float* kept = below;
                    below = above;
                    above = kept;
                    (aboveLine, belowLine) = (belowLine, aboveLine);
                }

                if (top != aboveLine)
                {
                    Widen<TV>(aboveLine = top, above);
                }

                if (bottom != top && bottom != belowLine)
                {
                    Widen<TV>(belowLine = bottom, below);
                }

                Mix<TV>(above, bottom == top ? above : below, vertical.UpperShare(oh), y + ((long)line * length), length);
            }
        }

        /// <summary>Resizes a line of x along w.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Widen<TV>(int line, float* target)
            where TV : unmanaged, IVector<TV>
        {
            float* source = x + ((long)line * horizontal.Input * channels);
            int count = channels, last = horizontal.Input - 1;
            for (int ow = 0; ow < horizontal.Output; ow++, target += count)
            {
                int lower = lefts[ow];
                float* left = source + ((long)lower * count), right = lower < last ? left + count : left;
                float share = shares[ow];
                if (count == 1)
                {
                    *target = ((1 - share) * *left) + (share * *right);
                }
                else
                {
                    Mix<TV>(left, right, share, target, count);
                }
            }
        }

        /// <summary>target = (1 - share) * a + share * b.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Mix<TV>(float* a, float* b, float share, float* target, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV rest = TV.Broadcast(1 - share), part = TV.Broadcast(share);
            int i = 0;
            for (; i <= count - TV.Lanes; i += TV.Lanes)
            {
                TV.Store((rest * TV.Load(a + i)) + (part * TV.Load(b + i)), target + i);
            }

            for (; i < count; i++)
            {
                target[i] = ((1 - share) * a[i]) + (share * b[i]);
            }
        }
    }
}
