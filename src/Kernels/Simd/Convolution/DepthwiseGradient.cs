using System.Runtime.CompilerServices;
using GpuCam.Kernels.Ops;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The gradient of a depthwise convolution's weight: lanes are channels, an item is a vector of them, so that the bits do not depend on
/// the threads. Sums go line by line, because short sums round less than one long sum.
/// </summary>
internal static unsafe class DepthwiseGradient
{
    private const int TotalSlot = 0;

    /// <summary>Computes dWeight if there are channels for a vector.</summary>
    public static bool TryRun(HostDevice host, float* x, float* dy, float* dWeight, Conv2DGeometry g)
    {
        int lanes = Math.Min(host.VectorBits / 32, g.X.C >= 16 ? 16 : g.X.C >= 8 ? 8 : 4);
        return VectorDispatch.ForChannels(
            host, g.X.C, (g.X.C + lanes - 1) / lanes, (long)g.Y.Count * g.KH * g.KW, new Loop(x, dy, dWeight, g));
    }

    private readonly struct Loop(float* x, float* dy, float* dWeight, Conv2DGeometry g) : IVectorLoop
    {
        public void Run<TV>(int start, int end)
            where TV : unmanaged, IVector<TV>
        {
            for (int item = start; item < end; item++)
            {
                Channels<TV>(Math.Min(item * TV.Lanes, g.X.C - TV.Lanes));
            }
        }

        private void Channels<TV>(int c)
            where TV : unmanaged, IVector<TV>
        {
            int taps = g.KH * g.KW, outHeight = g.OH, outWidth = g.OW, channels = g.X.C;
            float* totals = Scratch.Get(TotalSlot, (long)taps * TV.Lanes);
            new Span<float>(totals, taps * TV.Lanes).Clear();
            for (int line = 0; line < g.X.N * outHeight; line++)
            {
                float* row = dy + ((long)line * outWidth * channels) + c;
                for (int tap = 0; tap < taps; tap++)
                {
                    int ih = (line % outHeight * g.StrideH) + (tap / g.KW * g.DilationH) - g.PadTop;
                    int iw = (tap % g.KW * g.DilationW) - g.PadLeft;
                    int first = iw < 0 ? (g.StrideW - 1 - iw) / g.StrideW : 0;
                    int end = iw < g.X.W ? Math.Min(outWidth, ((g.X.W - 1 - iw) / g.StrideW) + 1) : 0;
                    if (ih < 0 || ih >= g.X.H || first >= end)
                    {
                        continue;
                    }

                    long image = (long)(line / outHeight) * g.X.H;
                    float* pixel = x + ((((image + ih) * g.X.W) + iw + (first * g.StrideW)) * channels) + c;
                    float* total = totals + ((long)tap * TV.Lanes);
                    TV lineSum = Dot<TV>(pixel, g.StrideW * channels, row + ((long)first * channels), channels, end - first);
                    TV.Store(TV.Load(total) + lineSum, total);
                }
            }

            for (int tap = 0; tap < taps; tap++)
            {
                TV.Store(TV.Load(totals + ((long)tap * TV.Lanes)), dWeight + ((long)tap * channels) + c);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static TV Dot<TV>(float* a, int stepA, float* b, int stepB, int count)
            where TV : unmanaged, IVector<TV>
        {
            TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            int i = 0;
            for (; i + 4 <= count; i += 4, a += 4 * stepA, b += 4 * stepB)
            {
                TV.AddProduct(TV.Load(a), TV.Load(b), ref sum0);
                TV.AddProduct(TV.Load(a + stepA), TV.Load(b + stepB), ref sum1);
                TV.AddProduct(TV.Load(a + (2 * stepA)), TV.Load(b + (2 * stepB)), ref sum2);
                TV.AddProduct(TV.Load(a + (3 * stepA)), TV.Load(b + (3 * stepB)), ref sum3);
            }

            for (; i < count; i++, a += stepA, b += stepB)
            {
                TV.AddProduct(TV.Load(a), TV.Load(b), ref sum0);
            }

            return sum0 + sum1 + (sum2 + sum3);
        }
    }
}
