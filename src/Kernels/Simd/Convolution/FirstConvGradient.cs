using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Weight and bias gradient of <see cref="FirstConv"/> (same layouts; nothing asks for the input's gradient):
/// <code>
/// dPooled  [cell row (pooledStride apart), cell, oc]
/// dWeight  [kh, kw, ic, oc]  += sum over cells of dPooled * x(winner + (kh, kw))
/// dBias    [oc]              += sum over cells that ReLU let through of dPooled
/// </code>
/// A cell's gradient goes to one pixel of four, another one in each lane: four masked copies of it meet a 6x6 patch of x,
/// the sums of one row of the window in registers. Cells the mask marks as blank see x = 0: only dBias.
/// </summary>
internal static unsafe class FirstConvGradient
{
    private const int Kernel = FirstConv.Kernel;

    public static void Add<TV>(
        float* padded, int planeStride, int rowStride, int inChannels, int outChannels,
        int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes, float* dWeight, float* dBias)
        where TV : unmanaged, IVector<TV>
    {
        for (int c = 0; c < outChannels; c += TV.Lanes)
        {
            AddBias<TV>(outChannels, rows, cells, dPooled + c, pooledStride, codes + c, dBias + c);
            for (int ic = 0; ic < inChannels; ic++)
            {
                float* x = padded + (ic * planeStride);
                float* w = dWeight + (ic * outChannels) + c;
                int tap = inChannels * outChannels;
                if (TV.Lanes == 16)
                {
                    FirstConvGradient512.AddWindow(x, rowStride, outChannels, rows, cells, mask, dPooled + c, pooledStride, codes + c, w,
                        tap);
                    continue;
                }

                for (int kh = 0; kh < Kernel; kh++)
                {
                    AddRow<TV>(x + (kh * rowStride), rowStride, outChannels, rows, cells, mask, dPooled + c, pooledStride, codes + c,
                        w + (kh * Kernel * tap), tap);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBias<TV>(int outChannels, int rows, int cells, float* dPooled, int pooledStride, byte* codes, float* dBias)
        where TV : unmanaged, IVector<TV>
    {
        TV sum = default, off = default;
        for (int row = 0; row < rows; row++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                TV g = TV.Load(dPooled + (cell * outChannels));
                sum += g;
                off += TV.WhereCode(TV.LoadCodes(codes + (cell * outChannels)), TV.Code(Pool.Off), g);
            }

            dPooled += pooledStride;
            codes += cells * outChannels;
        }

        TV.Store(TV.Load(dBias) + (sum - off), dBias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow<TV>(
        float* x, int rowStride, int outChannels, int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes,
        float* dWeight, int tap)
        where TV : unmanaged, IVector<TV>
    {
        TV s00 = default, s01 = default, s02 = default, s03 = default, s04 = default;
        for (int row = 0; row < rows; row++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                if (mask != null && mask[(row * cells) + cell] == 0)
                {
                    continue;
                }

                TV g = TV.Load(dPooled + (cell * outChannels));
                TV code = TV.LoadCodes(codes + (cell * outChannels));
                TV g0 = TV.WhereCode(code, TV.Code(0), g), g1 = TV.WhereCode(code, TV.Code(1), g);
                TV g2 = TV.WhereCode(code, TV.Code(2), g), g3 = TV.WhereCode(code, TV.Code(3), g);
                float* p = x + (2 * cell);
                float* p1 = p + rowStride;
                TV.AddProduct(TV.Broadcast(p[0]), g0, ref s00);
                TV.AddProduct(TV.Broadcast(p[1]), g0, ref s01);
                TV.AddProduct(TV.Broadcast(p[2]), g0, ref s02);
                TV.AddProduct(TV.Broadcast(p[3]), g0, ref s03);
                TV.AddProduct(TV.Broadcast(p[4]), g0, ref s04);
                TV.AddProduct(TV.Broadcast(p[1]), g1, ref s00);
                TV.AddProduct(TV.Broadcast(p[2]), g1, ref s01);
                TV.AddProduct(TV.Broadcast(p[3]), g1, ref s02);
                TV.AddProduct(TV.Broadcast(p[4]), g1, ref s03);
                TV.AddProduct(TV.Broadcast(p[5]), g1, ref s04);
                TV.AddProduct(TV.Broadcast(p1[0]), g2, ref s00);
                TV.AddProduct(TV.Broadcast(p1[1]), g2, ref s01);
                TV.AddProduct(TV.Broadcast(p1[2]), g2, ref s02);
                TV.AddProduct(TV.Broadcast(p1[3]), g2, ref s03);
                TV.AddProduct(TV.Broadcast(p1[4]), g2, ref s04);
                TV.AddProduct(TV.Broadcast(p1[1]), g3, ref s00);
                TV.AddProduct(TV.Broadcast(p1[2]), g3, ref s01);
                TV.AddProduct(TV.Broadcast(p1[3]), g3, ref s02);
                TV.AddProduct(TV.Broadcast(p1[4]), g3, ref s03);
                TV.AddProduct(TV.Broadcast(p1[5]), g3, ref s04);
            }

            x += 2 * rowStride;
            dPooled += pooledStride;
            codes += cells * outChannels;
        }

        AddTaps(dWeight, tap, s00, s01, s02, s03, s04);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTaps<TV>(float* dWeight, int tap, TV s0, TV s1, TV s2, TV s3, TV s4)
        where TV : unmanaged, IVector<TV>
    {
        TV.Store(TV.Load(dWeight) + s0, dWeight);
        TV.Store(TV.Load(dWeight + tap) + s1, dWeight + tap);
        TV.Store(TV.Load(dWeight + (2 * tap)) + s2, dWeight + (2 * tap));
        TV.Store(TV.Load(dWeight + (3 * tap)) + s3, dWeight + (3 * tap));
        TV.Store(TV.Load(dWeight + (4 * tap)) + s4, dWeight + (4 * tap));
    }
}
