using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// A convolution as a matrix product whose left side is never written down: output pixel p and tap k meet at
/// <c>start(p) + offset(k)</c> of a bordered image, with the same offsets for all pixels.
/// <code>
/// image    [rows, columns, channels], zeros where a window reaches beyond the input
/// weight   [taps, columnsPadded]                     taps in the order (kh, kw, channel)
/// output   [pixels, columns]  = image windows x weight (+ bias, ReLU)
/// </code>
/// Register tile (see <see cref="RegisterTile"/>): 6 pixels, taken in a row from the flat list of pixels. It prefetches the weight,
/// which comes next again.
/// </summary>
internal static unsafe class ConvProduct
{
    /// <summary>Columns of the weight, rounded up to what the register tile takes.</summary>
    public static int Padded<TV>(int columns)
        where TV : unmanaged, IVector<TV> => (columns + (2 * TV.Lanes) - 1) / (2 * TV.Lanes) * (2 * TV.Lanes);

    /// <summary>Output pixels [from, to) of an image of <paramref name="width"/> pixels a row; a window starts at row * rowStep + column
    /// * columnStep.</summary>
    public static void Run<TV>(
        float* image, int width, int rowStep, int columnStep, Taps taps, float* weight, float* bias, bool relu,
        float* output, int columns, int from, int to)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(RegisterTile.Rows * 4 * TV.Lanes) + AlignedBuffer.Line];
        float* tile = AlignedBuffer.Align(room);
        int* rows = stackalloc int[RegisterTile.Rows];
        int padded = Padded<TV>(columns);
        for (int pixel = from; pixel < to; pixel += RegisterTile.Rows)
        {
            int count = Math.Min(RegisterTile.Rows, to - pixel);
            for (int r = 0; r < RegisterTile.Rows; r++)
            {
                int p = pixel + Math.Min(r, count - 1);
                rows[r] = (p / width * rowStep) + (p % width * columnStep);
            }

            for (int column = 0; column < padded;)
            {
                bool wide = TV.Lanes == 16 && column + (4 * TV.Lanes) <= padded;
                int made = (wide ? 4 : 2) * TV.Lanes;
                if (wide)
                {
                    RegisterTile.Multiply<Two<TV>>(image, rows, taps, weight + column, padded, tile, made, weight);
                }
                else
                {
                    RegisterTile.Multiply<TV>(image, rows, taps, weight + column, padded, tile, made, weight);
                }

                Keep<TV>(
                    tile, made, count, bias == null ? null : bias + column, relu, output + ((long)pixel * columns) + column, columns,
                    Math.Min(made, columns - column));
                column += made;
            }
        }
    }

    /// <summary>The tile with bias and ReLU into its place; <paramref name="used"/> of its columns exist.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Keep<TV>(float* tile, int made, int count, float* bias, bool relu, float* output, int stride, int used)
        where TV : unmanaged, IVector<TV>
    {
        for (int r = 0; r < count; r++)
        {
            int c = 0;
            for (; c + TV.Lanes <= used; c += TV.Lanes)
            {
                TV y = TV.Load(tile + c);
                y = bias == null ? y : y + TV.Load(bias + c);
                TV.Store(relu ? TV.Max(default, y) : y, output + c);
            }

            for (; c < used; c++)
            {
                float y = bias == null ? tile[c] : tile[c] + bias[c];
                output[c] = relu ? MathF.Max(y, 0) : y;
            }

            tile += made;
            output += stride;
        }
    }
}
