namespace GpuCam.Kernels.Ops;

/// <summary>What <see cref="MatrixUnit"/> does for a warp with 64 rows by 32 columns: 4 by 4 products of 16x8. %0 is an address.</summary>
internal static class Matrix64x32
{
    /// <summary>A out of a slab that runs along the depth: the lane names a row of 16, and depths k or k + 8.</summary>
    public const string LeftRows = """
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma0, ma1, ma2, ma3}, [%0+0];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma4, ma5, ma6, ma7}, [%0+1152];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma8, ma9, ma10, ma11}, [%0+2304];
            ldmatrix.sync.aligned.m8n8.x4.shared.b16 {ma12, ma13, ma14, ma15}, [%0+3456];
            """;

    /// <summary>A out of a slab that runs along the rows: four rows of depth k, and of k + 8.</summary>
    public const string LeftDepths = """
            ld.shared.v4.b32 {ma0, ma1, ma4, ma5}, [%0+0]; ld.shared.v4.b32 {ma2, ma3, ma6, ma7}, [%0+4352];
            ld.shared.v4.b32 {ma8, ma9, ma12, ma13}, [%0+128]; ld.shared.v4.b32 {ma10, ma11, ma14, ma15}, [%0+4480];
            """;

    /// <summary>B, of depths k and k + 8.</summary>
    public const string Right = """
            ld.shared.v4.b32 {mb0, mb1, mb2, mb3}, [%0+0]; ld.shared.v4.b32 {mb4, mb5, mb6, mb7}, [%0+2304];
            """;

    /// <summary>A to 10 bits of mantissa, as <see cref="MatrixUnit.RoundRight"/> does it.</summary>
    public const string RoundLeft = """
            and.b32 mt, ma0, 0xFF800000; fma.rn.f32 mr0, mt, 0f3A000000, ma0;
            and.b32 mt, ma1, 0xFF800000; fma.rn.f32 mr1, mt, 0f3A000000, ma1;
            and.b32 mt, ma2, 0xFF800000; fma.rn.f32 mr2, mt, 0f3A000000, ma2;
            and.b32 mt, ma3, 0xFF800000; fma.rn.f32 mr3, mt, 0f3A000000, ma3;
            and.b32 mt, ma4, 0xFF800000; fma.rn.f32 mr4, mt, 0f3A000000, ma4;
            and.b32 mt, ma5, 0xFF800000; fma.rn.f32 mr5, mt, 0f3A000000, ma5;
            and.b32 mt, ma6, 0xFF800000; fma.rn.f32 mr6, mt, 0f3A000000, ma6;
            and.b32 mt, ma7, 0xFF800000; fma.rn.f32 mr7, mt, 0f3A000000, ma7;
            and.b32 mt, ma8, 0xFF800000; fma.rn.f32 mr8, mt, 0f3A000000, ma8;
            and.b32 mt, ma9, 0xFF800000; fma.rn.f32 mr9, mt, 0f3A000000, ma9;
            and.b32 mt, ma10, 0xFF800000; fma.rn.f32 mr10, mt, 0f3A000000, ma10;
            and.b32 mt, ma11, 0xFF800000; fma.rn.f32 mr11, mt, 0f3A000000, ma11;
            and.b32 mt, ma12, 0xFF800000; fma.rn.f32 mr12, mt, 0f3A000000, ma12;
            and.b32 mt, ma13, 0xFF800000; fma.rn.f32 mr13, mt, 0f3A000000, ma13;
            and.b32 mt, ma14, 0xFF800000; fma.rn.f32 mr14, mt, 0f3A000000, ma14;
            and.b32 mt, ma15, 0xFF800000; fma.rn.f32 mr15, mt, 0f3A000000, ma15;
            """;

