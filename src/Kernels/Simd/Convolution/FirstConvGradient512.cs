using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace GpuCam.Kernels.Simd;

/// <summary>
/// The weight gradient of <see cref="FirstConv"/> with AVX-512, for one input channel and 16 output channels: instead of
/// four masked products per tap, a permutation fetches each lane's own winner. Two rows of 8 pixels fill a register; lane by
/// lane <c>pick</c> = 8 * (winner's row) + winner's column + kw names the pixel under the tap. Layouts as in
/// <see cref="FirstConvGradient"/>. Three rows of the window, then two: all sums stay in registers.
/// </summary>
/// <remarks>A load of 8 pixels reaches up to two floats beyond a row's end; <see cref="AlignedBuffer{T}"/> has room for them.</remarks>
internal static unsafe class FirstConvGradient512
{
    /// <summary>Adds to dWeight[kh, kw] (tap apart) of these 16 channels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddWindow(
        float* x, int rowStride, int outChannels, int rows, int cells, byte* mask, float* dPooled, int pooledStride, byte* codes,
        float* dWeight, int tap)
    {
        AddRows(three: true, x, rowStride, outChannels, rows, cells, mask, dPooled, pooledStride, codes, dWeight, tap);
        AddRows(three: false, x + (3 * rowStride), rowStride, outChannels, rows, cells, mask, dPooled, pooledStride, codes,
            dWeight + (15 * tap), tap);
    }

    /// <summary>Three rows of the window, or two; inlined, so that nothing of the third is left where there are two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddRows(
        bool three, float* x, int rowStride, int outChannels, int rows, int cells, byte* mask, float* dPooled, int pooledStride,
        byte* codes, float* dWeight, int tap)
    {
        var corners = Vector512.Create(0, 1, 8, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        var off = Vector512.Create(Pool.Off);
        Vector512<int> one = Vector512<int>.One;
        Vector512<float> s00 = default, s01 = default, s02 = default, s03 = default, s04 = default;
        Vector512<float> s10 = default, s11 = default, s12 = default, s13 = default, s14 = default;
        Vector512<float> s20 = default, s21 = default, s22 = default, s23 = default, s24 = default;
        for (int row = 0; row < rows; row++)
        {
            for (int cell = 0; cell < cells; cell++)
            {
                if (mask != null && mask[(row * cells) + cell] == 0)
                {
                    continue;
                }

                Vector512<int> code = Avx512F.ConvertToVector512Int32(Vector128.Load(codes + (cell * outChannels)));
                var g = Vector512.Load(dPooled + (cell * outChannels));
                g = Vector512.ConditionalSelect(Vector512.LessThan(code, off).AsSingle(), g, Vector512<float>.Zero);
                Vector512<int> pick = Avx512F.PermuteVar16x32(corners, code);
                float* p = x + (2 * cell);
                var patch0 = Vector512.Create(Vector256.Load(p), Vector256.Load(p + rowStride));
                var patch1 = Vector512.Create(Vector256.Load(p + rowStride), Vector256.Load(p + (2 * rowStride)));
                Vector512<float> patch2 =
                    three ? Vector512.Create(Vector256.Load(p + (2 * rowStride)), Vector256.Load(p + (3 * rowStride))) : default;
                s00 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch0, pick), g, s00);
                s10 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch1, pick), g, s10);
                s20 = three ? Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch2, pick), g, s20) : s20;
                pick += one;
                s01 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch0, pick), g, s01);
                s11 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch1, pick), g, s11);
                s21 = three ? Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch2, pick), g, s21) : s21;
                pick += one;
                s02 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch0, pick), g, s02);
                s12 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch1, pick), g, s12);
                s22 = three ? Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch2, pick), g, s22) : s22;
                pick += one;
                s03 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch0, pick), g, s03);
                s13 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch1, pick), g, s13);
                s23 = three ? Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch2, pick), g, s23) : s23;
                pick += one;
                s04 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch0, pick), g, s04);
                s14 = Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch1, pick), g, s14);
                s24 = three ? Vector512.FusedMultiplyAdd(Avx512F.PermuteVar16x32(patch2, pick), g, s24) : s24;
            }

            x += 2 * rowStride;
            dPooled += pooledStride;
            codes += cells * outChannels;
        }

        AddTaps(dWeight, tap, s00, s01, s02, s03, s04);
        AddTaps(dWeight + (5 * tap), tap, s10, s11, s12, s13, s14);
        if (three)
        {
            AddTaps(dWeight + (10 * tap), tap, s20, s21, s22, s23, s24);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void AddTaps(
        float* dWeight, int tap, Vector512<float> s0, Vector512<float> s1, Vector512<float> s2, Vector512<float> s3, Vector512<float> s4)
    {
        (Vector512.Load(dWeight) + s0).Store(dWeight);
        (Vector512.Load(dWeight + tap) + s1).Store(dWeight + tap);
        (Vector512.Load(dWeight + (2 * tap)) + s2).Store(dWeight + (2 * tap));
        (Vector512.Load(dWeight + (3 * tap)) + s3).Store(dWeight + (3 * tap));
        (Vector512.Load(dWeight + (4 * tap)) + s4).Store(dWeight + (4 * tap));
    }
}
