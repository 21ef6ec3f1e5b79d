namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Two threads, one place, and nothing that says who comes first.</summary>
public sealed class RaceTests
{
    private const string Shared = ".shared .align 4 .b8 cells[1024];";

    /// <summary>%r6 is the thread's own cell, %r7 its right neighbour's.</summary>
    private const string Cells = "shl.b32 %r6, %r1, 2; mov.b32 %r8, cells; add.s32 %r6, %r6, %r8; add.s32 %r7, %r6, 4;";

    [Theory]
    [InlineData("st.shared.b32 [%r6], %r3; ld.shared.b32 %r9, [%r7+-8];", 2)]
    [InlineData("st.shared.b32 [cells], %r3;", 2)]
    [InlineData("st.shared.b32 [%r6], %r3; bar.sync 0; ld.shared.b32 %r9, [cells]; st.shared.b32 [%r6], %r3;", 2)]
    [InlineData("st.shared.b32 [%r6], %r3; bar.sync 0; ld.shared.b32 %r9, [cells]; st.shared.b32 [%r6], %r3;", 64)]
    [InlineData("st.shared.b32 [%r6], %r3; setp.eq.s32 %p1, %r1, 40; @%p1 ld.shared.b32 %r9, [cells];", 64)]
    public void In_shared_memory(string body, int threads)
    {
        MachineFault fault = Piece.Fault(Piece.Kernel(Cells + Skip(body), declarations: Shared), threads);
        Assert.StartsWith("a race in shared memory", fault.Wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("st.shared.b32 [%r6], %r3; bar.sync 0; ld.shared.b32 %r9, [cells]; bar.sync 0; st.shared.b32 [%r6], %r3;")]
    [InlineData("st.shared.b32 [%r6], %r3; ld.shared.b32 %r9, [%r6]; st.shared.b32 [%r6], %r9;")]
    [InlineData("setp.eq.s32 %p1, %r1, 0; @%p1 st.shared.b32 [cells], %r3; bar.sync 0; ld.shared.b32 %r9, [cells];")]
    public void Barriers_order_a_group(string body) => Piece.Run(Piece.Kernel(Cells + body, declarations: Shared), new uint[64], 64);

    [Theory]
    [InlineData("st.global.b32 [%rd1], %r3;", 2, 1)]
    [InlineData("st.global.b32 [%rd1], %r3;", 1, 2)]
    [InlineData("st.global.b32 [%rd3], %r3; ld.global.b32 %r9, [%rd1];", 1, 2)]
    [InlineData("ld.global.b32 %r9, [%rd1]; setp.eq.s32 %p1, %r2, 1; @%p1 st.global.b32 [%rd1], %r3;", 1, 3)]
    [InlineData("ld.global.b32 %r9, [%rd1+8]; st.global.b32 [%rd3], %r3;", 1, 3)]
    [InlineData("st.global.b32 [%rd3], %r3; bar.sync 0; ld.global.b32 %r9, [%rd1];", 1, 2)]
    public void In_global_memory(string body, int threads, int groups)
    {
        MachineFault fault = Piece.Fault(Piece.Kernel(body), threads, groups);
        Assert.StartsWith("a race in global memory", fault.Wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("st.global.b32 [%rd3], %r3; bar.sync 0; ld.global.b32 %r9, [%rd1];", 64, 1)]
    [InlineData("ld.global.b32 %r9, [%rd2]; st.global.b32 [%rd3], %r9;", 16, 4)]
    public void What_is_ordered_or_only_read_is_none(string body, int threads, int groups) =>
        Piece.Run(Piece.Kernel(body), new uint[64], threads, groups);

    [Fact]
    public void Neighbouring_bytes_are_not_the_same_place()
    {
        PtxKernel kernel = Piece.Kernel("cvt.u64.u32 %rd6, %r1; add.u64 %rd6, %rd1, %rd6; st.global.b8 [%rd6], %r1;");
        Assert.Equal([0x0302_0100u, 0x0706_0504, uint.MaxValue], Piece.Run(kernel, [0, 0, 0, 0, 0, 0, 0, 0], 8)[..3]);
    }

    [Fact]
    public void The_same_byte_is()
    {
        PtxKernel kernel = Piece.Kernel("st.global.b32 [%rd3], %r1; st.global.b8 [%rd1+5], %r1;");
        Assert.StartsWith("a race in global memory", Piece.Fault(kernel, 4).Wrong, StringComparison.Ordinal);
    }

    /// <summary>The first thread has no left neighbour.</summary>
    private static string Skip(string body) =>
        body.Replace("ld.shared.b32 %r9, [%r7+-8]", "setp.gt.s32 %p2, %r1, 0; @%p2 ld.shared.b32 %r9, [%r7+-8]", StringComparison.Ordinal);
}