    /// <summary>As 19-bit floats.</summary>
    public const string MultiplyTF32 = """
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc0, acc1, acc2, acc3}, {mr0, mr1, mr2, mr3}, {mb0, mb1},
                {acc0, acc1, acc2, acc3};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc4, acc5, acc6, acc7}, {mr0, mr1, mr2, mr3}, {mb2, mb3},
                {acc4, acc5, acc6, acc7};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc8, acc9, acc10, acc11}, {mr0, mr1, mr2, mr3}, {mb4, mb5},
                {acc8, acc9, acc10, acc11};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc12, acc13, acc14, acc15}, {mr0, mr1, mr2, mr3}, {mb6, mb7},
                {acc12, acc13, acc14, acc15};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc16, acc17, acc18, acc19}, {mr4, mr5, mr6, mr7}, {mb0, mb1},
                {acc16, acc17, acc18, acc19};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc20, acc21, acc22, acc23}, {mr4, mr5, mr6, mr7}, {mb2, mb3},
                {acc20, acc21, acc22, acc23};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc24, acc25, acc26, acc27}, {mr4, mr5, mr6, mr7}, {mb4, mb5},
                {acc24, acc25, acc26, acc27};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc28, acc29, acc30, acc31}, {mr4, mr5, mr6, mr7}, {mb6, mb7},
                {acc28, acc29, acc30, acc31};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc32, acc33, acc34, acc35}, {mr8, mr9, mr10, mr11}, {mb0, mb1},
                {acc32, acc33, acc34, acc35};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc36, acc37, acc38, acc39}, {mr8, mr9, mr10, mr11}, {mb2, mb3},
                {acc36, acc37, acc38, acc39};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc40, acc41, acc42, acc43}, {mr8, mr9, mr10, mr11}, {mb4, mb5},
                {acc40, acc41, acc42, acc43};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc44, acc45, acc46, acc47}, {mr8, mr9, mr10, mr11}, {mb6, mb7},
                {acc44, acc45, acc46, acc47};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc48, acc49, acc50, acc51}, {mr12, mr13, mr14, mr15}, {mb0, mb1},
                {acc48, acc49, acc50, acc51};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc52, acc53, acc54, acc55}, {mr12, mr13, mr14, mr15}, {mb2, mb3},
                {acc52, acc53, acc54, acc55};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc56, acc57, acc58, acc59}, {mr12, mr13, mr14, mr15}, {mb4, mb5},
                {acc56, acc57, acc58, acc59};
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {acc60, acc61, acc62, acc63}, {mr12, mr13, mr14, mr15}, {mb6, mb7},
                {acc60, acc61, acc62, acc63};
            """;

    /// <summary>A of the first half of a slab to 7 bits of mantissa, depths k and k + 8 in a register.</summary>
    public const string PackFirst = """
            cvt.rn.bf16x2.f32 mr0, ma2, ma0; cvt.rn.bf16x2.f32 mr1, ma3, ma1; cvt.rn.bf16x2.f32 mr4, ma6, ma4;
            cvt.rn.bf16x2.f32 mr5, ma7, ma5; cvt.rn.bf16x2.f32 mr8, ma10, ma8; cvt.rn.bf16x2.f32 mr9, ma11, ma9;
            cvt.rn.bf16x2.f32 mr12, ma14, ma12; cvt.rn.bf16x2.f32 mr13, ma15, ma13;
            """;

    /// <summary>A of the second half of a slab to 7 bits of mantissa, depths k and k + 8 in a register.</summary>
    public const string PackSecond = """
            cvt.rn.bf16x2.f32 mr2, ma2, ma0; cvt.rn.bf16x2.f32 mr3, ma3, ma1; cvt.rn.bf16x2.f32 mr6, ma6, ma4;
            cvt.rn.bf16x2.f32 mr7, ma7, ma5; cvt.rn.bf16x2.f32 mr10, ma10, ma8; cvt.rn.bf16x2.f32 mr11, ma11, ma9;
            cvt.rn.bf16x2.f32 mr14, ma14, ma12; cvt.rn.bf16x2.f32 mr15, ma15, ma13;
            """;

    /// <summary>B, rounded likewise, 32 columns at a time, and the product of a whole slab as bfloat16.</summary>
    public const string MultiplyBFloat16 = """
            ld.shared.v4.b32 {mb0, mb1, mb2, mb3}, [%0+0]; ld.shared.v4.b32 {mb4, mb5, mb6, mb7}, [%0+2304];
            ld.shared.v4.b32 {mb8, mb9, mb10, mb11}, [%0+1152]; ld.shared.v4.b32 {mb12, mb13, mb14, mb15}, [%0+3456];
            cvt.rn.bf16x2.f32 mn0, mb4, mb0; cvt.rn.bf16x2.f32 mn1, mb12, mb8;
            cvt.rn.bf16x2.f32 mn2, mb5, mb1; cvt.rn.bf16x2.f32 mn3, mb13, mb9;
            cvt.rn.bf16x2.f32 mn4, mb6, mb2; cvt.rn.bf16x2.f32 mn5, mb14, mb10;
            cvt.rn.bf16x2.f32 mn6, mb7, mb3; cvt.rn.bf16x2.f32 mn7, mb15, mb11;
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc0, acc1, acc2, acc3}, {mr0, mr1, mr2, mr3}, {mn0, mn1},
                {acc0, acc1, acc2, acc3};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc16, acc17, acc18, acc19}, {mr4, mr5, mr6, mr7}, {mn0, mn1},
                {acc16, acc17, acc18, acc19};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc32, acc33, acc34, acc35}, {mr8, mr9, mr10, mr11}, {mn0, mn1},
                {acc32, acc33, acc34, acc35};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc48, acc49, acc50, acc51}, {mr12, mr13, mr14, mr15}, {mn0, mn1},
                {acc48, acc49, acc50, acc51};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc4, acc5, acc6, acc7}, {mr0, mr1, mr2, mr3}, {mn2, mn3},
                {acc4, acc5, acc6, acc7};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc20, acc21, acc22, acc23}, {mr4, mr5, mr6, mr7}, {mn2, mn3},
                {acc20, acc21, acc22, acc23};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc36, acc37, acc38, acc39}, {mr8, mr9, mr10, mr11}, {mn2, mn3},
                {acc36, acc37, acc38, acc39};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc52, acc53, acc54, acc55}, {mr12, mr13, mr14, mr15}, {mn2, mn3},
                {acc52, acc53, acc54, acc55};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc8, acc9, acc10, acc11}, {mr0, mr1, mr2, mr3}, {mn4, mn5},
                {acc8, acc9, acc10, acc11};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc24, acc25, acc26, acc27}, {mr4, mr5, mr6, mr7}, {mn4, mn5},
                {acc24, acc25, acc26, acc27};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc40, acc41, acc42, acc43}, {mr8, mr9, mr10, mr11}, {mn4, mn5},
                {acc40, acc41, acc42, acc43};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc56, acc57, acc58, acc59}, {mr12, mr13, mr14, mr15}, {mn4, mn5},
                {acc56, acc57, acc58, acc59};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc12, acc13, acc14, acc15}, {mr0, mr1, mr2, mr3}, {mn6, mn7},
                {acc12, acc13, acc14, acc15};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc28, acc29, acc30, acc31}, {mr4, mr5, mr6, mr7}, {mn6, mn7},
                {acc28, acc29, acc30, acc31};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc44, acc45, acc46, acc47}, {mr8, mr9, mr10, mr11}, {mn6, mn7},
                {acc44, acc45, acc46, acc47};
            mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {acc60, acc61, acc62, acc63}, {mr12, mr13, mr14, mr15}, {mn6, mn7},
                {acc60, acc61, acc62, acc63};
            """;

