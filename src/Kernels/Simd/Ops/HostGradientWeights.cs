using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.XGradCamWeights"/> and <see cref="Ops.GradCamPlusPlusWeights"/>: lanes are channels, an item is an
/// image; channels that fill no register are done one by one.
/// </summary>
internal static unsafe class HostGradientWeights
{
    private const int SumSlot = 0;

    /// <summary>Computes weight if its device is a vectorised host.</summary>
    public static bool TryXGradCam(Tensor x, Tensor gradient, Tensor weight, float epsilon)
    {
        if (weight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(
            host, x.Shape.N, 2L * x.Count, new XGradCamLoop(x.HostPointer, gradient.HostPointer, weight.HostPointer, x.Shape, epsilon));
        return true;
    }

    /// <summary>Computes weight if its device is a vectorised host.</summary>
    public static bool TryGradCamPlusPlus(Tensor x, Tensor gradient, Tensor weight)
    {
        if (weight.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        VectorDispatch.For(
            host, x.Shape.N, 2L * x.Count, new PlusPlusLoop(x.HostPointer, gradient.HostPointer, weight.HostPointer, x.Shape));
        return true;
    }

    private readonly struct XGradCamLoop(float* x, float* gradient, float* weight, Shape shape, float epsilon) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C;
            for (int n = start; n < end; n++)
            {
                float* values = x + ((long)n * shape.Area * channels), slopes = gradient + ((long)n * shape.Area * channels);
                float* result = weight + ((long)n * channels);
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV products = default, sums = default;
                    long at = c;
                    for (int h = 0; h < shape.H; h++)
                    {
                        TV lineProducts = default, lineSums = default;
                        for (int w = 0; w < shape.W; w++, at += channels)
                        {
                            TV value = TV.Load(values + at);
                            TV.AddProduct(TV.Load(slopes + at), value, ref lineProducts);
                            lineSums += value;
                        }

                        products += lineProducts;
                        sums += lineSums;
                    }

                    TV.Store(products / (sums + TV.Broadcast(epsilon)), result + c);
                }

                for (; c < channels; c++)
                {
                    float products = 0, sums = 0;
                    long at = c;
                    for (int h = 0; h < shape.H; h++)
                    {
                        float lineProducts = 0, lineSums = 0;
                        for (int w = 0; w < shape.W; w++, at += channels)
                        {
                            lineProducts += slopes[at] * values[at];
                            lineSums += values[at];
                        }

                        products += lineProducts;
                        sums += lineSums;
                    }

                    result[c] = products / (sums + epsilon);
                }
            }
        }
    }

    private readonly struct PlusPlusLoop(float* x, float* gradient, float* weight, Shape shape) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            int channels = shape.C;
            float* sums = Scratch.Get(SumSlot, channels);
            TV zero = default, two = TV.Broadcast(2);
            for (int n = start; n < end; n++)
            {
                float* slopes = gradient + ((long)n * shape.Area * channels), result = weight + ((long)n * channels);
                PixelSums.Write<TV>(x + ((long)n * shape.Area * channels), shape.H, shape.W, channels, 1, sums);
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV total = TV.Load(sums + c), sum = default;
                    long at = c;
                    for (int h = 0; h < shape.H; h++)
                    {
                        TV line = default;
                        for (int w = 0; w < shape.W; w++, at += channels)
                        {
                            TV slope = TV.Load(slopes + at), divisor;
                            slope = TV.SelectGreaterOrNaN(slope, zero, slope, zero);
                            divisor = TV.MulAdd(slope, total, two);

                            // Neither above nor below 0 (nor NaN): divided by 2 instead, a numerator of 0.
                            TV square = divisor * divisor;
                            slope = TV.SelectGreaterOrNaN(square, zero, slope, zero);
                            divisor = TV.SelectGreaterOrNaN(square, zero, divisor, two);
                            line += slope / divisor;
                        }

                        sum += line;
                    }

                    TV.Store(sum, result + c);
                }

                for (; c < channels; c++)
                {
                    result[c] = One(slopes + c, sums[c]);
                }
            }
        }

        private float One(float* slopes, float total)
        {
            float sum = 0;
            for (int h = 0; h < shape.H; h++)
            {
                float line = 0;
                for (int w = 0; w < shape.W; w++, slopes += shape.C)
                {
                    float slope = *slopes <= 0 ? 0 : *slopes, divisor = 2 + (slope * total);
                    line += divisor == 0 ? 0 : slope / divisor;
                }

                sum += line;
            }

            return sum;
        }
    }
}
