namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Instructions of one thread, above all where PTX differs from C#.</summary>
public sealed class ArithmeticTests
{
    [Theory]
    [InlineData("add.s32 %r6, %r3, 5;", 0xFFFF_FFFEu, 3u)]
    [InlineData("sub.s32 %r6, 3, %r3;", 5u, 0xFFFF_FFFEu)]
    [InlineData("mul.lo.s32 %r6, %r3, %r3;", 0x1_0001u, 0x2_0001u)]
    [InlineData("mul.hi.u32 %r6, %r3, %r3;", 0xFFFF_FFFFu, 0xFFFF_FFFEu)]
    [InlineData("mul.hi.s32 %r6, %r3, %r3;", 0xFFFF_FFFFu, 0u)]
    [InlineData("mul.wide.u32 %rd6, %r3, %r3; shr.u64 %rd6, %rd6, 32; cvt.u32.u64 %r6, %rd6;", 0xFFFF_FFFFu, 0xFFFF_FFFEu)]
    [InlineData("mul.wide.s32 %rd6, %r3, %r3; shr.u64 %rd6, %rd6, 32; cvt.u32.u64 %r6, %rd6;", 0xFFFF_FFFFu, 0u)]
    [InlineData("div.s32 %r6, %r3, 3;", 0xFFFF_FFF9u, 0xFFFF_FFFEu)]
    [InlineData("rem.s32 %r6, %r3, 3;", 0xFFFF_FFF9u, 0xFFFF_FFFFu)]
    [InlineData("div.u32 %r6, %r3, 3;", 0xFFFF_FFF9u, 0x5555_5553u)]
    [InlineData("div.s32 %r6, %r3, -1;", 0x8000_0000u, 0x8000_0000u)]
    [InlineData("shl.b32 %r6, 1, %r3;", 31u, 0x8000_0000u)]
    [InlineData("shl.b32 %r6, 1, %r3;", 32u, 0u)]
    [InlineData("shr.s32 %r6, -8, %r3;", 33u, 0xFFFF_FFFFu)]
    [InlineData("shr.u32 %r6, -8, %r3;", 33u, 0u)]
    [InlineData("max.s32 %r6, %r3, 0;", 0xFFFF_FFFFu, 0u)]
    [InlineData("max.u32 %r6, %r3, 0;", 0xFFFF_FFFFu, 0xFFFF_FFFFu)]
    [InlineData("not.b32 %r6, %r3;", 5u, 0xFFFF_FFFAu)]
    [InlineData("cvt.s64.s32 %rd6, %r3; shr.s64 %rd6, %rd6, 32; cvt.u32.u64 %r6, %rd6;", 0x8000_0000u, 0xFFFF_FFFFu)]
    [InlineData("cvt.u64.u32 %rd6, %r3; shr.s64 %rd6, %rd6, 32; cvt.u32.u64 %r6, %rd6;", 0x8000_0000u, 0u)]
    [InlineData("cvt.u8.u32 %r6, %r3;", 0x1FFu, 0xFFu)]
    [InlineData("cvt.s8.s32 %r6, %r3;", 0x1FFu, 0xFFFF_FFFFu)]
    public void Integers(string body, uint input, uint expected) => Assert.Equal(expected, Result(body, input));

    [Theory]
    [InlineData("add.ftz.f32 %f6, %f1, 0f00000000;", 1e-40f, 0f)]
    [InlineData("add.f32 %f6, %f1, 0f00000000;", 1e-40f, 1e-40f)]
    [InlineData("mul.ftz.f32 %f6, %f1, 0f3F000000;", 1.2e-38f, 0f)]
    [InlineData("max.f32 %f6, %f1, 0f3F800000;", float.NaN, 1f)]
    [InlineData("min.f32 %f6, 0f3F800000, %f1;", float.NaN, 1f)]
    [InlineData("div.approx.ftz.f32 %f6, 0f40000000, %f1;", 4f, 0.5f)]
    [InlineData("div.approx.ftz.f32 %f6, 0f7E800000, %f1;", 2e38f, 0f)]
    [InlineData("div.rn.f32 %f6, 0f7E800000, %f1;", 1.7014118e38f, 0.5f)]
    [InlineData("rcp.approx.ftz.f32 %f6, %f1;", 0f, float.PositiveInfinity)]
    [InlineData("ex2.approx.ftz.f32 %f6, %f1;", 3f, 8f)]
    [InlineData("lg2.approx.ftz.f32 %f6, %f1;", 8f, 3f)]
    [InlineData("lg2.approx.ftz.f32 %f6, %f1;", 0f, float.NegativeInfinity)]
    [InlineData("sqrt.approx.ftz.f32 %f6, %f1;", 9f, 3f)]
    [InlineData("neg.f32 %f6, %f1;", 2f, -2f)]
    [InlineData("fma.rn.f32 %f6, %f1, %f1, 0fBF800000;", 1.0001221f, 0.000244155526f)]
    [InlineData("cvt.rni.f32.f32 %f6, %f1;", 2.5f, 2f)]
    public void Floats(string body, float input, float expected)
    {
        uint result = Result($"{body} mov.b32 %r6, %f6;", BitConverter.SingleToUInt32Bits(input));
        Assert.Equal(expected, BitConverter.UInt32BitsToSingle(result));
    }

