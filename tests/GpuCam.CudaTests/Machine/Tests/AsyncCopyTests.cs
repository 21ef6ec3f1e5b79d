namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Copies beside the computation: seen only by those who wait for them.</summary>
public sealed class AsyncCopyTests
{
    private const string Shared = ".shared .align 16 .b8 cells[512];";

    /// <summary>Each thread copies four words; %r6 is where they go, %r7 where its neighbour's go.</summary>
    private const string Begin = """
        mov.b32 %r8, cells; shl.b32 %r6, %r1, 4; xor.b32 %r7, %r6, 16; add.s32 %r6, %r6, %r8; add.s32 %r7, %r7, %r8;
        shl.b32 %r9, %r1, 4; cvt.u64.u32 %rd6, %r9; add.u64 %rd6, %rd2, %rd6; cp.async.ca.shared.global [%r6], [%rd6], 16;
        """;

    private const string Second = "cp.async.commit_group; cp.async.ca.shared.global [%r6+256], [%rd6], 16, 8; cp.async.commit_group;";

    private const string End = "ld.shared.b32 %r10, [%r7]; st.global.b32 [%rd3], %r10;";

    [Fact]
    public void What_was_waited_for_is_there()
    {
        uint[] words = [.. Enumerable.Range(0, 64).Select(n => (uint)n)];
        PtxKernel kernel = Piece.Kernel($"{Begin} cp.async.commit_group; cp.async.wait_group 0; bar.sync 0; {End}", declarations: Shared);
        Assert.Equal([4u, 0, 12, 8], Piece.Run(kernel, words, 16)[..4]);
        kernel = Piece.Kernel($"{Begin} cp.async.wait_all; bar.sync 0; {End}", declarations: Shared);
        Assert.Equal([4u, 0, 12, 8], Piece.Run(kernel, words, 16)[..4]);
    }

    [Fact]
    public void What_is_not_read_is_zero()
    {
        uint[] words = [.. Enumerable.Range(0, 64).Select(n => 1 + (uint)n)];
        PtxKernel kernel = Piece.Kernel(
            $"{Begin} {Second} cp.async.wait_group 0; ld.shared.v4.b32 {{%r11, %r12, %r13, %r14}}, [%r6+256]; add.s32 %r14, %r13, %r14; "
                + "shl.b32 %r14, %r14, 16; add.s32 %r14, %r14, %r12; st.global.b32 [%rd3], %r14;", declarations: Shared);
        Assert.Equal([2u, 6, 10, 14], Piece.Run(kernel, words, 16)[..4]);
    }

    [Theory]
    [InlineData($"{Begin} cp.async.commit_group; bar.sync 0; {End}")]
    [InlineData($"{Begin} cp.async.wait_group 0; bar.sync 0; {End}")]
    [InlineData($"{Begin} {Second} cp.async.wait_group 2; bar.sync 0; {End}")]
    [InlineData($"{Begin} {Second} cp.async.wait_group 1; bar.sync 0; ld.shared.b32 %r10, [%r7+256];")]
    [InlineData($"{Begin} st.shared.b32 [%r6+4], %r3;")]
    [InlineData($"{Begin} cp.async.ca.shared.global [%r6], [%rd6], 16;")]
    public void Without_a_wait(string body) => Assert.Contains(
        "has not waited for", Piece.Fault(Piece.Kernel(body, declarations: Shared), 16).Wrong, StringComparison.Ordinal);

    [Fact]
    public void The_last_but_one_may_be_used_while_the_last_is_under_way() =>
        Piece.Run(Piece.Kernel($"{Begin} {Second} cp.async.wait_group 1; bar.sync 0; {End}", declarations: Shared), new uint[64], 16);

    [Theory]
    [InlineData($"{Begin} cp.async.commit_group; cp.async.wait_group 0; {End}")]
    [InlineData($"{Begin} cp.async.wait_all; bar.sync 0; {End} cp.async.ca.shared.global [%r6], [%rd6], 16;")]
    public void Without_a_barrier(string body) => Assert.StartsWith(
        "a race in shared memory", Piece.Fault(Piece.Kernel(body, declarations: Shared), 16).Wrong, StringComparison.Ordinal);

    [Theory]
    [InlineData("cp.async.ca.shared.global [cells], [%rd2+256], 16;", "not allocated")]
    [InlineData("cp.async.ca.shared.global [cells+512], [%rd2], 16;", "in no array")]
    [InlineData("mov.b32 %r6, 20; cp.async.ca.shared.global [cells], [%rd2], 16, %r6;", "to be read")]
    public void Out_of_bounds(string body, string wrong) =>
        Assert.Contains(wrong, Piece.Fault(Piece.Kernel(body, declarations: Shared), 1).Wrong, StringComparison.Ordinal);

    [Fact]
    public void What_is_not_read_need_not_be_there()
    {
        const string Body = "mov.b32 %r6, 0; cp.async.ca.shared.global [cells], [%rd2+256], 16, %r6;";
        Piece.Run(Piece.Kernel(Body, declarations: Shared), new uint[64], 1);
    }
}
