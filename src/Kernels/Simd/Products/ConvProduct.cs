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
/// Register tile: 6 pixels, taken in a row from the flat list of pixels, x 4 vectors of channels (2 with fewer registers).
/// </summary>
internal static unsafe class ConvProduct
{
    private const int Rows = 6;

    /// <summary>Offsets of taps, in runs of neighbours in memory.</summary>
    public readonly struct Taps(int kernelRows, int kernelColumns, int rowStep, int columnStep, int channels)
    {
        private readonly bool _dense = columnStep == channels;

        /// <summary>Taps in a run: a kernel's row where columns touch, else a pixel.</summary>
        public int Length => _dense ? kernelColumns * channels : channels;

        /// <summary>Runs.</summary>
        public int Segments => _dense ? kernelRows : kernelRows * kernelColumns;

        /// <summary>Where a run starts, from the window's first pixel.</summary>
        public int Offset(int segment) =>
            _dense ? segment * rowStep : (segment / kernelColumns * rowStep) + (segment % kernelColumns * columnStep);
    }

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
        float* room = stackalloc float[(Rows * 4 * TV.Lanes) + AlignedBuffer.Line];
        float* tile = AlignedBuffer.Align(room);
        float** rows = stackalloc float*[Rows];
        int padded = Padded<TV>(columns);
        for (int pixel = from; pixel < to; pixel += Rows)
        {
            int count = Math.Min(Rows, to - pixel);
            for (int r = 0; r < Rows; r++)
            {
                int p = pixel + Math.Min(r, count - 1);
                rows[r] = image + ((long)(p / width) * rowStep) + (p % width * columnStep);
            }

            for (int column = 0; column < padded;)
            {
                bool wide = TV.Lanes == 16 && column + (4 * TV.Lanes) <= padded;
                if (wide)
                {
                    Tile6x4<TV>(rows, taps, weight + column, padded, tile);
                }
                else
                {
                    Tile6x2<TV>(rows, taps, weight + column, padded, tile);
                }

                int made = (wide ? 4 : 2) * TV.Lanes;
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x4<TV>(float** rows, Taps taps, float* b, int ldb, float* tile)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default, c02 = default, c03 = default;
        TV c10 = default, c11 = default, c12 = default, c13 = default;
        TV c20 = default, c21 = default, c22 = default, c23 = default;
        TV c30 = default, c31 = default, c32 = default, c33 = default;
        TV c40 = default, c41 = default, c42 = default, c43 = default;
        TV c50 = default, c51 = default, c52 = default, c53 = default;
        for (int segment = 0; segment < taps.Segments; segment++)
        {
            int offset = taps.Offset(segment);
            float* a0 = rows[0] + offset, a1 = rows[1] + offset, a2 = rows[2] + offset;
            float* a3 = rows[3] + offset, a4 = rows[4] + offset, a5 = rows[5] + offset;
            for (int i = 0; i < taps.Length; i++)
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes), b2 = TV.Load(b + (2 * TV.Lanes)), b3 = TV.Load(b + (3 * TV.Lanes));
                TV x = TV.Broadcast(a0[i]);
                c00 = TV.MulAdd(x, b0, c00);
                c01 = TV.MulAdd(x, b1, c01);
                c02 = TV.MulAdd(x, b2, c02);
                c03 = TV.MulAdd(x, b3, c03);
                x = TV.Broadcast(a1[i]);
                c10 = TV.MulAdd(x, b0, c10);
                c11 = TV.MulAdd(x, b1, c11);
                c12 = TV.MulAdd(x, b2, c12);
                c13 = TV.MulAdd(x, b3, c13);
                x = TV.Broadcast(a2[i]);
                c20 = TV.MulAdd(x, b0, c20);
                c21 = TV.MulAdd(x, b1, c21);
                c22 = TV.MulAdd(x, b2, c22);
                c23 = TV.MulAdd(x, b3, c23);
                x = TV.Broadcast(a3[i]);
                c30 = TV.MulAdd(x, b0, c30);
                c31 = TV.MulAdd(x, b1, c31);
                c32 = TV.MulAdd(x, b2, c32);
                c33 = TV.MulAdd(x, b3, c33);
                x = TV.Broadcast(a4[i]);
                c40 = TV.MulAdd(x, b0, c40);
                c41 = TV.MulAdd(x, b1, c41);
                c42 = TV.MulAdd(x, b2, c42);
                c43 = TV.MulAdd(x, b3, c43);
                x = TV.Broadcast(a5[i]);
                c50 = TV.MulAdd(x, b0, c50);
                c51 = TV.MulAdd(x, b1, c51);
                c52 = TV.MulAdd(x, b2, c52);
                c53 = TV.MulAdd(x, b3, c53);
                b += ldb;
            }
        }

