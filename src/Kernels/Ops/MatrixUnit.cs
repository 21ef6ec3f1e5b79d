using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The tensor cores of an NVIDIA GPU as a warp uses them (<c>mma.sync</c>, PTX ISA 9.7.14): all columns of a tile, 32 or 64, and 64 or 32
/// of its rows, in registers, from slabs in shared memory. Sums are float32.
/// </summary>
/// <remarks>
/// ILGPU knows nothing of these registers: PTX declares them once and every text names them. Of each product of 16x8, lane l has in C rows
/// g = l / 4 and g + 8, columns 2q and 2q + 1 with q = l % 4; of A the same rows, of B column g, and of both the depths q and q + 4. Which
/// row, column and depth of the slab stands for which is free, as long as A, B and C agree. Depth q is the slab's k = q, or q + 4 in the
/// slab's second half; depth q + 4 is k + 8. Column g of product n is 4g + n % 4 of the n / 4-th 32 columns, so that a word of 128
/// bits has four products' columns and C's lie side by side. Rows stay where they are if A runs along the depth; else row g of product m
/// is 4g + 2 * (m % 2) of the m / 2-th 32 rows, and row g + 8 the next.
/// </remarks>
internal static class MatrixUnit
{
    /// <summary>Registers: of C, of A and B as they lie in memory, of both as they are multiplied.</summary>
    private const string Declaration = """
            .reg .f32 acc<64>; .reg .b32 ma<16>; .reg .b32 mb<16>; .reg .b32 mr<16>; .reg .b32 mn<8>; .reg .b32 mt;
            mov.f32 acc0, 0f00000000; mov.f32 acc1, 0f00000000; mov.f32 acc2, 0f00000000; mov.f32 acc3, 0f00000000;
            mov.f32 acc4, 0f00000000; mov.f32 acc5, 0f00000000; mov.f32 acc6, 0f00000000; mov.f32 acc7, 0f00000000;
            mov.f32 acc8, 0f00000000; mov.f32 acc9, 0f00000000; mov.f32 acc10, 0f00000000; mov.f32 acc11, 0f00000000;
            mov.f32 acc12, 0f00000000; mov.f32 acc13, 0f00000000; mov.f32 acc14, 0f00000000; mov.f32 acc15, 0f00000000;
            mov.f32 acc16, 0f00000000; mov.f32 acc17, 0f00000000; mov.f32 acc18, 0f00000000; mov.f32 acc19, 0f00000000;
            mov.f32 acc20, 0f00000000; mov.f32 acc21, 0f00000000; mov.f32 acc22, 0f00000000; mov.f32 acc23, 0f00000000;
            mov.f32 acc24, 0f00000000; mov.f32 acc25, 0f00000000; mov.f32 acc26, 0f00000000; mov.f32 acc27, 0f00000000;
            mov.f32 acc28, 0f00000000; mov.f32 acc29, 0f00000000; mov.f32 acc30, 0f00000000; mov.f32 acc31, 0f00000000;
            mov.f32 acc32, 0f00000000; mov.f32 acc33, 0f00000000; mov.f32 acc34, 0f00000000; mov.f32 acc35, 0f00000000;
            mov.f32 acc36, 0f00000000; mov.f32 acc37, 0f00000000; mov.f32 acc38, 0f00000000; mov.f32 acc39, 0f00000000;
            mov.f32 acc40, 0f00000000; mov.f32 acc41, 0f00000000; mov.f32 acc42, 0f00000000; mov.f32 acc43, 0f00000000;
            mov.f32 acc44, 0f00000000; mov.f32 acc45, 0f00000000; mov.f32 acc46, 0f00000000; mov.f32 acc47, 0f00000000;
            mov.f32 acc48, 0f00000000; mov.f32 acc49, 0f00000000; mov.f32 acc50, 0f00000000; mov.f32 acc51, 0f00000000;
            mov.f32 acc52, 0f00000000; mov.f32 acc53, 0f00000000; mov.f32 acc54, 0f00000000; mov.f32 acc55, 0f00000000;
            mov.f32 acc56, 0f00000000; mov.f32 acc57, 0f00000000; mov.f32 acc58, 0f00000000; mov.f32 acc59, 0f00000000;
            mov.f32 acc60, 0f00000000; mov.f32 acc61, 0f00000000; mov.f32 acc62, 0f00000000; mov.f32 acc63, 0f00000000;
            """;

