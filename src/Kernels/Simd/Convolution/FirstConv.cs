using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The first convolution, 5x5 SAME over few channels, with bias, ReLU and 2x2 max-pool:
/// <code>
/// padded   [ic, H + 4 rows (rowStride apart), W + 4]     planar, border of 2 zeros; see PaddedInput
/// weight   [kh, kw, ic, oc]
/// pooled   [cell row (pooledStride apart), cell, oc]     first cell of the image; may lie in a bordered buffer
/// codes    [cell row, cell, oc]                          see Pool; null for inference
/// mask     [cell row, cell]                              0: the cell sees only black and is left as it is; null: all are made
/// </code>
/// Register tile: 3 cells (2 x 6 pixels) x 1 vector of channels, of <see cref="Two{TV}"/> registers with 16 lanes.
/// </summary>
internal static unsafe class FirstConv
{
    /// <summary>Side of the window.</summary>
    public const int Kernel = 5;

    /// <summary>Cells that are made together; an image has at least as many in a row.</summary>
    public const int Group = 3;

    /// <summary>Pooled values and codes of cell rows [from, to).</summary>
    public static void Forward<TV>(
        float* padded, int planeStride, int rowStride, int inChannels, float* weight, float* bias, int outChannels,
        int from, int to, int cells, byte* mask, float* pooled, int pooledStride, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        if (TV.Lanes == 16)
        {
            ForwardTiles<Two<TV>>(
                padded, planeStride, rowStride, inChannels, weight, bias, outChannels, from, to, cells, mask, pooled, pooledStride, codes);
        }
        else
        {
            ForwardTiles<TV>(
                padded, planeStride, rowStride, inChannels, weight, bias, outChannels, from, to, cells, mask, pooled, pooledStride, codes);
        }
    }

    /// <summary>What a cell that sees only black holds: pooled = relu(bias), its code 0 or <see cref="Pool.Off"/>.</summary>
    public static void FillBlank<TV>(
        float* bias, int outChannels, int from, int to, int cells, float* pooled, int pooledStride, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        for (int c = 0; c < outChannels; c += TV.Lanes)
        {
            TV value = TV.Max(default, TV.Load(bias + c));
            TV code = TV.SelectGreater(value, default, TV.Code(0), TV.Code(Pool.Off));
            for (int row = from; row < to; row++)
            {
                for (int cell = 0; cell < cells; cell++)
                {
                    TV.Store(value, pooled + ((long)row * pooledStride) + (cell * outChannels) + c);
                    if (codes != null)
                    {
                        TV.StoreCodes(code, codes + (((long)row * cells) + cell) * outChannels + c);
                    }
                }
            }
        }
    }

    [SkipLocalsInit]
    private static void ForwardTiles<TV>(
        float* padded, int planeStride, int rowStride, int inChannels, float* weight, float* bias, int outChannels,
        int from, int to, int cells, byte* mask, float* pooled, int pooledStride, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(4 * Group * TV.Lanes) + AlignedBuffer.Line];
        float* sums = AlignedBuffer.Align(room);
        for (int row = from; row < to; row++)
        {
            for (int first = 0; first < cells; first += Group)
            {
                int cell = Math.Min(first, cells - Group);
                int at = (row * cells) + cell;
                if (mask != null && (mask[at] | mask[at + 1] | mask[at + 2]) == 0)
                {
                    continue;
                }

                float* x = padded + (2 * row * rowStride) + (2 * cell);
                float* value = pooled + ((long)row * pooledStride) + (cell * outChannels);
                byte* code = codes == null ? null : codes + ((long)at * outChannels);
                for (int c = 0; c < outChannels; c += TV.Lanes)
                {
                    Sum<TV>(x, planeStride, rowStride, inChannels, weight + c, outChannels, sums);
                    Keep<TV>(sums, bias + c, value + c, code == null ? null : code + c, outChannels);
                }
            }
        }
    }

    /// <summary>sums[cell, pixel of the cell]: a method of its own, or there is more than the JIT keeps in registers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Sum<TV>(float* x, int planeStride, int rowStride, int inChannels, float* weight, int outChannels, float* sums)
        where TV : unmanaged, IVector<TV>
    {
        TV a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        TV b0 = default, b1 = default, b2 = default, b3 = default, b4 = default, b5 = default;
        for (int ic = 0; ic < inChannels; ic++)
        {
            for (int kh = 0; kh < Kernel; kh++)
            {
                float* top = x + (ic * planeStride) + (kh * rowStride), bottom = top + rowStride;
                float* w = weight + (((kh * Kernel * inChannels) + ic) * outChannels);
                for (int kw = 0; kw < Kernel; kw++)
                {
                    TV w0 = TV.Load(w);
                    TV value = TV.Broadcast(top[kw]);
                    TV.AddProduct(value, w0, ref a0);
                    value = TV.Broadcast(top[kw + 1]);
                    TV.AddProduct(value, w0, ref a1);
                    value = TV.Broadcast(top[kw + 2]);
                    TV.AddProduct(value, w0, ref a2);
                    value = TV.Broadcast(top[kw + 3]);
                    TV.AddProduct(value, w0, ref a3);
                    value = TV.Broadcast(top[kw + 4]);
                    TV.AddProduct(value, w0, ref a4);
                    value = TV.Broadcast(top[kw + 5]);
                    TV.AddProduct(value, w0, ref a5);
                    value = TV.Broadcast(bottom[kw]);
                    TV.AddProduct(value, w0, ref b0);
                    value = TV.Broadcast(bottom[kw + 1]);
                    TV.AddProduct(value, w0, ref b1);
                    value = TV.Broadcast(bottom[kw + 2]);
                    TV.AddProduct(value, w0, ref b2);
                    value = TV.Broadcast(bottom[kw + 3]);
                    TV.AddProduct(value, w0, ref b3);
                    value = TV.Broadcast(bottom[kw + 4]);
                    TV.AddProduct(value, w0, ref b4);
                    value = TV.Broadcast(bottom[kw + 5]);
                    TV.AddProduct(value, w0, ref b5);
                    w += inChannels * outChannels;
                }
            }
        }

        Store4(a0, a1, b0, b1, sums);
        Store4(a2, a3, b2, b3, sums + (4 * TV.Lanes));
        Store4(a4, a5, b4, b5, sums + (8 * TV.Lanes));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Keep<TV>(float* sums, float* bias, float* pooled, byte* codes, int outChannels)
        where TV : unmanaged, IVector<TV>
    {
        TV offset = TV.Load(bias);
        for (int cell = 0; cell < Group; cell++)
        {
            TV y0 = TV.Load(sums), y1 = TV.Load(sums + TV.Lanes), y2 = TV.Load(sums + (2 * TV.Lanes)), y3 = TV.Load(sums + (3 * TV.Lanes));
            if (codes == null)
            {
                TV.Store(Pool.Cell(y0, y1, y2, y3, offset), pooled);
            }
            else
            {
                TV.Store(Pool.Cell(y0, y1, y2, y3, offset, out TV code), pooled);
                TV.StoreCodes(code, codes);
                codes += outChannels;
            }

            sums += 4 * TV.Lanes;
            pooled += outChannels;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store4<TV>(TV y0, TV y1, TV y2, TV y3, float* sums)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(y0, sums);
        TV.Store(y1, sums + TV.Lanes);
        TV.Store(y2, sums + (2 * TV.Lanes));
        TV.Store(y3, sums + (3 * TV.Lanes));
    }
}