    /// <summary>C of an A that runs along the depth.</summary>
    public const string ResultRows = """
            st.shared.v4.f32 [%0+0], {acc0, acc4, acc8, acc12}; st.shared.v4.f32 [%0+16], {acc1, acc5, acc9, acc13};
            st.shared.v4.f32 [%0+2304], {acc2, acc6, acc10, acc14}; st.shared.v4.f32 [%0+2320], {acc3, acc7, acc11, acc15};
            st.shared.v4.f32 [%0+4608], {acc16, acc20, acc24, acc28}; st.shared.v4.f32 [%0+4624], {acc17, acc21, acc25, acc29};
            st.shared.v4.f32 [%0+6912], {acc18, acc22, acc26, acc30}; st.shared.v4.f32 [%0+6928], {acc19, acc23, acc27, acc31};
            st.shared.v4.f32 [%0+9216], {acc32, acc36, acc40, acc44}; st.shared.v4.f32 [%0+9232], {acc33, acc37, acc41, acc45};
            st.shared.v4.f32 [%0+11520], {acc34, acc38, acc42, acc46}; st.shared.v4.f32 [%0+11536], {acc35, acc39, acc43, acc47};
            st.shared.v4.f32 [%0+13824], {acc48, acc52, acc56, acc60}; st.shared.v4.f32 [%0+13840], {acc49, acc53, acc57, acc61};
            st.shared.v4.f32 [%0+16128], {acc50, acc54, acc58, acc62}; st.shared.v4.f32 [%0+16144], {acc51, acc55, acc59, acc63};
            """;

    /// <summary>C of an A that runs along the rows.</summary>
    public const string ResultDepths = """
            st.shared.v4.f32 [%0+0], {acc0, acc4, acc8, acc12}; st.shared.v4.f32 [%0+16], {acc1, acc5, acc9, acc13};
            st.shared.v4.f32 [%0+288], {acc2, acc6, acc10, acc14}; st.shared.v4.f32 [%0+304], {acc3, acc7, acc11, acc15};
            st.shared.v4.f32 [%0+576], {acc16, acc20, acc24, acc28}; st.shared.v4.f32 [%0+592], {acc17, acc21, acc25, acc29};
            st.shared.v4.f32 [%0+864], {acc18, acc22, acc26, acc30}; st.shared.v4.f32 [%0+880], {acc19, acc23, acc27, acc31};
            st.shared.v4.f32 [%0+9216], {acc32, acc36, acc40, acc44}; st.shared.v4.f32 [%0+9232], {acc33, acc37, acc41, acc45};
            st.shared.v4.f32 [%0+9504], {acc34, acc38, acc42, acc46}; st.shared.v4.f32 [%0+9520], {acc35, acc39, acc43, acc47};
            st.shared.v4.f32 [%0+9792], {acc48, acc52, acc56, acc60}; st.shared.v4.f32 [%0+9808], {acc49, acc53, acc57, acc61};
            st.shared.v4.f32 [%0+10080], {acc50, acc54, acc58, acc62}; st.shared.v4.f32 [%0+10096], {acc51, acc55, acc59, acc63};
            """;
}
