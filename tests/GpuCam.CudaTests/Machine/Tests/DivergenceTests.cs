namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Lanes part and meet again; barriers that not all reach; words that promise what is not so.</summary>
public sealed class DivergenceTests
{
    [Fact]
    public void Each_lane_leaves_a_loop_when_it_is_done_and_all_meet_behind_it()
    {
        PtxKernel kernel = Piece.Kernel("""
            mov.b32 %r6, 0; mov.b32 %r7, 0;
            loop: setp.ge.s32 %p1, %r6, %r1; @%p1 bra done; add.s32 %r7, %r7, %r6; add.s32 %r6, %r6, 1; bra loop;
            done: st.global.b32 [%rd3], %r7;
            """);
        uint[] sums = Piece.Run(kernel, new uint[32], 32, 1, 0, out long instructions);
        Assert.Equal([.. Enumerable.Range(0, 32).Select(n => (uint)(n * (n - 1) / 2))], sums);

        // As many rounds as the last lane needs, and what lies around the loop once: 11 + 2 + 31 * 5 + 2 + 2.
        Assert.Equal(11 + 2 + (31 * 5) + 2 + 2, instructions);
    }

    [Fact]
    public void A_block_that_lies_behind_its_successor_is_met_all_the_same()
    {
        PtxKernel kernel = Piece.Kernel("""
            and.b32 %r6, %r1, 1; setp.eq.s32 %p1, %r6, 1; @%p1 bra odd; mov.b32 %r7, 10;
            join: bar.sync 0; st.global.b32 [%rd3], %r7; ret;
            odd: mov.b32 %r7, 11; bra join;
            """);
        Assert.Equal([10u, 11, 10, 11], Piece.Run(kernel, new uint[64], 64)[..4]);
    }

    [Fact]
    public void A_table_of_branches_sends_each_lane_its_way()
    {
        PtxKernel kernel = Piece.Kernel("""
            rem.s32 %r6, %r1, 3; targets: .branchtargets zero, one, two; brx.idx %r6, targets;
            zero: mov.b32 %r7, 5; bra end; one: mov.b32 %r7, 6; bra end; two: mov.b32 %r7, 7;
            end: st.global.b32 [%rd3], %r7;
            """);
        Assert.Equal([5u, 6, 7, 5, 6], Piece.Run(kernel, new uint[5], 5));
        Assert.Contains("label", Piece.Fault(
            Piece.Kernel("targets: .branchtargets end; brx.idx %r1, targets; end: mov.b32 %r6, 0;"), 2).Wrong, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("setp.gt.s32 %p1, %r1, 40; @%p1 ret; bar.sync 0;", 64)]
    [InlineData("setp.gt.s32 %p1, %r1, 31; @%p1 ret; bar.sync 0;", 64)]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 bar.sync 0;", 32)]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 bra other; bar.sync 0; ret; other: bar.sync 0;", 32)]
    [InlineData("setp.gt.s32 %p1, %r1, 31; @%p1 bra other; bar.sync 0; ret; other: bar.sync 0;", 64)]
    [InlineData("setp.gt.s32 %p1, %r1, 31; @%p1 bar.sync 0;", 64)]
    public void A_barrier_that_not_all_threads_reach(string body, int threads)
    {
        MachineFault fault = Piece.Fault(Piece.Kernel(body), threads);
        Assert.Matches("wait|ended", fault.Wrong);
    }

    [Theory]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 bra.uni end; mov.b32 %r6, 1; end: mov.b32 %r6, 1;")]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 ret.uni;")]
    [InlineData("rem.s32 %r6, %r1, 2; targets: .branchtargets zero, one; brx.idx.uni %r6, targets; zero: mov.b32 %r7, 5; one: ret;")]
    public void What_is_called_uniform_and_is_not(string body) =>
        Assert.Matches("lanes 0x", Piece.Fault(Piece.Kernel(body), 32).Wrong);

    [Fact]
    public void What_is_called_uniform_and_is()
    {
        const string Body = "setp.lt.s32 %p1, %r1, 99; @%p1 bra.uni end; mov.b32 %r6, 1; end: mov.b32 %r6, 1; ret.uni;";
        Piece.Run(Piece.Kernel(Body), new uint[64], 64);
    }

    [Theory]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 ret;")]
    [InlineData("setp.gt.s32 %p1, %r1, 5; @%p1 bra end;")]
    public void The_tensor_cores_need_a_whole_warp(string before)
    {
        PtxKernel kernel = Piece.Kernel($$"""
            {{before}} mma.sync.aligned.m16n8k8.row.col.f32.bf16.bf16.f32 {%f2, %f3, %f4, %f5}, {%r6, %r7}, {%r8}, {%f2, %f3, %f4, %f5};
            end: ret;
            """);
        Assert.Matches("wait here|only lanes", Piece.Fault(kernel, 32).Wrong);
    }

    [Fact]
    public void A_group_is_no_larger_than_the_kernel_allows() =>
        Assert.Throws<MachineFault>(() => Piece.Run(Piece.Kernel(""), new uint[1], 1025));
}
