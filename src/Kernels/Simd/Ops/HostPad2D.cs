using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// <see cref="Pad2D"/> on the host: an item is a line, of which the part that x has is copied in one piece. Only where the channels are
/// all there, and no more; else the plain kernel runs.
/// </summary>
internal static unsafe class HostPad2D
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y, PadRule rule, float value)
    {
        if (y.Device is not HostDevice { Vectorized: true } host || !OnPixels(rule))
        {
            return false;
        }

        VectorDispatch.For(host, y.Shape.N * y.Shape.H, 2L * y.Count, new ForwardLoop(x.HostPointer, y.HostPointer, rule, value));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackward(Tensor dy, Tensor dx, PadRule rule)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host || !OnPixels(rule))
        {
            return false;
        }

        VectorDispatch.For(host, dx.Shape.N * dx.Shape.H, 2L * dx.Count, new BackwardLoop(dy.HostPointer, dx.HostPointer, rule));
        return true;
    }

    private static bool OnPixels(PadRule rule) => rule.Channels.Input == rule.Channels.Output && rule.Channels.Offset == 0;

    private readonly struct ForwardLoop(float* x, float* y, PadRule rule, float value) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = rule.Channels.Input, width = rule.Horizontal.Output;
            int first = Math.Clamp(rule.Horizontal.Offset, 0, width);
            int last = Math.Clamp(rule.Horizontal.Offset + rule.Horizontal.Input, first, width);
            for (int line = start; line < end; line++)
            {
                var target = new Span<float>(y + ((long)line * width * channels), width * channels);
                int h = rule.Vertical.Source(line % rule.Vertical.Output);
                if (h < 0)
                {
                    target.Fill(value);
                    continue;
                }

                float* source = x + (((long)(line / rule.Vertical.Output) * rule.Vertical.Input + h) * rule.Horizontal.Input * channels);
                if (first < last)
                {
                    float* inside = source + ((long)(first - rule.Horizontal.Offset) * channels);
                    new Span<float>(inside, (last - first) * channels).CopyTo(target[(first * channels)..]);
                }

                for (int ow = first == 0 ? last : 0; ow < width; ow = ow + 1 == first ? last : ow + 1)
                {
                    int w = rule.Horizontal.Source(ow);
                    Span<float> pixel = target.Slice(ow * channels, channels);
                    if (w < 0)
                    {
                        pixel.Fill(value);
                    }
                    else
                    {
                        new Span<float>(source + ((long)w * channels), channels).CopyTo(pixel);
                    }
                }
            }
        }
    }

    private readonly struct BackwardLoop(float* dy, float* dx, PadRule rule) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            PadAxis vertical = rule.Vertical, horizontal = rule.Horizontal;
            int channels = rule.Channels.Input;
            for (int line = start; line < end; line++)
            {
                int h = line % vertical.Input, image = line / vertical.Input * vertical.Output;
                float* target = dx + ((long)line * horizontal.Input * channels);
                new Span<float>(target, horizontal.Input * channels).Clear();
                for (int oh = vertical.Next(h, -1); oh < vertical.Output; oh = vertical.Next(h, oh))
                {
                    float* source = dy + ((long)(image + oh) * horizontal.Output * channels);
                    for (int w = 0; w < horizontal.Input; w++)
                    {
                        for (int ow = horizontal.Next(w, -1); ow < horizontal.Output; ow = horizontal.Next(w, ow))
                        {
                            Elementwise.AddScaled<TV>(1, source + ((long)ow * channels), target + ((long)w * channels), channels);
                        }
                    }
                }
            }
        }
    }
}
