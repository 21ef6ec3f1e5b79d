using System.Runtime.CompilerServices;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// Weight and bias gradient of <see cref="FirstConv"/> (same layouts; nothing asks for the input's gradient):
/// <code>
/// dPooled  [cell row (pooledStride apart), cell, oc]
/// dWeight  [kh, kw, ic, oc]  += sum over cells of dPooled * x(winner + (kh, kw))
/// dBias    [oc]              += sum over cells that ReLU let through of dPooled
/// </code>
/// A cell's gradient goes to one pixel of four, another one in each lane: four masked copies of it meet a 6x6 patch of x.
/// With 32 registers all 25 sums of a channel vector stay in registers, with 16 a row of 5. Cells the mask marks as blank see x = 0: only dBias.
/// </summary>
internal static unsafe class FirstConvGradient
{
    private const int Kernel = FirstConv.Kernel;

    public static void Add<TV>(
        float* padded, int planeStride, int rowStride, int inChannels, int outChannels,
        int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes, float* dWeight, float* dBias)
        where TV : unmanaged, IVector<TV>
    {
        for (var c = 0; c < outChannels; c += TV.Lanes)
        {
            AddBias<TV>(outChannels, rows, cells, dPooled + c, pooledStride, codes + c, dBias + c);
            for (var ic = 0; ic < inChannels; ic++)
            {
                var x = padded + (ic * planeStride);
                var w = dWeight + (ic * outChannels) + c;
                var tap = inChannels * outChannels;
                if (TV.Lanes == 16)
                {
                    AddWindow<TV>(x, rowStride, outChannels, rows, cells, mask, dPooled + c, pooledStride, codes + c, w, tap);
                    continue;
                }

                for (var kh = 0; kh < Kernel; kh++)
                {
                    AddRow<TV>(x + (kh * rowStride), rowStride, outChannels, rows, cells, mask, dPooled + c, pooledStride, codes + c, w + (kh * Kernel * tap), tap);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddBias<TV>(int outChannels, int rows, int cells, float* dPooled, int pooledStride, byte* codes, float* dBias)
        where TV : unmanaged, IVector<TV>
    {
        TV sum = default, off = default;
        for (var row = 0; row < rows; row++)
        {
            for (var cell = 0; cell < cells; cell++)
            {
                var g = TV.Load(dPooled + (cell * outChannels));
                sum += g;
                off += TV.WhereCode(TV.LoadCodes(codes + (cell * outChannels)), TV.Code(Pool.Off), g);
            }

            dPooled += pooledStride;
            codes += cells * outChannels;
        }

        TV.Store(TV.Load(dBias) + (sum - off), dBias);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddWindow<TV>(
        float* x, int rowStride, int outChannels, int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes, float* dWeight, int tap)
        where TV : unmanaged, IVector<TV>
    {
        TV s00 = default, s01 = default, s02 = default, s03 = default, s04 = default;
        TV s10 = default, s11 = default, s12 = default, s13 = default, s14 = default;
        TV s20 = default, s21 = default, s22 = default, s23 = default, s24 = default;
        TV s30 = default, s31 = default, s32 = default, s33 = default, s34 = default;
        TV s40 = default, s41 = default, s42 = default, s43 = default, s44 = default;
        for (var row = 0; row < rows; row++)
        {
            for (var cell = 0; cell < cells; cell++)
            {
                if (mask != null && mask[(row * cells) + cell] == 0)
                {
                    continue;
                }

                var g = TV.Load(dPooled + (cell * outChannels));
                var code = TV.LoadCodes(codes + (cell * outChannels));
                TV g0 = TV.WhereCode(code, TV.Code(0), g), g1 = TV.WhereCode(code, TV.Code(1), g);
                TV g2 = TV.WhereCode(code, TV.Code(2), g), g3 = TV.WhereCode(code, TV.Code(3), g);
                var p = x + (2 * cell);
                float* p1 = p + rowStride, p2 = p1 + rowStride, p3 = p2 + rowStride, p4 = p3 + rowStride, p5 = p4 + rowStride;
                s00 = TV.MulAdd(TV.Broadcast(p[0]), g0, s00);
                s01 = TV.MulAdd(TV.Broadcast(p[1]), g0, s01);
                s02 = TV.MulAdd(TV.Broadcast(p[2]), g0, s02);
                s03 = TV.MulAdd(TV.Broadcast(p[3]), g0, s03);
                s04 = TV.MulAdd(TV.Broadcast(p[4]), g0, s04);
                s00 = TV.MulAdd(TV.Broadcast(p[1]), g1, s00);
                s01 = TV.MulAdd(TV.Broadcast(p[2]), g1, s01);
                s02 = TV.MulAdd(TV.Broadcast(p[3]), g1, s02);
                s03 = TV.MulAdd(TV.Broadcast(p[4]), g1, s03);
                s04 = TV.MulAdd(TV.Broadcast(p[5]), g1, s04);
                s00 = TV.MulAdd(TV.Broadcast(p1[0]), g2, s00);
                s01 = TV.MulAdd(TV.Broadcast(p1[1]), g2, s01);
                s02 = TV.MulAdd(TV.Broadcast(p1[2]), g2, s02);
                s03 = TV.MulAdd(TV.Broadcast(p1[3]), g2, s03);
                s04 = TV.MulAdd(TV.Broadcast(p1[4]), g2, s04);
                s00 = TV.MulAdd(TV.Broadcast(p1[1]), g3, s00);
                s01 = TV.MulAdd(TV.Broadcast(p1[2]), g3, s01);
                s02 = TV.MulAdd(TV.Broadcast(p1[3]), g3, s02);
                s03 = TV.MulAdd(TV.Broadcast(p1[4]), g3, s03);
                s04 = TV.MulAdd(TV.Broadcast(p1[5]), g3, s04);
                s10 = TV.MulAdd(TV.Broadcast(p1[0]), g0, s10);
                s11 = TV.MulAdd(TV.Broadcast(p1[1]), g0, s11);
                s12 = TV.MulAdd(TV.Broadcast(p1[2]), g0, s12);
                s13 = TV.MulAdd(TV.Broadcast(p1[3]), g0, s13);
                s14 = TV.MulAdd(TV.Broadcast(p1[4]), g0, s14);
                s10 = TV.MulAdd(TV.Broadcast(p1[1]), g1, s10);
                s11 = TV.MulAdd(TV.Broadcast(p1[2]), g1, s11);
                s12 = TV.MulAdd(TV.Broadcast(p1[3]), g1, s12);
                s13 = TV.MulAdd(TV.Broadcast(p1[4]), g1, s13);
                s14 = TV.MulAdd(TV.Broadcast(p1[5]), g1, s14);
                s10 = TV.MulAdd(TV.Broadcast(p2[0]), g2, s10);
                s11 = TV.MulAdd(TV.Broadcast(p2[1]), g2, s11);
                s12 = TV.MulAdd(TV.Broadcast(p2[2]), g2, s12);
                s13 = TV.MulAdd(TV.Broadcast(p2[3]), g2, s13);
                s14 = TV.MulAdd(TV.Broadcast(p2[4]), g2, s14);
                s10 = TV.MulAdd(TV.Broadcast(p2[1]), g3, s10);
                s11 = TV.MulAdd(TV.Broadcast(p2[2]), g3, s11);
                s12 = TV.MulAdd(TV.Broadcast(p2[3]), g3, s12);
                s13 = TV.MulAdd(TV.Broadcast(p2[4]), g3, s13);
                s14 = TV.MulAdd(TV.Broadcast(p2[5]), g3, s14);
                s20 = TV.MulAdd(TV.Broadcast(p2[0]), g0, s20);
                s21 = TV.MulAdd(TV.Broadcast(p2[1]), g0, s21);
                s22 = TV.MulAdd(TV.Broadcast(p2[2]), g0, s22);
                s23 = TV.MulAdd(TV.Broadcast(p2[3]), g0, s23);
                s24 = TV.MulAdd(TV.Broadcast(p2[4]), g0, s24);
                s20 = TV.MulAdd(TV.Broadcast(p2[1]), g1, s20);
                s21 = TV.MulAdd(TV.Broadcast(p2[2]), g1, s21);
                s22 = TV.MulAdd(TV.Broadcast(p2[3]), g1, s22);
                s23 = TV.MulAdd(TV.Broadcast(p2[4]), g1, s23);
                s24 = TV.MulAdd(TV.Broadcast(p2[5]), g1, s24);
                s20 = TV.MulAdd(TV.Broadcast(p3[0]), g2, s20);
                s21 = TV.MulAdd(TV.Broadcast(p3[1]), g2, s21);
                s22 = TV.MulAdd(TV.Broadcast(p3[2]), g2, s22);
                s23 = TV.MulAdd(TV.Broadcast(p3[3]), g2, s23);
                s24 = TV.MulAdd(TV.Broadcast(p3[4]), g2, s24);
                s20 = TV.MulAdd(TV.Broadcast(p3[1]), g3, s20);
                s21 = TV.MulAdd(TV.Broadcast(p3[2]), g3, s21);
                s22 = TV.MulAdd(TV.Broadcast(p3[3]), g3, s22);
                s23 = TV.MulAdd(TV.Broadcast(p3[4]), g3, s23);
                s24 = TV.MulAdd(TV.Broadcast(p3[5]), g3, s24);
                s30 = TV.MulAdd(TV.Broadcast(p3[0]), g0, s30);
                s31 = TV.MulAdd(TV.Broadcast(p3[1]), g0, s31);
                s32 = TV.MulAdd(TV.Broadcast(p3[2]), g0, s32);
                s33 = TV.MulAdd(TV.Broadcast(p3[3]), g0, s33);
                s34 = TV.MulAdd(TV.Broadcast(p3[4]), g0, s34);
                s30 = TV.MulAdd(TV.Broadcast(p3[1]), g1, s30);
                s31 = TV.MulAdd(TV.Broadcast(p3[2]), g1, s31);
                s32 = TV.MulAdd(TV.Broadcast(p3[3]), g1, s32);
                s33 = TV.MulAdd(TV.Broadcast(p3[4]), g1, s33);
                s34 = TV.MulAdd(TV.Broadcast(p3[5]), g1, s34);
                s30 = TV.MulAdd(TV.Broadcast(p4[0]), g2, s30);
                s31 = TV.MulAdd(TV.Broadcast(p4[1]), g2, s31);
                s32 = TV.MulAdd(TV.Broadcast(p4[2]), g2, s32);
                s33 = TV.MulAdd(TV.Broadcast(p4[3]), g2, s33);
                s34 = TV.MulAdd(TV.Broadcast(p4[4]), g2, s34);
                s30 = TV.MulAdd(TV.Broadcast(p4[1]), g3, s30);
                s31 = TV.MulAdd(TV.Broadcast(p4[2]), g3, s31);
                s32 = TV.MulAdd(TV.Broadcast(p4[3]), g3, s32);
                s33 = TV.MulAdd(TV.Broadcast(p4[4]), g3, s33);
                s34 = TV.MulAdd(TV.Broadcast(p4[5]), g3, s34);
                s40 = TV.MulAdd(TV.Broadcast(p4[0]), g0, s40);
                s41 = TV.MulAdd(TV.Broadcast(p4[1]), g0, s41);
                s42 = TV.MulAdd(TV.Broadcast(p4[2]), g0, s42);
                s43 = TV.MulAdd(TV.Broadcast(p4[3]), g0, s43);
                s44 = TV.MulAdd(TV.Broadcast(p4[4]), g0, s44);
                s40 = TV.MulAdd(TV.Broadcast(p4[1]), g1, s40);
                s41 = TV.MulAdd(TV.Broadcast(p4[2]), g1, s41);
                s42 = TV.MulAdd(TV.Broadcast(p4[3]), g1, s42);
                s43 = TV.MulAdd(TV.Broadcast(p4[4]), g1, s43);
                s44 = TV.MulAdd(TV.Broadcast(p4[5]), g1, s44);
                s40 = TV.MulAdd(TV.Broadcast(p5[0]), g2, s40);
                s41 = TV.MulAdd(TV.Broadcast(p5[1]), g2, s41);
                s42 = TV.MulAdd(TV.Broadcast(p5[2]), g2, s42);
                s43 = TV.MulAdd(TV.Broadcast(p5[3]), g2, s43);
                s44 = TV.MulAdd(TV.Broadcast(p5[4]), g2, s44);
                s40 = TV.MulAdd(TV.Broadcast(p5[1]), g3, s40);
                s41 = TV.MulAdd(TV.Broadcast(p5[2]), g3, s41);
                s42 = TV.MulAdd(TV.Broadcast(p5[3]), g3, s42);
                s43 = TV.MulAdd(TV.Broadcast(p5[4]), g3, s43);
                s44 = TV.MulAdd(TV.Broadcast(p5[5]), g3, s44);
            }

            x += 2 * rowStride;
            dPooled += pooledStride;
            codes += cells * outChannels;
        }

        AddTaps(dWeight, tap, s00, s01, s02, s03, s04);
        AddTaps(dWeight + (5 * tap), tap, s10, s11, s12, s13, s14);
        AddTaps(dWeight + (10 * tap), tap, s20, s21, s22, s23, s24);
        AddTaps(dWeight + (15 * tap), tap, s30, s31, s32, s33, s34);
        AddTaps(dWeight + (20 * tap), tap, s40, s41, s42, s43, s44);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddRow<TV>(
        float* x, int rowStride, int outChannels, int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes, float* dWeight, int tap)
        where TV : unmanaged, IVector<TV>
    {
        TV s00 = default, s01 = default, s02 = default, s03 = default, s04 = default;
        for (var row = 0; row < rows; row++)
        {
            for (var cell = 0; cell < cells; cell++)
            {
                if (mask != null && mask[(row * cells) + cell] == 0)
                {
                    continue;
                }

                var g = TV.Load(dPooled + (cell * outChannels));
                var code = TV.LoadCodes(codes + (cell * outChannels));
                TV g0 = TV.WhereCode(code, TV.Code(0), g), g1 = TV.WhereCode(code, TV.Code(1), g);
                TV g2 = TV.WhereCode(code, TV.Code(2), g), g3 = TV.WhereCode(code, TV.Code(3), g);
                var p = x + (2 * cell);
                var p1 = p + rowStride;
                s00 = TV.MulAdd(TV.Broadcast(p[0]), g0, s00);
                s01 = TV.MulAdd(TV.Broadcast(p[1]), g0, s01);
                s02 = TV.MulAdd(TV.Broadcast(p[2]), g0, s02);
                s03 = TV.MulAdd(TV.Broadcast(p[3]), g0, s03);
                s04 = TV.MulAdd(TV.Broadcast(p[4]), g0, s04);
                s00 = TV.MulAdd(TV.Broadcast(p[1]), g1, s00);
                s01 = TV.MulAdd(TV.Broadcast(p[2]), g1, s01);
                s02 = TV.MulAdd(TV.Broadcast(p[3]), g1, s02);
                s03 = TV.MulAdd(TV.Broadcast(p[4]), g1, s03);
                s04 = TV.MulAdd(TV.Broadcast(p[5]), g1, s04);
                s00 = TV.MulAdd(TV.Broadcast(p1[0]), g2, s00);
                s01 = TV.MulAdd(TV.Broadcast(p1[1]), g2, s01);
                s02 = TV.MulAdd(TV.Broadcast(p1[2]), g2, s02);
                s03 = TV.MulAdd(TV.Broadcast(p1[3]), g2, s03);
                s04 = TV.MulAdd(TV.Broadcast(p1[4]), g2, s04);
                s00 = TV.MulAdd(TV.Broadcast(p1[1]), g3, s00);
                s01 = TV.MulAdd(TV.Broadcast(p1[2]), g3, s01);
                s02 = TV.MulAdd(TV.Broadcast(p1[3]), g3, s02);
                s03 = TV.MulAdd(TV.Broadcast(p1[4]), g3, s03);
                s04 = TV.MulAdd(TV.Broadcast(p1[5]), g3, s04);
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
