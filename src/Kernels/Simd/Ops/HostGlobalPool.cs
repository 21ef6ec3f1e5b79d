using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.GlobalAveragePool"/> and <see cref="Ops.GlobalMaxPool"/>: lanes are channels, an item is an
/// image (of the average's backward a pixel).
/// </summary>
internal static unsafe class HostGlobalPool
{
    /// <summary>Bands of lines that a single large image is summed up in, on any number of threads.</summary>
    private const int Bands = 4;

    /// <summary>Pixels from which on an image is large.</summary>
    private const int LargeArea = 28 * 28;

    /// <summary>Computes y = scale * the sum over pixels if its device is a vectorised host.</summary>
    public static bool TryAverage(Tensor x, Tensor y, float scale)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        if (x.Shape is { N: 1, H: >= Bands, Area: >= LargeArea })
        {
            float* parts = host.Scratch(Bands * x.Shape.C).HostPointer();
            VectorDispatch.For(host, Bands, x.Count, new BandLoop(x.HostPointer, parts, x.Shape));
            VectorDispatch.For(host, 1, 0, new AverageLoop(parts, y.HostPointer, new Shape(1, Bands, 1, x.Shape.C), scale));
            return true;
        }

        VectorDispatch.For(host, x.Shape.N, x.Count, new AverageLoop(x.HostPointer, y.HostPointer, x.Shape, scale));
        return true;
    }

    /// <summary>Computes dx = scale * dy if its device is a vectorised host.</summary>
    public static bool TryAverageBackward(Tensor dy, Tensor dx, float scale)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Shape.N * dx.Shape.Area, dx.Count, new AverageBackwardLoop(
            dy.HostPointer, dx.HostPointer, dx.Shape, scale));
        return true;
    }

    /// <summary>Computes y and argmax if the device is a vectorised host.</summary>
    public static bool TryMax(Tensor x, Tensor y, DeviceBuffer<int> argmax)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, x.Shape.N, x.Count, new MaxLoop(x.HostPointer, y.HostPointer, argmax.HostPointer(), x.Shape));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryMaxBackward(Tensor dy, DeviceBuffer<int> argmax, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, dx.Shape.N, dx.Count, new MaxBackwardLoop(dy.HostPointer, argmax.HostPointer(), dx.HostPointer, dx.Shape));
        return true;
    }

    private readonly struct AverageLoop(float* x, float* y, Shape shape, float scale) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int n = start; n < end; n++)
            {
                PixelSums.Write<TV>(x + ((long)n * shape.Area * shape.C), shape.H, shape.W, shape.C, scale, y + ((long)n * shape.C));
            }
        }
    }

    private readonly struct BandLoop(float* x, float* parts, Shape shape) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int band = start; band < end; band++)
            {
                int first = shape.H * band / Bands, last = shape.H * (band + 1) / Bands;
                PixelSums.Write<TV>(
                    x + ((long)first * shape.W * shape.C), last - first, shape.W, shape.C, 1, parts + ((long)band * shape.C));
            }
        }
    }

    private readonly struct AverageBackwardLoop(float* dy, float* dx, Shape shape, float scale) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C, area = shape.Area;
            TV factor = TV.Broadcast(scale);
            for (int pixel = start; pixel < end; pixel++)
            {
                float* source = dy + ((long)(pixel / area) * channels), target = dx + ((long)pixel * channels);
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV.Store(TV.Load(source + c) * factor, target + c);
                }

                for (; c < channels; c++)
                {
                    target[c] = source[c] * scale;
                }
            }
        }
    }

    private readonly struct MaxLoop(float* x, float* y, int* argmax, Shape shape) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C, area = shape.Area;
            for (int n = start; n < end; n++)
            {
                float* image = x + ((long)n * area * channels), value = y + ((long)n * channels);
                int* winners = argmax + ((long)n * channels);
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV best = TV.Load(image + c), winner = TV.Code(0);
                    for (int pixel = 0; pixel < area; pixel++)
                    {
                        TV challenger = TV.Load(image + ((long)pixel * channels) + c);
                        winner = TV.SelectGreaterOrNaN(challenger, best, TV.Code(pixel), winner);
                        best = TV.SelectGreaterOrNaN(challenger, best, challenger, best);
                    }

                    TV.Store(best, value + c);
                    TV.Store(winner, (float*)(winners + c));
                }

                for (; c < channels; c++)
                {
                    float best = image[c];
                    int winner = 0;
                    for (int pixel = 0; pixel < area; pixel++)
                    {
                        float challenger = image[((long)pixel * channels) + c];
                        if (challenger > best || float.IsNaN(challenger))
                        {
                            best = challenger;
                            winner = pixel;
                        }
                    }

                    value[c] = best;
                    winners[c] = winner;
                }
            }
        }
    }

    private readonly struct MaxBackwardLoop(float* dy, int* argmax, float* dx, Shape shape) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C, area = shape.Area;
            for (int n = start; n < end; n++)
            {
                float* image = dx + ((long)n * area * channels);
                new Span<float>(image, area * channels).Clear();
                for (int c = 0; c < channels; c++)
                {
                    // A winner outside the image reaches nobody, as in the plain kernel.
                    int winner = argmax[((long)n * channels) + c];
                    if ((uint)winner < (uint)area)
                    {
                        image[((long)winner * channels) + c] = dy[((long)n * channels) + c];
                    }
                }
            }
        }
    }
}
