using System.Runtime.CompilerServices;
using ILGPU.Runtime.Cuda;

namespace GpuCam.Kernels.Ops;

/// <summary>
/// The tensor cores of an NVIDIA GPU as a warp uses them: 64 rows by 32 columns of C in registers, and from slabs in shared memory 8 of
/// the depth at a time, as four by four products of 16x8 (<c>mma.sync</c>, PTX ISA 9.7.14). Sums are float32.
/// </summary>
/// <remarks>
/// ILGPU knows nothing of these registers: PTX declares them once and every text names them. Lane l has, of each product of 16x8, rows
/// l / 4 and l / 4 + 8, columns 2 * (l % 4) and the next; of A the same rows and depths l % 4 and l % 4 + 4; of B these depths and column
/// l / 4.
/// </remarks>
internal static class MatrixUnit
{
    /// <summary>Rows of C that a warp has.</summary>
    public const int Rows = 64;

    /// <summary>Columns of C that a warp has.</summary>
    public const int Columns = 32;

    /// <summary>Depth of one step.</summary>
    public const int Depth = 8;

    /// <summary>Registers of the sums, and of the parts of A and B that a step multiplies.</summary>
    private const string Declaration = """
            .reg .f32 acc<64>; .reg .b32 ma<16>; .reg .b32 mb<8>; .reg .f32 mt; .reg .pred mp; mov.f32 acc0, 0f00000000;
            mov.f32 acc1, 0f00000000; mov.f32 acc2, 0f00000000; mov.f32 acc3, 0f00000000; mov.f32 acc4, 0f00000000;
            mov.f32 acc5, 0f00000000; mov.f32 acc6, 0f00000000; mov.f32 acc7, 0f00000000; mov.f32 acc8, 0f00000000;
            mov.f32 acc9, 0f00000000; mov.f32 acc10, 0f00000000; mov.f32 acc11, 0f00000000; mov.f32 acc12, 0f00000000;
            mov.f32 acc13, 0f00000000; mov.f32 acc14, 0f00000000; mov.f32 acc15, 0f00000000; mov.f32 acc16, 0f00000000;
            mov.f32 acc17, 0f00000000; mov.f32 acc18, 0f00000000; mov.f32 acc19, 0f00000000; mov.f32 acc20, 0f00000000;
            mov.f32 acc21, 0f00000000; mov.f32 acc22, 0f00000000; mov.f32 acc23, 0f00000000; mov.f32 acc24, 0f00000000;
            mov.f32 acc25, 0f00000000; mov.f32 acc26, 0f00000000; mov.f32 acc27, 0f00000000; mov.f32 acc28, 0f00000000;
            mov.f32 acc29, 0f00000000; mov.f32 acc30, 0f00000000; mov.f32 acc31, 0f00000000; mov.f32 acc32, 0f00000000;
            mov.f32 acc33, 0f00000000; mov.f32 acc34, 0f00000000; mov.f32 acc35, 0f00000000; mov.f32 acc36, 0f00000000;
            mov.f32 acc37, 0f00000000; mov.f32 acc38, 0f00000000; mov.f32 acc39, 0f00000000; mov.f32 acc40, 0f00000000;
            mov.f32 acc41, 0f00000000; mov.f32 acc42, 0f00000000; mov.f32 acc43, 0f00000000; mov.f32 acc44, 0f00000000;
            mov.f32 acc45, 0f00000000; mov.f32 acc46, 0f00000000; mov.f32 acc47, 0f00000000; mov.f32 acc48, 0f00000000;
            mov.f32 acc49, 0f00000000; mov.f32 acc50, 0f00000000; mov.f32 acc51, 0f00000000; mov.f32 acc52, 0f00000000;
            mov.f32 acc53, 0f00000000; mov.f32 acc54, 0f00000000; mov.f32 acc55, 0f00000000; mov.f32 acc56, 0f00000000;
            mov.f32 acc57, 0f00000000; mov.f32 acc58, 0f00000000; mov.f32 acc59, 0f00000000; mov.f32 acc60, 0f00000000;
            mov.f32 acc61, 0f00000000; mov.f32 acc62, 0f00000000; mov.f32 acc63, 0f00000000;
            """;