        TV.Store(c00, tile);
        TV.Store(c01, tile + TV.Lanes);
        TV.Store(c02, tile + (2 * TV.Lanes));
        TV.Store(c03, tile + (3 * TV.Lanes));
        TV.Store(c10, tile + (4 * TV.Lanes));
        TV.Store(c11, tile + (5 * TV.Lanes));
        TV.Store(c12, tile + (6 * TV.Lanes));
        TV.Store(c13, tile + (7 * TV.Lanes));
        TV.Store(c20, tile + (8 * TV.Lanes));
        TV.Store(c21, tile + (9 * TV.Lanes));
        TV.Store(c22, tile + (10 * TV.Lanes));
        TV.Store(c23, tile + (11 * TV.Lanes));
        TV.Store(c30, tile + (12 * TV.Lanes));
        TV.Store(c31, tile + (13 * TV.Lanes));
        TV.Store(c32, tile + (14 * TV.Lanes));
        TV.Store(c33, tile + (15 * TV.Lanes));
        TV.Store(c40, tile + (16 * TV.Lanes));
        TV.Store(c41, tile + (17 * TV.Lanes));
        TV.Store(c42, tile + (18 * TV.Lanes));
        TV.Store(c43, tile + (19 * TV.Lanes));
        TV.Store(c50, tile + (20 * TV.Lanes));
        TV.Store(c51, tile + (21 * TV.Lanes));
        TV.Store(c52, tile + (22 * TV.Lanes));
        TV.Store(c53, tile + (23 * TV.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile6x2<TV>(float** rows, Taps taps, float* b, int ldb, float* tile)
        where TV : unmanaged, IVector<TV>
    {
        TV c00 = default, c01 = default;
        TV c10 = default, c11 = default;
        TV c20 = default, c21 = default;
        TV c30 = default, c31 = default;
        TV c40 = default, c41 = default;
        TV c50 = default, c51 = default;
        for (int segment = 0; segment < taps.Segments; segment++)
        {
            int offset = taps.Offset(segment);
            float* a0 = rows[0] + offset, a1 = rows[1] + offset, a2 = rows[2] + offset;
            float* a3 = rows[3] + offset, a4 = rows[4] + offset, a5 = rows[5] + offset;
            for (int i = 0; i < taps.Length; i++)
            {
                TV b0 = TV.Load(b), b1 = TV.Load(b + TV.Lanes);
                TV x = TV.Broadcast(a0[i]);
                c00 = TV.MulAdd(x, b0, c00);
                c01 = TV.MulAdd(x, b1, c01);
                x = TV.Broadcast(a1[i]);
                c10 = TV.MulAdd(x, b0, c10);
                c11 = TV.MulAdd(x, b1, c11);
                x = TV.Broadcast(a2[i]);
                c20 = TV.MulAdd(x, b0, c20);
                c21 = TV.MulAdd(x, b1, c21);
                x = TV.Broadcast(a3[i]);
                c30 = TV.MulAdd(x, b0, c30);
                c31 = TV.MulAdd(x, b1, c31);
                x = TV.Broadcast(a4[i]);
                c40 = TV.MulAdd(x, b0, c40);
                c41 = TV.MulAdd(x, b1, c41);
                x = TV.Broadcast(a5[i]);
                c50 = TV.MulAdd(x, b0, c50);
                c51 = TV.MulAdd(x, b1, c51);
                b += ldb;
            }
        }

        TV.Store(c00, tile);
        TV.Store(c01, tile + TV.Lanes);
        TV.Store(c10, tile + (2 * TV.Lanes));
        TV.Store(c11, tile + (3 * TV.Lanes));
        TV.Store(c20, tile + (4 * TV.Lanes));
        TV.Store(c21, tile + (5 * TV.Lanes));
        TV.Store(c30, tile + (6 * TV.Lanes));
        TV.Store(c31, tile + (7 * TV.Lanes));
        TV.Store(c40, tile + (8 * TV.Lanes));
        TV.Store(c41, tile + (9 * TV.Lanes));
        TV.Store(c50, tile + (10 * TV.Lanes));
        TV.Store(c51, tile + (11 * TV.Lanes));
    }
}
