using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>Sums over pixels of what lies about a centre, channel by channel; lanes are channels, sums short as in
/// <see cref="PixelSums"/>.</summary>
internal static unsafe class CentredSums
{
    /// <summary>Writes <c>sum[c] = sum over lines, pixels of (x[line, pixel, c] - centre[c])^2</c>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Squares<TV>(float* x, float* centre, int lines, int width, int channels, float* sum)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; c <= channels - (4 * TV.Lanes); c += 4 * TV.Lanes)
        {
            TV centre0 = TV.Load(centre + c), centre1 = TV.Load(centre + c + TV.Lanes);
            TV centre2 = TV.Load(centre + c + (2 * TV.Lanes)), centre3 = TV.Load(centre + c + (3 * TV.Lanes));
            TV total0 = default, total1 = default, total2 = default, total3 = default;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                TV sum0 = default, sum1 = default, sum2 = default, sum3 = default;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    TV distance0 = TV.Load(pixel) - centre0, distance1 = TV.Load(pixel + TV.Lanes) - centre1;
                    TV distance2 = TV.Load(pixel + (2 * TV.Lanes)) - centre2, distance3 = TV.Load(pixel + (3 * TV.Lanes)) - centre3;
                    TV.AddProduct(distance0, distance0, ref sum0);
                    TV.AddProduct(distance1, distance1, ref sum1);
                    TV.AddProduct(distance2, distance2, ref sum2);
                    TV.AddProduct(distance3, distance3, ref sum3);
                }

                total0 += sum0;
                total1 += sum1;
                total2 += sum2;
                total3 += sum3;
            }

            TV.Store(total0, sum + c);
            TV.Store(total1, sum + c + TV.Lanes);
            TV.Store(total2, sum + c + (2 * TV.Lanes));
            TV.Store(total3, sum + c + (3 * TV.Lanes));
        }

        for (; c <= channels - TV.Lanes; c += TV.Lanes)
        {
            TV middle = TV.Load(centre + c), total = default;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                TV ofLine = default;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    TV distance = TV.Load(pixel) - middle;
                    TV.AddProduct(distance, distance, ref ofLine);
                }

                total += ofLine;
            }

            TV.Store(total, sum + c);
        }

        for (; c < channels; c++)
        {
            float total = 0;
            float* pixel = x + c;
            for (int line = 0; line < lines; line++)
            {
                float ofLine = 0;
                for (int w = 0; w < width; w++, pixel += channels)
                {
                    float distance = *pixel - centre[c];
                    ofLine += distance * distance;
                }

                total += ofLine;
            }

            sum[c] = total;
        }
    }

    /// <summary>
    /// Writes <c>sum[c] = sum over lines, pixels of dy[line, pixel, c]</c> and <c>product[c]</c>, the same of
    /// <c>dy * (x - centre[c])</c>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Products<TV>(float* x, float* dy, float* centre, int lines, int width, int channels, float* sum, float* product)
        where TV : unmanaged, IVector<TV>
    {
        int c = 0;
        for (; c <= channels - (2 * TV.Lanes); c += 2 * TV.Lanes)
        {
            TV middle = TV.Load(centre + c), otherMiddle = TV.Load(centre + c + TV.Lanes);
            TV total = default, otherTotal = default, products = default, otherProducts = default;
            long at = c;
            for (int line = 0; line < lines; line++)
            {
                TV sums = default, otherSums = default, ofLine = default, otherOfLine = default;
                for (int w = 0; w < width; w++, at += channels)
                {
                    TV gradient = TV.Load(dy + at), other = TV.Load(dy + at + TV.Lanes);
                    sums += gradient;
                    otherSums += other;
                    TV.AddProduct(gradient, TV.Load(x + at) - middle, ref ofLine);
                    TV.AddProduct(other, TV.Load(x + at + TV.Lanes) - otherMiddle, ref otherOfLine);
                }

                total += sums;
                otherTotal += otherSums;
                products += ofLine;
                otherProducts += otherOfLine;
            }

            TV.Store(total, sum + c);
            TV.Store(otherTotal, sum + c + TV.Lanes);
            TV.Store(products, product + c);
            TV.Store(otherProducts, product + c + TV.Lanes);
        }

        for (; c < channels; c++)
        {
            float total = 0, products = 0;
            long at = c;
            for (int line = 0; line < lines; line++)
            {
                float ofLine = 0, productsOfLine = 0;
                for (int w = 0; w < width; w++, at += channels)
                {
                    ofLine += dy[at];
                    productsOfLine += dy[at] * (x[at] - centre[c]);
                }

                total += ofLine;
                products += productsOfLine;
            }

            (sum[c], product[c]) = (total, products);
        }
    }
}