    /// <summary>A out of a slab that runs along the depth.</summary>
    private const string LeftRows = """
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma0, ma1, ma2, ma3}, [%0+0];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma4, ma5, ma6, ma7}, [%0+1280];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma8, ma9, ma10, ma11}, [%0+2560];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma12, ma13, ma14, ma15}, [%0+3840];
            """;

    /// <summary>A out of a slab that runs along the rows.</summary>
    private const string LeftDepths = """
            ld.shared.b32 ma0, [%0+0]; ld.shared.b32 ma1, [%0+32]; ld.shared.b32 ma2, [%0+2176]; ld.shared.b32 ma3, [%0+2208];
            ld.shared.b32 ma4, [%0+64]; ld.shared.b32 ma5, [%0+96]; ld.shared.b32 ma6, [%0+2240]; ld.shared.b32 ma7, [%0+2272];
            ld.shared.b32 ma8, [%0+128]; ld.shared.b32 ma9, [%0+160]; ld.shared.b32 ma10, [%0+2304]; ld.shared.b32 ma11, [%0+2336];
            ld.shared.b32 ma12, [%0+192]; ld.shared.b32 ma13, [%0+224]; ld.shared.b32 ma14, [%0+2368]; ld.shared.b32 ma15, [%0+2400];
            """;

    /// <summary>B.</summary>
    private const string Right = """
            ld.shared.b32 mb0, [%0+0]; ld.shared.b32 mb1, [%0+1152]; ld.shared.b32 mb2, [%0+32]; ld.shared.b32 mb3, [%0+1184];
            ld.shared.b32 mb4, [%0+64]; ld.shared.b32 mb5, [%0+1216]; ld.shared.b32 mb6, [%0+96]; ld.shared.b32 mb7, [%0+1248];
            """;

    /// <summary>To 10 bits of mantissa, halves away from zero: the unit leaves out what lies below. Infinities and NaN stay.</summary>
    private const string Round = """
            abs.f32 mt, ma0; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma0, ma0, 4096;
            abs.f32 mt, ma1; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma1, ma1, 4096;
            abs.f32 mt, ma2; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma2, ma2, 4096;
            abs.f32 mt, ma3; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma3, ma3, 4096;
            abs.f32 mt, ma4; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma4, ma4, 4096;
            abs.f32 mt, ma5; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma5, ma5, 4096;
            abs.f32 mt, ma6; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma6, ma6, 4096;
            abs.f32 mt, ma7; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma7, ma7, 4096;
            abs.f32 mt, ma8; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma8, ma8, 4096;
            abs.f32 mt, ma9; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma9, ma9, 4096;
            abs.f32 mt, ma10; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma10, ma10, 4096;
            abs.f32 mt, ma11; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma11, ma11, 4096;
            abs.f32 mt, ma12; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma12, ma12, 4096;
            abs.f32 mt, ma13; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma13, ma13, 4096;
            abs.f32 mt, ma14; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma14, ma14, 4096;
            abs.f32 mt, ma15; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 ma15, ma15, 4096;
            abs.f32 mt, mb0; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb0, mb0, 4096;
            abs.f32 mt, mb1; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb1, mb1, 4096;
            abs.f32 mt, mb2; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb2, mb2, 4096;
            abs.f32 mt, mb3; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb3, mb3, 4096;
            abs.f32 mt, mb4; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb4, mb4, 4096;
            abs.f32 mt, mb5; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb5, mb5, 4096;
            abs.f32 mt, mb6; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb6, mb6, 4096;
            abs.f32 mt, mb7; setp.lt.f32 mp, mt, 0f7F800000; @mp add.u32 mb7, mb7, 4096;
            """;

