using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Resize2D"/>: lanes are channels, an item is a line of y or, backward, of dx.</summary>
internal static unsafe class HostResize2D
{
    private const int LineSlot = 0;

    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, ResizeTaps vertical, ResizeTaps horizontal)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, y.Shape.N * y.Shape.H, 4L * y.Count, new ForwardLoop(
            x.HostPointer, y.HostPointer, vertical, horizontal, x.Shape.C));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackward(Tensor dy, Tensor dx, ResizeTaps vertical, ResizeTaps horizontal)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Shape.N * dx.Shape.H, 4L * dy.Count, new BackwardLoop(
            dy.HostPointer, dx.HostPointer, vertical, horizontal, dx.Shape.C));
        return true;
    }

    private readonly struct ForwardLoop(float* x, float* y, ResizeTaps vertical, ResizeTaps horizontal, int channels) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int row = horizontal.Input * channels;
            for (int line = start; line < end; line++)
            {
                int oh = line % vertical.Output, top = vertical.Lower(oh);
                float* image = x + ((long)(line / vertical.Output) * vertical.Input * row);
                float* above = image + ((long)top * row), below = image + ((long)vertical.Upper(top) * row);
                float* target = y + ((long)line * horizontal.Output * channels);
                float v = vertical.UpperShare(oh);
                for (int ow = 0; ow < horizontal.Output; ow++, target += channels)
                {
                    int left = horizontal.Lower(ow), right = horizontal.Upper(left);
                    float u = horizontal.UpperShare(ow);
                    if (u == 0 && v == 0)
                    {
                        new Span<float>(above + ((long)left * channels), channels).CopyTo(new Span<float>(target, channels));
                        continue;
                    }

                    Mix<TV>(above, below, left * channels, right * channels, u, v, target);
                }
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Mix<TV>(float* above, float* below, int left, int right, float u, float v, float* target)
            where TV : unmanaged, IVector<TV>
        {
            TV rightShare = TV.Broadcast(u), leftShare = TV.Broadcast(1 - u);
            TV lowerShare = TV.Broadcast(v), upperShare = TV.Broadcast(1 - v);
            int c = 0;
            for (; c <= channels - TV.Lanes; c += TV.Lanes)
            {
                TV first = (leftShare * TV.Load(above + left + c)) + (rightShare * TV.Load(above + right + c));
                TV second = (leftShare * TV.Load(below + left + c)) + (rightShare * TV.Load(below + right + c));
                TV.Store((upperShare * first) + (lowerShare * second), target + c);
            }

            for (; c < channels; c++)
            {
                float first = ((1 - u) * above[left + c]) + (u * above[right + c]);
                float second = ((1 - u) * below[left + c]) + (u * below[right + c]);
                target[c] = ((1 - v) * first) + (v * second);
            }
        }
    }

    private readonly struct BackwardLoop(float* dy, float* dx, ResizeTaps vertical, ResizeTaps horizontal, int channels) : IVectorLoop
    {
        /// <summary>The lines of dy that a line of dx has a share in are added up first, along their whole length.</summary>
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int length = horizontal.Output * channels;
            float* sums = Scratch.Get(LineSlot, length);
            for (int line = start; line < end; line++)
            {
                int h = line % vertical.Input, endRow = vertical.End(h);
                float* image = dy + ((long)(line / vertical.Input) * vertical.Output * length);
                new Span<float>(sums, length).Clear();
                for (int oh = vertical.First(h); oh < endRow; oh++)
                {
                    Elementwise.AddScaled<TV>(vertical.Share(oh, h), image + ((long)oh * length), sums, length);
                }

                float* target = dx + ((long)line * horizontal.Input * channels);
                new Span<float>(target, horizontal.Input * channels).Clear();
                for (int w = 0; w < horizontal.Input; w++, target += channels)
                {
                    int endColumn = horizontal.End(w);
                    for (int ow = horizontal.First(w); ow < endColumn; ow++)
                    {
                        Elementwise.AddScaled<TV>(horizontal.Share(ow, w), sums + ((long)ow * channels), target, channels);
                    }
                }
            }
        }
    }
}