    /// <summary>
    /// Four columns of B, depths k and k + 8, to 10 bits of mantissa, and both depths of a column side by side. Half of the last bit kept
    /// is added, sign and exponent being a power of two: 2^-11 of it. The unit leaves out what lies below, so that halves go away from
    /// zero; infinities and NaN stay. (Numbers below 2^-126 are cut off.)
    /// </summary>
    private const string RoundedRight = """
            ld.shared.v4.b32 {mb0, mb1, mb2, mb3}, [%0]; ld.shared.v4.b32 {mb4, mb5, mb6, mb7}, [%0+2304];
            and.b32 mt, mb0, 0xFF800000; fma.rn.f32 mb8, mt, 0f3A000000, mb0;
            and.b32 mt, mb1, 0xFF800000; fma.rn.f32 mb9, mt, 0f3A000000, mb1;
            and.b32 mt, mb2, 0xFF800000; fma.rn.f32 mb10, mt, 0f3A000000, mb2;
            and.b32 mt, mb3, 0xFF800000; fma.rn.f32 mb11, mt, 0f3A000000, mb3;
            and.b32 mt, mb4, 0xFF800000; fma.rn.f32 mb12, mt, 0f3A000000, mb4;
            and.b32 mt, mb5, 0xFF800000; fma.rn.f32 mb13, mt, 0f3A000000, mb5;
            and.b32 mt, mb6, 0xFF800000; fma.rn.f32 mb14, mt, 0f3A000000, mb6;
            and.b32 mt, mb7, 0xFF800000; fma.rn.f32 mb15, mt, 0f3A000000, mb7; st.shared.v4.b32 [%0], {mb8, mb12, mb9, mb13};
            st.shared.v4.b32 [%0+2304], {mb10, mb14, mb11, mb15};
            """;

    /// <summary>Sets the sums to zero; once in a kernel and before anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear() => CudaAsm.Emit(Declaration);

    /// <summary>Rounds four columns of B in a slab, depths k and k + 8, for <see cref="MultiplyAsTF32"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void RoundRight(int address) => CudaAsm.Emit(RoundedRight, address);

    /// <summary>Loads A of half a slab from shared memory, from the lane's own row and depth on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadLeft(int address, bool alongDepth, bool wide)
    {
        if (wide)
        {
            if (alongDepth)
            {
                CudaAsm.Emit(Matrix32x64.LeftRows, address);
            }
            else
            {
                CudaAsm.Emit(Matrix32x64.LeftDepths, address);
            }
        }
        else if (alongDepth)
        {
            CudaAsm.Emit(Matrix64x32.LeftRows, address);
        }
        else
        {
            CudaAsm.Emit(Matrix64x32.LeftDepths, address);
        }
    }

    /// <summary>Adds the product of the half of A that was loaded and of one of B, which has been rounded, to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAsTF32(int right, bool wide)
    {
        if (wide)
        {
            CudaAsm.Emit(Matrix32x64.RoundLeft);
            CudaAsm.Emit(Matrix32x64.Right, right);
            CudaAsm.Emit(Matrix32x64.MultiplyTF32);
        }
        else
        {
            CudaAsm.Emit(Matrix64x32.RoundLeft);
            CudaAsm.Emit(Matrix64x32.Right, right);
            CudaAsm.Emit(Matrix64x32.MultiplyTF32);
        }
    }

    /// <summary>Rounds the half of A that was loaded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void PackAsBFloat16(bool second, bool wide)
    {
        if (wide)
        {
            if (second)
            {
                CudaAsm.Emit(Matrix32x64.PackSecond);
            }
            else
            {
                CudaAsm.Emit(Matrix32x64.PackFirst);
            }
        }
        else if (second)
        {
            CudaAsm.Emit(Matrix64x32.PackSecond);
        }
        else
        {
            CudaAsm.Emit(Matrix64x32.PackFirst);
        }
    }

    /// <summary>Adds the product of both halves of A and of B, as it lies in the slab, to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAsBFloat16(int right, bool wide)
    {
        if (wide)
        {
            CudaAsm.Emit(Matrix32x64.MultiplyBFloat16, right);
        }
        else
        {
            CudaAsm.Emit(Matrix64x32.MultiplyBFloat16, right);
        }
    }

    /// <summary>Writes C to shared memory, from the lane's first element on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int address, bool alongDepth, bool wide)
    {
        if (wide)
        {
            if (alongDepth)
            {
                CudaAsm.Emit(Matrix32x64.ResultRows, address);
            }
            else
            {
                CudaAsm.Emit(Matrix32x64.ResultDepths, address);
            }
        }
        else if (alongDepth)
        {
            CudaAsm.Emit(Matrix64x32.ResultRows, address);
        }
        else
        {
            CudaAsm.Emit(Matrix64x32.ResultDepths, address);
        }
    }
}