    /// <summary>As 19-bit floats.</summary>
    private const string MultiplyTF32 = """
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc0, acc1, acc2, acc3}, {ma0, ma1, ma2, ma3}, {mb0, mb1},
                {acc0, acc1, acc2, acc3};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc4, acc5, acc6, acc7}, {ma0, ma1, ma2, ma3}, {mb2, mb3},
                {acc4, acc5, acc6, acc7};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc8, acc9, acc10, acc11}, {ma0, ma1, ma2, ma3}, {mb4, mb5},
                {acc8, acc9, acc10, acc11};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc12, acc13, acc14, acc15}, {ma0, ma1, ma2, ma3}, {mb6, mb7},
                {acc12, acc13, acc14, acc15};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc16, acc17, acc18, acc19}, {ma4, ma5, ma6, ma7}, {mb0, mb1},
                {acc16, acc17, acc18, acc19};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc20, acc21, acc22, acc23}, {ma4, ma5, ma6, ma7}, {mb2, mb3},
                {acc20, acc21, acc22, acc23};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc24, acc25, acc26, acc27}, {ma4, ma5, ma6, ma7}, {mb4, mb5},
                {acc24, acc25, acc26, acc27};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc28, acc29, acc30, acc31}, {ma4, ma5, ma6, ma7}, {mb6, mb7},
                {acc28, acc29, acc30, acc31};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc32, acc33, acc34, acc35}, {ma8, ma9, ma10, ma11}, {mb0, mb1},
                {acc32, acc33, acc34, acc35};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc36, acc37, acc38, acc39}, {ma8, ma9, ma10, ma11}, {mb2, mb3},
                {acc36, acc37, acc38, acc39};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc40, acc41, acc42, acc43}, {ma8, ma9, ma10, ma11}, {mb4, mb5},
                {acc40, acc41, acc42, acc43};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc44, acc45, acc46, acc47}, {ma8, ma9, ma10, ma11}, {mb6, mb7},
                {acc44, acc45, acc46, acc47};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc48, acc49, acc50, acc51}, {ma12, ma13, ma14, ma15}, {mb0, mb1},
                {acc48, acc49, acc50, acc51};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc52, acc53, acc54, acc55}, {ma12, ma13, ma14, ma15}, {mb2, mb3},
                {acc52, acc53, acc54, acc55};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc56, acc57, acc58, acc59}, {ma12, ma13, ma14, ma15}, {mb4, mb5},
                {acc56, acc57, acc58, acc59};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc60, acc61, acc62, acc63}, {ma12, ma13, ma14, ma15}, {mb6, mb7},
                {acc60, acc61, acc62, acc63};
            """;

    /// <summary>To 7 bits of mantissa, two in a register: depths k and k + 4 of A and B alike, the order of the sum being free.</summary>
    private const string Pack = """
            cvt.rn.bf16x2.f32 ma0, ma2, ma0; cvt.rn.bf16x2.f32 ma1, ma3, ma1; cvt.rn.bf16x2.f32 ma4, ma6, ma4;
            cvt.rn.bf16x2.f32 ma5, ma7, ma5; cvt.rn.bf16x2.f32 ma8, ma10, ma8; cvt.rn.bf16x2.f32 ma9, ma11, ma9;
            cvt.rn.bf16x2.f32 ma12, ma14, ma12; cvt.rn.bf16x2.f32 ma13, ma15, ma13; cvt.rn.bf16x2.f32 mb0, mb1, mb0;
            cvt.rn.bf16x2.f32 mb2, mb3, mb2; cvt.rn.bf16x2.f32 mb4, mb5, mb4; cvt.rn.bf16x2.f32 mb6, mb7, mb6;
            """;

    /// <summary>As bfloat16.</summary>
    private const string MultiplyBFloat16 = """
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc0, acc1, acc2, acc3}, {ma0, ma1}, {mb0}, {acc0, acc1, acc2, acc3};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc4, acc5, acc6, acc7}, {ma0, ma1}, {mb2}, {acc4, acc5, acc6, acc7};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc8, acc9, acc10, acc11}, {ma0, ma1}, {mb4},
                {acc8, acc9, acc10, acc11};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc12, acc13, acc14, acc15}, {ma0, ma1}, {mb6},
                {acc12, acc13, acc14, acc15};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc16, acc17, acc18, acc19}, {ma4, ma5}, {mb0},
                {acc16, acc17, acc18, acc19};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc20, acc21, acc22, acc23}, {ma4, ma5}, {mb2},
                {acc20, acc21, acc22, acc23};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc24, acc25, acc26, acc27}, {ma4, ma5}, {mb4},
                {acc24, acc25, acc26, acc27};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc28, acc29, acc30, acc31}, {ma4, ma5}, {mb6},
                {acc28, acc29, acc30, acc31};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc32, acc33, acc34, acc35}, {ma8, ma9}, {mb0},
                {acc32, acc33, acc34, acc35};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc36, acc37, acc38, acc39}, {ma8, ma9}, {mb2},
                {acc36, acc37, acc38, acc39};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc40, acc41, acc42, acc43}, {ma8, ma9}, {mb4},
                {acc40, acc41, acc42, acc43};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc44, acc45, acc46, acc47}, {ma8, ma9}, {mb6},
                {acc44, acc45, acc46, acc47};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc48, acc49, acc50, acc51}, {ma12, ma13}, {mb0},
                {acc48, acc49, acc50, acc51};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc52, acc53, acc54, acc55}, {ma12, ma13}, {mb2},
                {acc52, acc53, acc54, acc55};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc56, acc57, acc58, acc59}, {ma12, ma13}, {mb4},
                {acc56, acc57, acc58, acc59};
            mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {acc60, acc61, acc62, acc63}, {ma12, ma13}, {mb6},
                {acc60, acc61, acc62, acc63};
            """;