    [Theory]
    [InlineData("cvt.rzi.s32.f32 %r6, %f1;", -2.9f, 0xFFFF_FFFEu)]
    [InlineData("cvt.rzi.s32.f32 %r6, %f1;", 3e9f, 0x7FFF_FFFFu)]
    [InlineData("cvt.rzi.s32.f32 %r6, %f1;", float.NaN, 0u)]
    [InlineData("cvt.rzi.u32.f32 %r6, %f1;", -1f, 0u)]
    [InlineData("cvt.rn.bf16x2.f32 %r6, %f1, %f1;", 1.00390625f, 0x3F80_3F80u)]
    [InlineData("cvt.rn.bf16x2.f32 %r6, %f1, 0f40000000;", 1.01171875f, 0x3F82_4000u)]
    [InlineData("cvt.rna.tf32.f32 %r6, %f1;", 1.00048828125f, 0x3F80_2000u)]
    [InlineData("setp.leu.f32 %p1, %f1, 0f00000000; selp.b32 %r6, 1, 0, %p1;", float.NaN, 1u)]
    [InlineData("setp.le.f32 %p1, %f1, 0f00000000; selp.b32 %r6, 1, 0, %p1;", float.NaN, 0u)]
    [InlineData("setp.ne.f32 %p1, %f1, 0f00000000; selp.b32 %r6, 1, 0, %p1;", float.NaN, 0u)]
    [InlineData("setp.neu.f32 %p1, %f1, 0f00000000; selp.b32 %r6, 1, 0, %p1;", float.NaN, 1u)]
    [InlineData("setp.gt.f32 %p2, %f1, 0f00000000; setp.lt.or.f32 %p1, %f1, 0fC0000000, !%p2; selp.b32 %r6, 1, 0, %p1;", -1f, 1u)]
    [InlineData("testp.infinite.f32 %p1, %f1; selp.b32 %r6, 1, 0, %p1;", float.NegativeInfinity, 1u)]
    [InlineData("testp.notanumber.f32 %p1, %f1; @!%p1 mov.b32 %r6, 7; @%p1 mov.b32 %r6, 8;", 1f, 7u)]
    public void From_a_float_to_a_word(string body, float input, uint expected) =>
        Assert.Equal(expected, Result(body, BitConverter.SingleToUInt32Bits(input)));

    [Fact]
    public void Inner_scopes_have_registers_of_their_own() =>
        Assert.Equal(5u, Result("mov.b32 %r6, 5; { .reg .b32 %r<8>; mov.b32 %r6, 9; }", 0));

    [Theory]
    [InlineData("popc.b32 %r6, %r3;")]
    [InlineData("add.sat.s32 %r6, %r3, %r3;")]
    [InlineData("add.rz.f32 %f6, %f1, %f1;")]
    [InlineData("ld.volatile.global.b32 %r6, [%rd1];")]
    [InlineData("bar.sync 1;")]
    public void What_it_does_not_know_it_refuses_with_the_line(string instruction)
    {
        MachineFault fault = Assert.Throws<MachineFault>(() => Piece.Kernel(instruction));
        Assert.Equal(("piece", 13), (fault.Kernel, fault.Line));
        Assert.Contains("not known", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_division_by_zero_is_a_fault() =>
        Assert.Contains("zero", Piece.Fault(Piece.Kernel("div.s32 %r6, %r1, %r3;"), 32).Message, StringComparison.Ordinal);

    /// <summary>What 17 threads, not a whole warp, make of the same input.</summary>
    private static uint Result(string body, uint input)
    {
        uint[] results = Piece.Run(Piece.Kernel($"{body} st.global.b32 [%rd3], %r6;"), [.. Enumerable.Repeat(input, 17)], 17);
        return Assert.Single(results.Distinct());
    }
}
