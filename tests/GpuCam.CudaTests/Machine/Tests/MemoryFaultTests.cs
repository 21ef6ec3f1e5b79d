namespace GpuCam.CudaTests.Machine.Tests;

/// <summary>Accesses that no card allows, or that it allows and should not.</summary>
public sealed class MemoryFaultTests
{
    private const string Shared = ".shared .align 4 .b8 first[128]; .shared .align 4 .b8 second[128];";
    private const string Local = ".local .align 4 .b8 own[8];";

    [Theory]
    [InlineData("ld.global.f32 %f2, [%rd2+256];", 0)]
    [InlineData("ld.global.f32 %f2, [%rd2+-4];", 0)]
    [InlineData("st.global.f32 [%rd3+224], %f1;", 8)]
    [InlineData("mov.b64 %rd6, 0; ld.global.f32 %f2, [%rd6];", 0)]
    [InlineData("add.u64 %rd6, %rd2, 248; ld.global.v4.f32 {%f2, %f3, %f4, %f5}, [%rd6+8];", 0)]
    public void Outside_of_an_allocation(string body, int thread)
    {
        MachineFault fault = Piece.Fault(Piece.Kernel(body), 32);
        Assert.Contains("not allocated", fault.Wrong, StringComparison.Ordinal);
        Assert.Equal(("piece", 13, 0L, thread), (fault.Kernel, fault.Line, fault.Group, fault.Thread));
        Assert.EndsWith(";", $"{fault.Instruction};", StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ld.global.f32 %f2, [%rd2+2];")]
    [InlineData("ld.global.v4.f32 {%f2, %f3, %f4, %f5}, [%rd2+8];")]
    [InlineData("st.shared.v2.b32 [first+4], {%r3, %r3};")]
    [InlineData("cp.async.ca.shared.global [first], [%rd2+4], 16;")]
    [InlineData("ldmatrix.sync.aligned.m8n8.x1.shared.b16 {%r6}, [first+8];")]
    public void Not_at_a_multiple_of_its_size(string body) =>
        Assert.Contains("no multiple", Piece.Fault(Piece.Kernel(body, declarations: Shared), 32).Wrong, StringComparison.Ordinal);

    [Theory]
    [InlineData("st.shared.b32 [first+128], %r3;")]
    [InlineData("st.shared.b32 [second+-4], %r3;")]
    [InlineData("mov.b32 %r6, 0; st.shared.b32 [%r6], %r3;")]
    [InlineData("mov.b32 %r6, dynamic; st.shared.b32 [%r6+64], %r3;")]
    public void Outside_of_an_array_in_shared_memory(string body) =>
        Assert.Contains("in no array", Piece.Fault(
            Piece.Kernel(body, ".extern .shared .align 16 .b8 dynamic[];", Shared), 1, dynamicBytes: 64).Wrong, StringComparison.Ordinal);

    [Fact]
    public void More_shared_memory_than_a_group_has()
    {
        PtxKernel kernel = Piece.Kernel("", ".extern .shared .align 16 .b8 dynamic[];", Shared);
        Assert.Equal(256, kernel.StaticSharedBytes);
        Piece.Run(kernel, new uint[1], 1, dynamicBytes: (48 << 10) - 256);
        Assert.Throws<MachineFault>(() => Piece.Run(kernel, new uint[1], 1, dynamicBytes: (48 << 10) - 252));
    }

    [Fact]
    public void Shared_memory_that_was_never_written() => Assert.Contains(
        "never written", Piece.Fault(Piece.Kernel("ld.shared.f32 %f2, [first];", declarations: Shared), 1).Wrong, StringComparison.Ordinal);

    [Fact]
    public void The_next_group_does_not_find_what_the_last_one_left() => Assert.Contains(
        "group 1, thread 0: shared memory", Piece.Fault(
            Piece.Kernel("setp.eq.s32 %p1, %r2, 0; @%p1 st.shared.b32 [first], %r3; ld.shared.f32 %f2, [first];", declarations: Shared),
            1, groups: 2).Message, StringComparison.Ordinal);

    [Fact]
    public void Outside_of_local_memory() => Assert.Contains(
        "of 8", Piece.Fault(Piece.Kernel("st.local.b32 [own+8], %r3;", declarations: Local), 3).Wrong, StringComparison.Ordinal);

    [Fact]
    public void Local_memory_is_each_threads_own() => Assert.Equal(
        [0u, 1, 2, 3], Piece.Run(
            Piece.Kernel("st.local.b32 [own+4], %r1; ld.local.b32 %r6, [own+4]; st.global.b32 [%rd3], %r6;", declarations: Local),
            new uint[4], 4));

    [Fact]
    public void Generic_addresses_reach_all_spaces() => Assert.Equal(
        [7u, 8, 9], Piece.Run(
            Piece.Kernel("""
                cvta.global.u64 %rd6, %rd5; ld.b32 %r6, [%rd6]; mov.b64 %rd7, first; cvta.shared.u64 %rd7, %rd7; add.u64 %rd7, %rd7, %rd4;
                st.b32 [%rd7], %r6; ld.b32 %r7, [%rd7]; mov.b64 %rd8, own; cvta.local.u64 %rd8, %rd8; st.b32 [%rd8], %r7;
                ld.b32 %r8, [%rd8]; st.b32 [%rd3], %r8;
                """, declarations: Shared + Local), [7, 8, 9], 3));

    [Fact]
    public void Memory_is_fresh_guarded_and_counted()
    {
        var memory = new DeviceMemory();
        nint address = memory.Allocate(12), other = memory.Allocate(4);
        Assert.Equal(2, memory.Live);
        Assert.Equal(0, address % 256);
        unsafe
        {
            Assert.True(float.IsNaN(((float*)address)[2]));
            memory.Check(address + 4, 8);
            Assert.Throws<MachineFault>(() => memory.Check(address + 4, 9));
            Assert.Throws<MachineFault>(() => memory.Free(address + 4));
            ((byte*)other)[4] = 0;
        }

        Assert.Throws<MachineFault>(() => memory.Free(other));
        memory.Free(address);
        Assert.Throws<MachineFault>(() => memory.Check(address, 4));
        Assert.Equal(0, memory.Live);
    }
}
