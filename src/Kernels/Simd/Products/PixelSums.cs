using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Sums over pixels, channel by channel; lanes are channels.</summary>
internal static unsafe class PixelSums
{
    /// <summary>
    /// Writes <c>sum[c] = scale * sum over lines, pixels of x[line, pixel, c]</c>: line by line, because short sums round less
    /// than one long sum.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Write<TV>(float* x, int lines, int width, int channels, float scale, float* sum)
        where TV : unmanaged, IVector<TV>
    {
        TV factor = TV.Broadcast(scale);
        int c = 0;
        for (; c <= channels - (4 * TV.Lanes); c += 4 * TV.Lanes)
        {
            TV total0 = default, total1 = default, total2 = default, total3 = default;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    sum0 += TV.Load(pixel);
                    sum1 += TV.Load(pixel + TV.Lanes);
                    sum2 += TV.Load(pixel + (2 * TV.Lanes));
                    sum3 += TV.Load(pixel + (3 * TV.Lanes));
                }

                total0 += sum0;
                total1 += sum1;
                total2 += sum2;
                total3 += sum3;
            }

            TV.Store(total0 * factor, sum + c);
            TV.Store(total1 * factor, sum + c + TV.Lanes);
            TV.Store(total2 * factor, sum + c + (2 * TV.Lanes));
            TV.Store(total3 * factor, sum + c + (3 * TV.Lanes));
        }

        for (; c <= channels - TV.Lanes; c += TV.Lanes)
        {
            TV total = default;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                TV lineSum = default;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    lineSum += TV.Load(pixel);
                }

                total += lineSum;
            }

            TV.Store(total * factor, sum + c);
        }

        for (; c < channels; c++)
        {
            float total = 0;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                float lineSum = 0;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    lineSum += *pixel;
                }

                total += lineSum;
            }

            sum[c] = total * scale;
        }
    }
}
