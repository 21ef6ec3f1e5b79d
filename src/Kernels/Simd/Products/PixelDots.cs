using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Dot products of pixels with one weight vector; lanes are channels.</summary>
internal static unsafe class PixelDots
{
    /// <summary>Four pixels at a time; behind the last one, the last again, which writes the same bits twice.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<TV>(float* x, float* weight, int channels, float* y, int pixels)
        where TV : unmanaged, IVector<TV>
    {
        for (int p0 = 0; p0 < pixels; p0 += 4)
        {
            int p1 = Math.Min(p0 + 1, pixels - 1), p2 = Math.Min(p0 + 2, pixels - 1), p3 = Math.Min(p0 + 3, pixels - 1), k = 0;
            float* x0 = x + ((long)p0 * channels), x1 = x + ((long)p1 * channels);
            float* x2 = x + ((long)p2 * channels), x3 = x + ((long)p3 * channels);
            TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (; k <= channels - TV.Lanes; k += TV.Lanes)
            {
                TV w = TV.Load(weight + k);
                TV.AddProduct(w, TV.Load(x0 + k), ref sum0);
                TV.AddProduct(w, TV.Load(x1 + k), ref sum1);
                TV.AddProduct(w, TV.Load(x2 + k), ref sum2);
                TV.AddProduct(w, TV.Load(x3 + k), ref sum3);
            }

            float y0 = TV.Sum(sum0), y1 = TV.Sum(sum1), y2 = TV.Sum(sum2), y3 = TV.Sum(sum3);
            for (; k < channels; k++)
            {
                y0 += weight[k] * x0[k];
                y1 += weight[k] * x1[k];
                y2 += weight[k] * x2[k];
                y3 += weight[k] * x3[k];
            }

            y[p0] = y0;
            y[p1] = y1;
            y[p2] = y2;
            y[p3] = y3;
        }
    }
}
