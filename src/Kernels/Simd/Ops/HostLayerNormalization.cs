using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>The vectorised <see cref="Ops.LayerNormalization"/>: an item is a run.</summary>
internal static unsafe class HostLayerNormalization
{
    /// <summary>Computes y if its device is a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor scale, Tensor? bias, float epsilon, Tensor y, int length)
    {
        if (y.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, x.Count / length, 4L * x.Count, new ForwardLoop(
            x.HostPointer, scale.HostPointer, bias is null ? null : bias.HostPointer, y.HostPointer, epsilon, length));
        return true;
    }

    /// <summary>Computes dx if its device is a vectorised host.</summary>
    public static bool TryBackwardData(Tensor x, Tensor scale, Tensor dy, float epsilon, Tensor dx, int length)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(host, x.Count / length, 6L * x.Count, new BackwardLoop(
            x.HostPointer, scale.HostPointer, dy.HostPointer, dx.HostPointer, epsilon, length));
        return true;
    }

    /// <summary>Mean and 1 / sqrt(variance + epsilon) of a run.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (float Mean, float Factor) Measure<TV>(float* x, int length, float epsilon)
        where TV : unmanaged, IVector<TV>
    {
        TV sums = default, moreSums = default, squares = default, moreSquares = default;
        int i = 0;
        for (; i <= length - (2 * TV.Lanes); i += 2 * TV.Lanes)
        {
            sums += TV.Load(x + i);
            moreSums += TV.Load(x + i + TV.Lanes);
        }

        for (; i <= length - TV.Lanes; i += TV.Lanes)
        {
            sums += TV.Load(x + i);
        }

        float sum = TV.Sum(sums + moreSums), rest = 0;
        for (; i < length; i++)
        {
            sum += x[i];
        }

        float mean = sum / length;
        TV centre = TV.Broadcast(mean);
        for (i = 0; i <= length - (2 * TV.Lanes); i += 2 * TV.Lanes)
        {
            TV distance = TV.Load(x + i) - centre, other = TV.Load(x + i + TV.Lanes) - centre;
            TV.AddProduct(distance, distance, ref squares);
            TV.AddProduct(other, other, ref moreSquares);
        }

        for (; i <= length - TV.Lanes; i += TV.Lanes)
        {
            TV distance = TV.Load(x + i) - centre;
            TV.AddProduct(distance, distance, ref squares);
        }

        squares += moreSquares;
        for (; i < length; i++)
        {
            rest += (x[i] - mean) * (x[i] - mean);
        }

        return (mean, 1 / MathF.Sqrt(((TV.Sum(squares) + rest) / length) + epsilon));
    }

    private readonly struct ForwardLoop(float* x, float* scale, float* bias, float* y, float epsilon, int length) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* factors = scale, summands = bias;
            for (int run = start; run < end; run++)
            {
                float* source = x + ((long)run * length), target = y + ((long)run * length);
                (float mean, float r) = Measure<TV>(source, length, epsilon);
                TV centre = TV.Broadcast(mean), spread = TV.Broadcast(r);
                int i = 0;
                for (; i <= length - TV.Lanes; i += TV.Lanes)
                {
                    TV value = (TV.Load(source + i) - centre) * spread, summand = summands == null ? default : TV.Load(summands + i);
                    TV.Store(TV.MulAdd(value, TV.Load(factors + i), summand), target + i);
                }

                for (; i < length; i++)
                {
                    target[i] = ((source[i] - mean) * r * factors[i]) + (summands == null ? 0 : summands[i]);
                }
            }
        }
    }

    private readonly struct BackwardLoop(float* x, float* scale, float* dy, float* dx, float epsilon, int length) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* factors = scale;
            for (int run = start; run < end; run++)
            {
                float* source = x + ((long)run * length), gradient = dy + ((long)run * length), target = dx + ((long)run * length);
                (float mean, float r) = Measure<TV>(source, length, epsilon);
                TV centre = TV.Broadcast(mean), spread = TV.Broadcast(r), sums = default, products = default;
                float sum = 0, product = 0;
                int i = 0;
                for (; i <= length - TV.Lanes; i += TV.Lanes)
                {
                    TV g = TV.Load(gradient + i) * TV.Load(factors + i);
                    sums += g;
                    TV.AddProduct(g, (TV.Load(source + i) - centre) * spread, ref products);
                }

                for (; i < length; i++)
                {
                    sum += gradient[i] * factors[i];
                    product += gradient[i] * factors[i] * ((source[i] - mean) * r);
                }

                sum = (sum + TV.Sum(sums)) / length;
                product = (product + TV.Sum(products)) / length;
                TV shift = TV.Broadcast(sum), slope = TV.Broadcast(product);
                for (i = 0; i <= length - TV.Lanes; i += TV.Lanes)
                {
                    TV g = TV.Load(gradient + i) * TV.Load(factors + i), z = (TV.Load(source + i) - centre) * spread;
                    TV.Store(spread * (g - shift - (z * slope)), target + i);
                }

                for (; i < length; i++)
                {
                    target[i] = r * ((gradient[i] * factors[i]) - sum - ((source[i] - mean) * r * product));
                }
            }
        }
    }
}