    /// <summary>C.</summary>
    private const string Result = """
            st.shared.v2.f32 [%0+0], {acc0, acc1}; st.shared.v2.f32 [%0+2304], {acc2, acc3}; st.shared.v2.f32 [%0+32], {acc4, acc5};
            st.shared.v2.f32 [%0+2336], {acc6, acc7}; st.shared.v2.f32 [%0+64], {acc8, acc9};
            st.shared.v2.f32 [%0+2368], {acc10, acc11}; st.shared.v2.f32 [%0+96], {acc12, acc13};
            st.shared.v2.f32 [%0+2400], {acc14, acc15}; st.shared.v2.f32 [%0+4608], {acc16, acc17};
            st.shared.v2.f32 [%0+6912], {acc18, acc19}; st.shared.v2.f32 [%0+4640], {acc20, acc21};
            st.shared.v2.f32 [%0+6944], {acc22, acc23}; st.shared.v2.f32 [%0+4672], {acc24, acc25};
            st.shared.v2.f32 [%0+6976], {acc26, acc27}; st.shared.v2.f32 [%0+4704], {acc28, acc29};
            st.shared.v2.f32 [%0+7008], {acc30, acc31}; st.shared.v2.f32 [%0+9216], {acc32, acc33};
            st.shared.v2.f32 [%0+11520], {acc34, acc35}; st.shared.v2.f32 [%0+9248], {acc36, acc37};
            st.shared.v2.f32 [%0+11552], {acc38, acc39}; st.shared.v2.f32 [%0+9280], {acc40, acc41};
            st.shared.v2.f32 [%0+11584], {acc42, acc43}; st.shared.v2.f32 [%0+9312], {acc44, acc45};
            st.shared.v2.f32 [%0+11616], {acc46, acc47}; st.shared.v2.f32 [%0+13824], {acc48, acc49};
            st.shared.v2.f32 [%0+16128], {acc50, acc51}; st.shared.v2.f32 [%0+13856], {acc52, acc53};
            st.shared.v2.f32 [%0+16160], {acc54, acc55}; st.shared.v2.f32 [%0+13888], {acc56, acc57};
            st.shared.v2.f32 [%0+16192], {acc58, acc59}; st.shared.v2.f32 [%0+13920], {acc60, acc61};
            st.shared.v2.f32 [%0+16224], {acc62, acc63};
            """;

    /// <summary>Sets the sums to zero; once in a kernel and before anything else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear() => CudaAsm.Emit(Declaration);

    /// <summary>Loads the step's part of A from shared memory: the address of the lane's own row and depth.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadLeft(int address, bool alongDepth)
    {
        if (alongDepth)
        {
            CudaAsm.Emit(LeftRows, address);
        }
        else
        {
            CudaAsm.Emit(LeftDepths, address);
        }
    }

    /// <summary>Loads the step's part of B.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadRight(int address) => CudaAsm.Emit(Right, address);

    /// <summary>Adds the product of both to C.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAsTF32()
    {
        CudaAsm.Emit(Round);
        CudaAsm.Emit(MultiplyTF32);
    }

    /// <summary>The same with bfloat16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MultiplyAsBFloat16()
    {
        CudaAsm.Emit(Pack);
        CudaAsm.Emit(MultiplyBFloat16);
    }

    /// <summary>Writes C to shared memory: the address of the lane's first element.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(int address) => CudaAsm.Emit(Result, address);
}
