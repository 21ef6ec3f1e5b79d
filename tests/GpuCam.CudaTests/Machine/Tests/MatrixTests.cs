using System.Globalization;

namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>The tensor cores, against plain products and the tables of the PTX ISA.</summary>
public sealed class MatrixTests
{
    /// <summary>Each lane loads its registers as the tables say, from A (16 x depth), B (depth x 8) and C (16 x 8).</summary>
    [Theory]
    [InlineData("m16n8k4", "tf32", 4)]
    [InlineData("m16n8k8", "tf32", 8)]
    [InlineData("m16n8k8", "bf16", 8)]
    [InlineData("m16n8k16", "bf16", 16)]
    public void A_product_of_16x8_is_a_plain_one(string shape, string type, int depth)
    {
        var random = new Random(depth);
        float[] a = Whole(random, 16 * depth), b = Whole(random, depth * 8), c = Whole(random, 16 * 8);
        int perRegister = type == "tf32" ? 1 : 2, registersA = 16 * depth / 32 / perRegister, registersB = depth * 8 / 32 / perRegister;
        var words = new List<uint>();
        for (int lane = 0; lane < 32; lane++)
        {
            int g = lane / 4, t = lane % 4;
            for (int i = 0; i < registersA; i++)
            {
                int row = g + (8 * (i % 2)), part = i / 2;
                words.Add(type == "tf32"
                    ? Bits(a[(row * depth) + t + (4 * part)])
                    : Pair(a[(row * depth) + (2 * t) + (8 * part)], a[(row * depth) + (2 * t) + 1 + (8 * part)]));
            }

            for (int i = 0; i < registersB; i++)
            {
                words.Add(type == "tf32"
                    ? Bits(b[((t + (4 * i)) * 8) + g])
                    : Pair(b[(((2 * t) + (8 * i)) * 8) + g], b[(((2 * t) + 1 + (8 * i)) * 8) + g]));
            }

            int upper = (g * 8) + (2 * t), lower = upper + 64;
            words.AddRange(Piece.Bits(c[upper], c[upper + 1], c[lower], c[lower + 1]));
        }

        int each = registersA + registersB + 4;
        string Names(string register, int first, int count) =>
            string.Join(", ", Enumerable.Range(first, count).Select(i => $"%{register}{i}"));

        string loads = string.Concat(Enumerable.Range(0, registersA + registersB).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"ld.global.b32 %r{10 + i}, [%rd6+{4 * i}];")))
            + string.Concat(Enumerable.Range(0, 4).Select(i =>
                string.Create(CultureInfo.InvariantCulture, $"ld.global.f32 %f{10 + i}, [%rd6+{4 * (registersA + registersB + i)}];")));
        string stores = string.Concat(Enumerable.Range(0, 4).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"st.global.f32 [%rd7+{4 * i}], %f{10 + i};")));
        string sums = Names("f", 10, 4);
        PtxKernel kernel = Piece.Kernel($$"""
            mul.wide.u32 %rd6, %r1, {{4 * each}}; add.u64 %rd7, %rd1, %rd6; add.u64 %rd6, %rd2, %rd6; {{loads}}
            mma.sync.aligned.{{shape}}.row.col.f32.{{type}}.{{type}}.f32 {{{sums}}}, {{{Names("r", 10, registersA)}}},
                {{{Names("r", 10 + registersA, registersB)}}}, {{{sums}}}; {{stores}}
            """);
        float[] results = Piece.Floats(Piece.Run(kernel, [.. words], 32));
        for (int row = 0; row < 16; row++)
        {
            for (int column = 0; column < 8; column++)
            {
                float expected = c[(row * 8) + column];
                for (int k = 0; k < depth; k++)
                {
                    expected += a[(row * depth) + k] * b[(k * 8) + column];
                }

                int lane = ((row % 8) * 4) + (column / 2), register = (2 * (row / 8)) + (column % 2);
                Assert.Equal(expected, results[(lane * each) + register]);
            }
        }
    }

    [Theory]
    [InlineData(1.0009765f, 1f)]
    [InlineData(1.0009766f, 1.0009766f)]
    public void A_factor_in_tf32_loses_its_last_13_bits(float factor, float expected)
    {
        PtxKernel kernel = Piece.Kernel("""
            mov.f32 %f2, 0f00000000; mov.b32 %r6, 0; mov.b32 %r7, 0; and.b32 %r8, %r1, 3; setp.eq.s32 %p1, %r8, 0;
            @%p1 mov.b32 %r6, %r3; @%p1 mov.b32 %r7, 0f3F800000; mov.b32 %r9, 0;
            mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%f2, %f3, %f4, %f5}, {%r6, %r6, %r9, %r9}, {%r7, %r9}, {%f2, %f2, %f2, %f2};
            st.global.f32 [%rd3], %f2;
            """);
        Assert.All(Piece.Floats(Piece.Run(kernel, [.. Enumerable.Repeat(Bits(factor), 32)], 32)), value => Assert.Equal(expected, value));
    }

    /// <summary>1 + 2^-24 + 2^-25 rounds up, and is cut down.</summary>
    [Fact]
    public void A_sum_is_cut_and_not_rounded()
    {
        PtxKernel kernel = Piece.Kernel("""
            mov.f32 %f2, 0f3F800000; mov.b32 %r6, 0f33400000; mov.b32 %r7, 0f3F800000; mov.b32 %r9, 0;
            mma.sync.aligned.m16n8k4.row.col.f32.tf32.tf32.f32 {%f2, %f3, %f4, %f5}, {%r6, %r6}, {%r7}, {%f2, %f2, %f2, %f2};
            st.global.f32 [%rd3], %f2;
            """);
        Assert.All(Piece.Floats(Piece.Run(kernel, new uint[32], 32)), value => Assert.Equal(1.00000012f, value));
    }

    /// <summary>Word w of shared memory holds 2w and 2w + 1 in its halves: row r of matrix m begins at element 64m + 8r.</summary>
    [Theory]
    [InlineData("x1", "", 1)]
    [InlineData("x2", "", 2)]
    [InlineData("x4", "", 4)]
    [InlineData("x1", ".trans", 1)]
    [InlineData("x4", ".trans", 4)]
    public void Matrices_of_8x8_are_dealt_out(string count, string transposed, int matrices)
    {
        string targets = string.Join(", ", Enumerable.Range(20, matrices).Select(i => $"%r{i}"));
        PtxKernel kernel = Piece.Kernel($$"""
            mov.b32 %r6, cells; shl.b32 %r7, %r1, 4; add.s32 %r6, %r6, %r7; shl.b32 %r7, %r1, 3;
            add.s32 %r8, %r7, 0x10000; shl.b32 %r9, %r7, 16; add.s32 %r9, %r9, %r8; mov.b32 %r10, 0x20002;
            shl.b32 %r8, %r7, 16; add.s32 %r8, %r8, %r7; add.s32 %r8, %r8, 0x10000; add.s32 %r9, %r8, %r10; add.s32 %r11, %r9, %r10;
            add.s32 %r12, %r11, %r10; st.shared.v4.b32 [%r6], {%r8, %r9, %r11, %r12}; bar.sync 0;
            ldmatrix.sync.aligned.m8n8.{{count}}{{transposed}}.shared.b16 {{{targets}}}, [%r6];
            st.global.b32 [%rd3], %r{{19 + matrices}};
            """, declarations: ".shared .align 16 .b8 cells[512];");
        uint[] words = Piece.Run(kernel, new uint[32], 32);
        for (int lane = 0; lane < 32; lane++)
        {
            int first = 64 * (matrices - 1), line = lane / 4, pair = 2 * (lane % 4);
            uint low = (uint)(first + (transposed.Length == 0 ? (8 * line) + pair : (8 * pair) + line));
            uint high = low + (transposed.Length == 0 ? 1u : 8u);
            Assert.Equal(low | (high << 16), words[lane]);
        }
    }

    private static float[] Whole(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-7, 8))];

    private static uint Bits(float value) => BitConverter.SingleToUInt32Bits(value);

    private static uint Pair(float low, float high) => (Bits(low) >> 16) | (Bits(high) & 0xFFFF_0000);
}
