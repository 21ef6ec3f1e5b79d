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
/// Register tile: 3 cells (2 x 6 pixels) x 2 vectors of channels with 16 lanes, x 1 vector with fewer.
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
        int step = TV.Lanes == 16 ? 2 * TV.Lanes : TV.Lanes;
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
                for (int c = 0; c < outChannels; c += step)
                {
                    if (TV.Lanes == 16)
                    {
                        Group2<TV>(x, planeStride, rowStride, inChannels, weight + c, bias + c, outChannels, value + c,
                            code == null ? null : code + c);
                    }
                    else
                    {
                        Group1<TV>(x, planeStride, rowStride, inChannels, weight + c, bias + c, outChannels, value + c,
                            code == null ? null : code + c);
                    }
                }
            }
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Group2<TV>(
        float* x, int planeStride, int rowStride, int inChannels, float* weight, float* bias, int outChannels, float* pooled, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        TV a0u = default, a1u = default, a2u = default, a3u = default, a4u = default, a5u = default;
        TV a0v = default, a1v = default, a2v = default, a3v = default, a4v = default, a5v = default;
        TV b0u = default, b1u = default, b2u = default, b3u = default, b4u = default, b5u = default;
        TV b0v = default, b1v = default, b2v = default, b3v = default, b4v = default, b5v = default;
        for (int ic = 0; ic < inChannels; ic++)
        {
            for (int kh = 0; kh < Kernel; kh++)
            {
                float* top = x + (ic * planeStride) + (kh * rowStride), bottom = top + rowStride;
                float* w = weight + (((kh * Kernel * inChannels) + ic) * outChannels);
                for (int kw = 0; kw < Kernel; kw++)
                {
                    TV wu = TV.Load(w), wv = TV.Load(w + TV.Lanes);
                    TV value = TV.Broadcast(top[kw]);
                    a0u = TV.MulAdd(value, wu, a0u);
                    a0v = TV.MulAdd(value, wv, a0v);
                    value = TV.Broadcast(top[kw + 1]);
                    a1u = TV.MulAdd(value, wu, a1u);
                    a1v = TV.MulAdd(value, wv, a1v);
                    value = TV.Broadcast(top[kw + 2]);
                    a2u = TV.MulAdd(value, wu, a2u);
                    a2v = TV.MulAdd(value, wv, a2v);
                    value = TV.Broadcast(top[kw + 3]);
                    a3u = TV.MulAdd(value, wu, a3u);
                    a3v = TV.MulAdd(value, wv, a3v);
                    value = TV.Broadcast(top[kw + 4]);
                    a4u = TV.MulAdd(value, wu, a4u);
                    a4v = TV.MulAdd(value, wv, a4v);
                    value = TV.Broadcast(top[kw + 5]);
                    a5u = TV.MulAdd(value, wu, a5u);
                    a5v = TV.MulAdd(value, wv, a5v);
                    value = TV.Broadcast(bottom[kw]);
                    b0u = TV.MulAdd(value, wu, b0u);
                    b0v = TV.MulAdd(value, wv, b0v);
                    value = TV.Broadcast(bottom[kw + 1]);
                    b1u = TV.MulAdd(value, wu, b1u);
                    b1v = TV.MulAdd(value, wv, b1v);
                    value = TV.Broadcast(bottom[kw + 2]);
                    b2u = TV.MulAdd(value, wu, b2u);
                    b2v = TV.MulAdd(value, wv, b2v);
                    value = TV.Broadcast(bottom[kw + 3]);
                    b3u = TV.MulAdd(value, wu, b3u);
                    b3v = TV.MulAdd(value, wv, b3v);
                    value = TV.Broadcast(bottom[kw + 4]);
                    b4u = TV.MulAdd(value, wu, b4u);
                    b4v = TV.MulAdd(value, wv, b4v);
                    value = TV.Broadcast(bottom[kw + 5]);
                    b5u = TV.MulAdd(value, wu, b5u);
                    b5v = TV.MulAdd(value, wv, b5v);
                    w += inChannels * outChannels;
                }
            }
        }

        TV offset = TV.Load(bias);
        Keep(a0u, a1u, b0u, b1u, offset, pooled, codes == null ? null : codes);
        Keep(a2u, a3u, b2u, b3u, offset, pooled + outChannels, codes == null ? null : codes + outChannels);
        Keep(a4u, a5u, b4u, b5u, offset, pooled + (2 * outChannels), codes == null ? null : codes + (2 * outChannels));
        TV offset1 = TV.Load(bias + TV.Lanes);
        Keep(a0v, a1v, b0v, b1v, offset1, pooled + TV.Lanes, codes == null ? null : codes + TV.Lanes);
        Keep(a2v, a3v, b2v, b3v, offset1, pooled + outChannels + TV.Lanes, codes == null ? null : codes + outChannels + TV.Lanes);
        Keep(a4v, a5v, b4v, b5v, offset1, pooled + (2 * outChannels) + TV.Lanes,
            codes == null ? null : codes + (2 * outChannels) + TV.Lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Group1<TV>(
        float* x, int planeStride, int rowStride, int inChannels, float* weight, float* bias, int outChannels, float* pooled, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        TV a0u = default, a1u = default, a2u = default, a3u = default, a4u = default, a5u = default;
        TV b0u = default, b1u = default, b2u = default, b3u = default, b4u = default, b5u = default;
        for (int ic = 0; ic < inChannels; ic++)
        {
            for (int kh = 0; kh < Kernel; kh++)
            {
                float* top = x + (ic * planeStride) + (kh * rowStride), bottom = top + rowStride;
                float* w = weight + (((kh * Kernel * inChannels) + ic) * outChannels);
                for (int kw = 0; kw < Kernel; kw++)
                {
                    TV wu = TV.Load(w);
                    TV value = TV.Broadcast(top[kw]);
                    a0u = TV.MulAdd(value, wu, a0u);
                    value = TV.Broadcast(top[kw + 1]);
                    a1u = TV.MulAdd(value, wu, a1u);
                    value = TV.Broadcast(top[kw + 2]);
                    a2u = TV.MulAdd(value, wu, a2u);
                    value = TV.Broadcast(top[kw + 3]);
                    a3u = TV.MulAdd(value, wu, a3u);
                    value = TV.Broadcast(top[kw + 4]);
                    a4u = TV.MulAdd(value, wu, a4u);
                    value = TV.Broadcast(top[kw + 5]);
                    a5u = TV.MulAdd(value, wu, a5u);
                    value = TV.Broadcast(bottom[kw]);
                    b0u = TV.MulAdd(value, wu, b0u);
                    value = TV.Broadcast(bottom[kw + 1]);
                    b1u = TV.MulAdd(value, wu, b1u);
                    value = TV.Broadcast(bottom[kw + 2]);
                    b2u = TV.MulAdd(value, wu, b2u);
                    value = TV.Broadcast(bottom[kw + 3]);
                    b3u = TV.MulAdd(value, wu, b3u);
                    value = TV.Broadcast(bottom[kw + 4]);
                    b4u = TV.MulAdd(value, wu, b4u);
                    value = TV.Broadcast(bottom[kw + 5]);
                    b5u = TV.MulAdd(value, wu, b5u);
                    w += inChannels * outChannels;
                }
            }
        }

        TV offset = TV.Load(bias);
        Keep(a0u, a1u, b0u, b1u, offset, pooled, codes == null ? null : codes);
        Keep(a2u, a3u, b2u, b3u, offset, pooled + outChannels, codes == null ? null : codes + outChannels);
        Keep(a4u, a5u, b4u, b5u, offset, pooled + (2 * outChannels), codes == null ? null : codes + (2 * outChannels));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TV>(TV y0, TV y1, TV y2, TV y3, TV bias, float* pooled, byte* codes)
        where TV : unmanaged, IVector<TV>
    {
        if (codes == null)
        {
            TV.Store(Pool.Cell(y0, y1, y2, y3, bias), pooled);
        }
        else
        {
            TV.Store(Pool.Cell(y0, y1, y2, y3, bias, out TV code), pooled);
            TV.StoreCodes(code, codes);
        }
    }
}
