using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The vectorised <see cref="Ops.BatchStatistics"/>, and the parameters' gradients of <see cref="Ops.BatchNormalization"/>. Sums are taken
/// image by image, and put together in their order: the bits do not depend on the threads. A matrix is one image of N lines.
/// </summary>
internal static unsafe class HostBatchStatistics
{
    private const int FactorSlot = 0;
    private const int SlopeSlot = 1;
    private const int ShiftSlot = 2;

    /// <summary>Computes mean and variance if x lies on a vectorised host.</summary>
    public static bool TryForward(Tensor x, Tensor mean, Tensor variance)
    {
        if (x.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Shape shape = ImagesOf(x.Shape);
        int channels = shape.C, images = shape.N;
        using var sums = new AlignedBuffer<float>(2L * images * channels, cleared: false);
        float* means = sums.Start, squares = sums.Start + ((long)images * channels);
        VectorDispatch.For(host, images, 2L * x.Count, new MomentsLoop(x.HostPointer, means, squares, shape));
        float* centre = mean.HostPointer, spread = variance.HostPointer;
        for (int c = 0; c < channels; c++)
        {
            // As Chan, Golub and LeVeque put variances together: that of each image about its mean, and that of the means.
            double middle = 0, within = 0, between = 0;
            for (long at = c; at < (long)images * channels; at += channels)
            {
                middle += means[at];
                within += squares[at];
            }

            middle /= images;
            for (long at = c; at < (long)images * channels; at += channels)
            {
                between += (means[at] - middle) * (means[at] - middle);
            }

            (centre[c], spread[c]) = ((float)middle, (float)(((within / shape.Area) + between) / images));
        }

        return true;
    }

    /// <summary>Computes dScale and dBias if x lies on a vectorised host.</summary>
    public static bool TryBackwardParameters(
        Tensor x, Tensor dy, Tensor mean, Tensor variance, float epsilon, Tensor dScale, Tensor dBias)
    {
        if (x.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        Shape shape = ImagesOf(x.Shape);
        int channels = shape.C, images = shape.N;
        using var sums = new AlignedBuffer<float>(2L * images * channels, cleared: false);
        float* totals = sums.Start, products = sums.Start + ((long)images * channels);
        VectorDispatch.For(host, images, 2L * x.Count, new ProductsLoop(
            x.HostPointer, dy.HostPointer, mean.HostPointer, totals, products, shape));
        float* ofScale = dScale.HostPointer, ofBias = dBias.HostPointer, spread = variance.HostPointer;
        for (int c = 0; c < channels; c++)
        {
            double total = 0, product = 0;
            for (long at = c; at < (long)images * channels; at += channels)
            {
                total += totals[at];
                product += products[at];
            }

            (ofScale[c], ofBias[c]) = ((float)(product / Math.Sqrt((double)spread[c] + epsilon)), (float)total);
        }

        return true;
    }

    /// <summary>Computes dx if it lies on a vectorised host.</summary>
    public static bool TryBackwardData(
        Tensor x, Tensor dy, Tensor scale, Tensor mean, Tensor variance, Tensor dScale, Tensor dBias, float epsilon, Tensor dx)
    {
        if (dx.Device is not HostDevice { Vectorized: true } host)
        {
            return false;
        }

        int channels = x.Shape.C;
        double pixels = x.Count / channels;
        float* factor = Scratch.Get(FactorSlot, channels), slope = Scratch.Get(SlopeSlot, channels);
        float* shift = Scratch.Get(ShiftSlot, channels);
        float* ofScale = dScale.HostPointer, ofBias = dBias.HostPointer, spread = variance.HostPointer, own = scale.HostPointer;
        for (int c = 0; c < channels; c++)
        {
            double r = 1 / Math.Sqrt((double)spread[c] + epsilon), k = own[c] * r;
            (factor[c], slope[c], shift[c]) = ((float)k, (float)(-k * r * ofScale[c] / pixels), (float)(-k * ofBias[c] / pixels));
        }

        VectorDispatch.For(host, (int)pixels, 3L * x.Count, new DataLoop(
            x.HostPointer, dy.HostPointer, mean.HostPointer, factor, slope, shift, dx.HostPointer, channels));
        return true;
    }

    private static Shape ImagesOf(Shape x) => x.Area == 1 ? new Shape(1, x.N, 1, x.C) : x;

    /// <summary>An item is an image: its mean, then, while it is in the caches, the squares about that.</summary>
    private readonly struct MomentsLoop(float* x, float* means, float* squares, Shape shape) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int n = start; n < end; n++)
            {
                float* image = x + ((long)n * shape.Area * shape.C), mean = means + ((long)n * shape.C);
                PixelSums.Write<TV>(image, shape.H, shape.W, shape.C, 1f / shape.Area, mean);
                CentredSums.Squares<TV>(image, mean, shape.H, shape.W, shape.C, squares + ((long)n * shape.C));
            }
        }
    }

    private readonly struct ProductsLoop(float* x, float* dy, float* centre, float* totals, float* products, Shape shape) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int n = start; n < end; n++)
            {
                long image = (long)n * shape.Area * shape.C, to = (long)n * shape.C;
                CentredSums.Products<TV>(x + image, dy + image, centre, shape.H, shape.W, shape.C, totals + to, products + to);
            }
        }
    }

    /// <summary>An item is a pixel: <c>dx = factor * dy + slope * (x - mean) + shift</c>.</summary>
    private readonly struct DataLoop(
        float* x, float* dy, float* mean, float* factor, float* slope, float* shift, float* dx, int channels) : IVectorLoop
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            float* centre = mean, k = factor, s = slope, t = shift;
            for (long pixel = (long)start * channels; pixel < (long)end * channels; pixel += channels)
            {
                float* from = x + pixel, gradient = dy + pixel, to = dx + pixel;
                int c = 0;
                for (; c <= channels - TV.Lanes; c += TV.Lanes)
                {
                    TV through = TV.MulAdd(TV.Load(s + c), TV.Load(from + c) - TV.Load(centre + c), TV.Load(t + c));
                    TV.Store(TV.MulAdd(TV.Load(k + c), TV.Load(gradient + c), through), to + c);
                }

                for (; c < channels; c++)
                {
                    to[c] = MathF.FusedMultiplyAdd(k[c], gradient[c], MathF.FusedMultiplyAdd(s[c], from[c] - centre[c], t[c]));
                }
            }
        }
    }
}
