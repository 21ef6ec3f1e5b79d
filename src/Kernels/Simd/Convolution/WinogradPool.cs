using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The output side of a tile behind which stand bias, ReLU, 2x2 max-pool and global average pooling. A 4x4 tile is 2x2
/// cells, of which <c>rows</c> x <c>columns</c> lie inside the image:
/// <code>
/// planes  [64 (plane apart), channels]
/// codes   [cell row (codeStride apart), cell, channels]    see Pool
/// pooled  [cell row (pooledStride apart), cell, channels]  null when nobody asks
/// sums    [channels]   += pooled value of every cell
/// counts  [channels]   += cells that ReLU let through
/// </code>
/// Behind GAP a cell's gradient is one number per channel, handed to the pixel that won.
/// </summary>
internal static unsafe class WinogradPool
{
    /// <summary>y = A' planes A; bias, ReLU, pool. With codes null only values are made (inference).</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Forward<TV>(
        float* planes, int plane, int channels, float* bias, int rows, int columns,
        byte* codes, int codeStride, float* pooled, int pooledStride, float* sums, float* counts)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Tile * Winograd.Window * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        for (int c = 0; c < channels; c += TV.Lanes)
        {
            for (int column = 0; column < Winograd.Window; column++)
            {
                float* source = planes + ((long)column * plane) + c;
                WinogradInput.Load8<TV>(source, 8L * plane, out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5,
                    out TV m6, out TV m7);
                Winograd.Output(m0, m1, m2, m3, m4, m5, m6, m7, out TV y0, out TV y1, out TV y2, out TV y3);
                float* target = half + (column * TV.Lanes);
                TV.Store(y0, target);
                TV.Store(y1, target + (8 * TV.Lanes));
                TV.Store(y2, target + (16 * TV.Lanes));
                TV.Store(y3, target + (24 * TV.Lanes));
            }

            TV offset = TV.Load(bias + c), sum = TV.Load(sums + c);
            TV count = counts == null ? default : TV.Load(counts + c);
            for (int row = 0; row < rows; row++)
            {
                OutputRow<TV>(half + (row * 16 * TV.Lanes), out TV y00, out TV y01, out TV y02, out TV y03);
                OutputRow<TV>(half + (((row * 16) + 8) * TV.Lanes), out TV y10, out TV y11, out TV y12, out TV y13);
                if (codes == null)
                {
                    TV value = Pool.Cell(y00, y01, y10, y11, offset);
                    Keep(ref sum, value, pooled == null ? null : pooled + (row * pooledStride) + c);
                    if (columns > 1)
                    {
                        value = Pool.Cell(y02, y03, y12, y13, offset);
                        Keep(ref sum, value, pooled == null ? null : pooled + (row * pooledStride) + channels + c);
                    }
                }
                else
                {
                    TV value = Pool.Cell(y00, y01, y10, y11, offset, out TV code);
                    Keep(ref sum, value, pooled == null ? null : pooled + (row * pooledStride) + c);
                    TV.StoreCodes(code, codes + (row * codeStride) + c);
                    count += TV.SelectGreater(value, default, TV.Broadcast(1f), default);
                    if (columns > 1)
                    {
                        value = Pool.Cell(y02, y03, y12, y13, offset, out code);
                        Keep(ref sum, value, pooled == null ? null : pooled + (row * pooledStride) + channels + c);
                        TV.StoreCodes(code, codes + (row * codeStride) + channels + c);
                        count += TV.SelectGreater(value, default, TV.Broadcast(1f), default);
                    }
                }
            }

            TV.Store(sum, sums + c);
            if (counts != null)
            {
                TV.Store(count, counts + c);
            }
        }
    }

    /// <summary>planes = A dY A', dY the tile's gradient: gradient[c] at each cell's winner, else 0.</summary>
    [SkipLocalsInit, MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Backward<TV>(
        byte* codes, int codeStride, float* gradient, int rows, int columns, int channels, float* planes, int plane)
        where TV : unmanaged, IVector<TV>
    {
        float* room = stackalloc float[(Winograd.Window * Winograd.Tile * TV.Lanes) + AlignedBuffer.Line];
        float* half = AlignedBuffer.Align(room);
        for (int c = 0; c < channels; c += TV.Lanes)
        {
            TV g = TV.Load(gradient + c);
            for (int cell = 0; cell < 2; cell++)
            {
                bool inside = cell < columns;
                TV code0 = inside ? TV.LoadCodes(codes + (cell * channels) + c) : TV.Code(Pool.Off);
                TV code1 = inside && rows > 1 ? TV.LoadCodes(codes + codeStride + (cell * channels) + c) : TV.Code(Pool.Off);
                for (int side = 0; side < 2; side++)
                {
                    TV upper = TV.Code(side), lower = TV.Code(side + 2);
                    TV d0 = TV.WhereCode(code0, upper, g), d1 = TV.WhereCode(code0, lower, g);
                    TV d2 = TV.WhereCode(code1, upper, g), d3 = TV.WhereCode(code1, lower, g);
                    Winograd.OutputAdjoint(d0, d1, d2, d3, out TV t1, out TV t2, out TV t3, out TV t4, out TV t5, out TV t6);
                    WinogradWeights.Store8(half + (((2 * cell) + side) * TV.Lanes), 4 * TV.Lanes, d0, t1, t2, t3, t4, t5, t6, d3);
                }
            }

            for (int row = 0; row < Winograd.Window; row++)
            {
                float* h = half + (row * 4 * TV.Lanes);
                TV d0 = TV.Load(h), d3 = TV.Load(h + (3 * TV.Lanes));
                Winograd.OutputAdjoint(d0, TV.Load(h + TV.Lanes), TV.Load(h + (2 * TV.Lanes)), d3, out TV t1, out TV t2, out TV t3,
                    out TV t4, out TV t5, out TV t6);
                float* target = planes + ((long)row * 8 * plane) + c;
                WinogradWeights.Store8(target, plane, d0, t1, t2, t3, t4, t5, t6, d3);
                Prefetch.Lines8(target + AlignedBuffer.Line, plane);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void OutputRow<TV>(float* half, out TV y0, out TV y1, out TV y2, out TV y3)
        where TV : unmanaged, IVector<TV>
    {
        WinogradInput.Load8<TV>(half, TV.Lanes, out TV m0, out TV m1, out TV m2, out TV m3, out TV m4, out TV m5, out TV m6,
            out TV m7);
        Winograd.Output(m0, m1, m2, m3, m4, m5, m6, m7, out y0, out y1, out y2, out y3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Keep<TV>(ref TV sum, TV value, float* pooled)
        where TV : unmanaged, IVector<TV>
    {
        sum += value;
        if (pooled != null)
        {
            TV.Store(value, pooled);
        }
    }
}
