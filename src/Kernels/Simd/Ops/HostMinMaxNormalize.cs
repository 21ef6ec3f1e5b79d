using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.MinMaxNormalize"/>: lanes are pixels, an item is a map.</summary>
internal static unsafe class HostMinMaxNormalize
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor y)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, x.Shape.N, 3L * x.Count, new MapLoop(x.HostPointer, y.HostPointer, x.Shape.Area));
        return true;
    }

    private readonly struct MapLoop(float* x, float* y, int area) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int n = start; n < end; n++)
            {
                float* source = x + ((long)n * area), target = y + ((long)n * area);
                if (Range<TV>(source, area, out float min, out float range))
                {
                    Stretch<TV>(source, target, area, min, range);
                }
                else
                {
                    new Span<float>(target, area).Clear();
                }
            }
        }

        /// <summary>The smallest value and the distance to the largest; false if a map cannot be stretched.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static bool Range<TV>(float* x, int count, out float min, out float range)
            where TV : unmanaged, IVector<TV>
        {
            TV most = TV.Broadcast(x[0]), leastNegated = TV.Broadcast(-x[0]), zeros = default;
            int i = 0;
            for (; i <= count - TV.Lanes; i += TV.Lanes)
            {
                TV value = TV.Load(x + i);
                most = TV.Max(most, value);
                leastNegated = TV.Max(leastNegated, default(TV) - value);

                // Zero times a value is zero, but for NaN and the infinities.
                zeros += value * default(TV);
            }

            float max = x[0], zero = TV.Sum(zeros);
            min = x[0];
            for (int lane = 0; lane < TV.Lanes; lane++)
            {
                max = Math.Max(max, ((float*)&most)[lane]);
                min = Math.Min(min, -((float*)&leastNegated)[lane]);
            }

            for (; i < count; i++)
            {
                max = Math.Max(max, x[i]);
                min = Math.Min(min, x[i]);
                zero += x[i] * 0;
            }

            range = max - min;
            return zero == 0 && range > 0 && range <= float.MaxValue;
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void Stretch<TV>(float* x, float* y, int count, float min, float range)
            where TV : unmanaged, IVector<TV>
        {
            TV low = TV.Broadcast(min), divisor = TV.Broadcast(range);
            int i = 0;
            for (; i <= count - TV.Lanes; i += TV.Lanes)
            {
                TV.Store((TV.Load(x + i) - low) / divisor, y + i);
            }

            for (; i < count; i++)
            {
                y[i] = (x[i] - min) / range;
            }
        }
    }
}
