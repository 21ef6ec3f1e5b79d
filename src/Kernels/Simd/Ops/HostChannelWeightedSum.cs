using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.ChannelWeightedSum"/>: lanes are channels, an item is a pixel.</summary>
internal static unsafe class HostChannelWeightedSum
{
    /// <summary>Computes map if its device is a vectorised host.</summary>
    /// <param name="x">Features.</param>
    /// <param name="weight">A weight vector per <paramref name="share"/> pixels.</param>
    /// <param name="map">Sums.</param>
    /// <param name="share">Pixels that have one weight vector: those of an image, or 1.</param>
    public static bool TryForward(Tensor x, Tensor weight, Tensor map, int share)
    {
        if (map.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, map.Count, (long)x.Count + weight.Count, new PixelLoop(
            x.HostPointer, weight.HostPointer, map.HostPointer, x.Shape.C, share));
        return true;
    }

    private readonly struct PixelLoop(float* x, float* weight, float* map, int channels, int share) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            if (share == 1)
            {
                Own<TV>(start, end);
                return;
            }

            while (start < end)
            {
                int row = start / share, stop = (int)Math.Min(end, (row + 1L) * share);
                PixelDots.Write<TV>(x + ((long)start * channels), weight + ((long)row * channels), channels, map + start, stop - start);
                start = stop;
            }
        }

        /// <summary>Every pixel with weights of its own.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private void Own<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int pixel = start; pixel < end; pixel++)
            {
                float* values = x + ((long)pixel * channels), weights = weight + ((long)pixel * channels);
                TV sum = default;
                int k = 0;
                for (; k <= channels - TV.Lanes; k += TV.Lanes)
                {
                    TV.AddProduct(TV.Load(weights + k), TV.Load(values + k), ref sum);
                }

                float total = TV.Sum(sum);
                for (; k < channels; k++)
                {
                    total += weights[k] * values[k];
                }

                map[pixel] = total;
            }
        }
    }
}
